import { intsAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { constantValues, storedSource } from './source';

const farthest = 16;

/** Operators whose output has as many axes as their first input. */
const ranked = new Set([
  'Identity', 'Cast', 'Relu', 'LeakyRelu', 'PRelu', 'Sigmoid', 'HardSigmoid', 'Tanh', 'Clip', 'Elu', 'Selu', 'Swish', 'HardSwish', 'Mish', 'Softplus',
  'Softsign', 'Gelu', 'BatchNormalization', 'MaxPool', 'AveragePool', 'GlobalAveragePool', 'GlobalMaxPool', 'Dropout', 'Pad', 'Concat', 'Slice',
  'LayerNormalization', 'InstanceNormalization', 'Softmax', 'Resize', 'DepthToSpace',
]);

/** How many axes a signal has, as far as the operators before it tell; null where they do not. */
export function rankOf(index: GraphIndex, value: string, steps = 0): number | null {
  const node = index.producer.get(value);
  const [a = '', b = ''] = node?.inputs ?? [];
  if (!node || steps > farthest) return index.graph.inputs.find(({ name }) => name === value)?.shape?.length ?? null;
  switch (node.op) {
    case 'Conv': case 'ConvTranspose': return storedSource(index, b)?.shape.length ?? rankOf(index, a, steps + 1);
    case 'Gemm': return 2;
    case 'Transpose': return intsAttribute(node, 'perm')?.length ?? rankOf(index, a, steps + 1);
    case 'Reshape': return constantValues(index, b)?.length ?? null;
    case 'Squeeze': case 'Unsqueeze': {
      const [rank, axes] = [rankOf(index, a, steps + 1), constantValues(index, b)];
      return rank !== null && axes ? rank + (node.op === 'Squeeze' ? -axes.length : axes.length) : null;
    }
    // Two signals that are added have as many axes.
    case 'Add': case 'Sub': case 'Mul': case 'Div': return rankOf(index, storedSource(index, a) ? b : a, steps + 1);
    default: return ranked.has(node.op) ? rankOf(index, a, steps + 1) : null;
  }
}
