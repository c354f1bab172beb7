import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { FoundActivation } from './patterns';
import { activationOf } from './patterns';
import { storedSource } from './source';

/** What happens to a layer's output before the next layer reads it. */
export interface Following {
  readonly activation: FoundActivation | null;
  /** The first normalisation on the way to the activation. */
  readonly normalization: Node | null;
  /** The output is multiplied with another computed value: a query, key, value or gate. */
  readonly feedsProduct: boolean;
  /** The output reaches an output of the graph without an activation. */
  readonly isHead: boolean;
}

const normalizations = new Set(['BatchNormalization', 'LayerNormalization', 'InstanceNormalization', 'GroupNormalization', 'RMSNormalization', 'LRN']);
/** Operators that pass a signal on without bending it. */
const passing = new Set([
  ...normalizations, 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Identity', 'Cast', 'Dropout', 'MaxPool', 'AveragePool',
  'GlobalAveragePool', 'GlobalMaxPool', 'Add', 'Sub', 'Sum', 'Concat', 'Slice', 'Split', 'Pad', 'Resize', 'Expand', 'ReduceMean',
]);
/** A signal is followed through at most this many operators: the next layer is nearer in any network. */
const farthest = 64;

export function follow(index: GraphIndex, start: string): Following {
  const outputs = new Set(index.graph.outputs.map((output) => output.name));
  const seen = new Set<string>([start]);
  const queue: { value: string; normalization: Node | null }[] = [{ value: start, normalization: null }];
  let feedsProduct = false;
  let isHead = outputs.has(start);
  let firstNormalization: Node | null = null;
  for (let next = 0; next < queue.length && next < farthest; next++) {
    const here = queue[next];
    if (!here) break;
    const activation = activationOf(index, here.value);
    if (activation) return { activation, normalization: here.normalization, feedsProduct, isHead: false };
    for (const node of index.consumers.get(here.value) ?? []) {
      const scaled = isScaling(index, node, here.value);
      if (node.op === 'MatMul' && node.inputs.every((input) => !storedSource(index, input))) feedsProduct = true;
      if (!passing.has(node.op) && !scaled) continue;
      const normalization = here.normalization ?? (normalizations.has(node.op) ? node : null);
      firstNormalization ??= normalization;
      for (const output of node.outputs) {
        if (output === '' || seen.has(output)) continue;
        seen.add(output);
        if (outputs.has(output)) isHead = true;
        queue.push({ value: output, normalization });
      }
    }
  }
  return { activation: null, normalization: firstNormalization, feedsProduct, isHead };
}

/** Multiplication or division by a stored tensor, as attention scales its scores and layers their branch. */
function isScaling(index: GraphIndex, node: Node, value: string): boolean {
  if (node.op !== 'Mul' && node.op !== 'Div') return false;
  return node.inputs.every((input) => input === value || storedSource(index, input) !== null);
}
