// The calls of a network in an order in which everything is made before it is read.

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { Shape } from './signal';
import type { Argument, LayerCall, LayerConfig, TensorReference, Topology } from './topology';

export const keyOf = ({ layer, call }: TensorReference): string => `${layer}/${call}`;

export interface PlacedCall { readonly layer: LayerConfig; readonly call: LayerCall; readonly position: number }

/** Every call behind those whose outputs it reads. */
export function ordered(topology: Topology): readonly PlacedCall[] {
  const all = new Map<string, PlacedCall>(topology.layers.flatMap((layer) => layer.calls.map((call, position) => [`${layer.name}/${position}`,
    { layer, call, position }] as const)));
  const waiting = new Map<string, number>();
  const readers = new Map<string, string[]>();
  for (const [key, { call }] of all) {
    const read = new Set([...call.args, ...call.kwargs.values()].flatMap(referencesIn).map(keyOf).filter((each) => all.has(each)));
    waiting.set(key, read.size);
    for (const each of read) readers.set(each, [...readers.get(each) ?? [], key]);
  }
  const ready = [...waiting].flatMap(([key, count]) => (count === 0 ? [key] : []));
  const result: PlacedCall[] = [];
  for (let key = ready.shift(); key !== undefined; key = ready.shift()) {
    const placed = all.get(key);
    if (placed) result.push(placed);
    for (const reader of readers.get(key) ?? []) {
      const left = (waiting.get(reader) ?? 0) - 1;
      waiting.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  if (result.length < all.size) {
    const some = [...waiting].filter(([, count]) => count > 0).slice(0, 3).map(([key]) => key.replace(/\/\d+$/, ''));
    throw new Failure('broken-file',
      say('{0}: the layers {1} of {2} depend on each other in a circle. Save the model again.', topology.config.file, some.join(', '), topology.name));
  }
  return result;
}

export const referencesIn = (argument: Argument): readonly TensorReference[] => (
  argument.kind === 'tensor' ? [argument.tensor] : argument.kind === 'list' ? argument.items.flatMap(referencesIn) : []);

/** Shapes that readers say the outputs of others have. */
export function statedShapes({ layers }: Topology): ReadonlyMap<string, Shape> {
  const all = layers.flatMap(({ calls }) => calls.flatMap(({ args, kwargs }) => [...args, ...kwargs.values()].flatMap(referencesIn)));
  return new Map(all.flatMap(({ layer, call, output, shape }) => (shape ? [[`${layer}/${call}/${output}`, shape] as const] : [])));
}
