// A model inside a model has a call before all others, from its own input to its output: it is counted, and not written.

import { referencesIn } from './callOrder';
import type { Argument, TensorReference, Topology } from './topology';
import { isModelClass } from './topology';

/** Whoever reads the outputs of such models, by the calls that are written (keras/src/models/functional.py, "a pre-existing node"). */
export function countedAsWritten(topology: Topology): Topology {
  const read = topology.layers.flatMap(({ calls }) => calls.flatMap(({ args, kwargs }) => [...args, ...kwargs.values()].flatMap(referencesIn)));
  const last = new Map<string, number>();
  for (const { layer, call } of [...read, ...topology.outputs]) last.set(layer, Math.max(call, last.get(layer) ?? 0));
  // Not every version counts it for every class of models: what is beyond the last call tells.
  const shifted = new Set(topology.layers.flatMap(({ name, className, calls }) => (
    isModelClass(className) && calls.length > 0 && (last.get(name) ?? 0) === calls.length ? [name] : [])));
  if (shifted.size === 0) return topology;
  const counted = (tensor: TensorReference): TensorReference => (
    shifted.has(tensor.layer) ? { ...tensor, call: Math.max(0, tensor.call - 1) } : tensor);
  const inside = (argument: Argument): Argument => (
    argument.kind === 'tensor' ? { kind: 'tensor', tensor: counted(argument.tensor) }
      : argument.kind === 'list' ? { kind: 'list', items: argument.items.map(inside) } : argument);
  const layers = topology.layers.map((layer) => ({
    ...layer,
    calls: layer.calls.map(({ args, kwargs }) => ({ args: args.map(inside), kwargs: new Map([...kwargs].map(([name, each]) => [name, inside(each)])) })),
  }));
  return { ...topology, layers, outputs: topology.outputs.map(counted) };
}
