import type { DType } from '../graph/dtype';
import type { Graph } from '../graph/graph';
import { loweringOf, specOf } from './registry';

/** Element type of every value, by the operators' entries; an operator without one is taken to keep its first input's. */
export function inferTypes(graph: Graph): ReadonlyMap<string, DType> {
  const types = new Map<string, DType>();
  for (const { name, dtype } of graph.inputs) types.set(name, dtype);
  for (const [name, tensor] of graph.initializers) types.set(name, tensor.dtype);
  for (const node of graph.nodes) {
    const spec = specOf(node) ?? loweringOf(node);
    const declared = spec?.outputType;
    const position = spec?.typedBy === undefined ? 0 : spec.inputs.indexOf(spec.typedBy);
    const inherited = types.get(node.inputs[position] ?? '') ?? 'float32';
    node.outputs.forEach((output, i) => types.set(output, (typeof declared === 'function' ? declared(node, i) : declared) ?? inherited));
  }
  return types;
}
