import { elementCount } from '../graph/dtype';
import type { DType } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import { say } from '../../protocol/words';
import { convolutionFans } from './integers';
import type { PackedBlocks, ParameterUse, WeightOperator } from './spec';

/** Elements of a unit lie together: [units, …]. */
const rowUnits: NonNullable<ParameterUse['units']> = (shape) => ({ inner: elementCount(shape.slice(1)), count: shape[0] ?? 1 });

/** Operators whose weights are known and that have no rule and no lowering. */
export const weightOperators: readonly WeightOperator[] = [
  {
    op: 'DeformConv', inputs: ['X', 'W', 'offset', 'B', 'mask'],
    parameters: { W: { role: 'kernel', fans: convolutionFans, units: rowUnits }, B: { role: 'bias' } },
  },
  // ONNX Runtime's quantiser of language models (ContribOperators.md): B [N, K / block, bytes of a block], two or more numbers to a byte.
  {
    op: 'MatMulNBits', domain: 'com.microsoft', inputs: ['A', 'B', 'scales', 'zero_points', 'g_idx', 'bias'],
    parameters: {
      B: {
        role: 'kernel', fans: (_, node) => ({ fanIn: intAttribute(node, 'K', 1), fanOut: intAttribute(node, 'N', 1) }), packedAs: blocksOfBits,
        keeps: (node) => say('it is quantised to {0} bits in blocks of {1}, which are too few to train from. Reinitialize the float model it was made from, '
          + 'and quantise again', intAttribute(node, 'bits', 4), intAttribute(node, 'block_size', 0)),
      },
      scales: { role: 'frozen', keeps: () => say('it is the scale of a quantised kernel') }, bias: { role: 'bias' },
    },
  },
  // ONNX Runtime's convolutions in blocks of channels, which its optimiser writes where it may.
  {
    op: 'Conv', domain: 'com.microsoft.nchwc', inputs: ['X', 'W', 'B', 'Sum'],
    parameters: {
      W: { role: 'kernel', fans: convolutionFans, keeps: () => blocked }, B: { role: 'bias', keeps: () => blocked },
    },
  },
  ...['ReorderInput', 'ReorderOutput'].map((op) => ({ op, domain: 'com.microsoft.nchwc', inputs: ['X'] })),
];

const narrow: ReadonlyMap<number, DType> = new Map([[2, 'uint2'], [4, 'uint4'], [8, 'uint8']]);

/** [N, blocks, block], from K on filled up; zero is in the middle of the range where nothing else is said. */
function blocksOfBits(shape: readonly number[], node: Node): PackedBlocks | null {
  const [N, K, bits, size] = ['N', 'K', 'bits', 'block_size'].map((name) => intAttribute(node, name, name === 'bits' ? 4 : 0));
  const dtype = narrow.get(bits ?? 0);
  if (!N || !K || !bits || !size || !dtype) return null;
  const blocks = [N, Math.ceil(K / size), size];
  const isAll = elementCount(blocks) * bits === 8 * elementCount(shape);
  return isAll ? { dtype, shape: blocks, used: K, scale: 'scales', zeroPoint: 'zero_points', zero: 2 ** (bits - 1) } : null;
}

const blocked = say('ONNX Runtime has laid its channels out in blocks, for one kind of processor. Take the model it was optimised from');
