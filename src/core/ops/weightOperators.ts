import { floatAttribute, intAttribute } from '../graph/graph';
import { Conv } from './convolution';
import type { Fans, ParameterUse, WeightOperator } from './spec';

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Elements of a unit lie together: [units, …]. */
const rowUnits: NonNullable<ParameterUse['units']> = (shape) => ({ inner: product(shape.slice(1)), count: shape[0] ?? 1 });
/** Units are the last axis: […, units]. */
const columnUnits: NonNullable<ParameterUse['units']> = (shape) => ({ inner: 1, count: shape.at(-1) ?? 1 });
/** W [K, N]: an output element sums over K. */
const matrixFans = (shape: readonly number[]): Fans => ({ fanIn: shape.at(-2) ?? 1, fanOut: shape.at(-1) ?? 1 });
/** α scales the sum like α² its variance, and transB swaps the axes, as in Gemm. */
const scaledFans: NonNullable<ParameterUse['fans']> = (shape, node) => {
  const { fanIn, fanOut } = matrixFans(intAttribute(node, 'transB', 0) === 0 ? shape : [...shape].reverse());
  return { fanIn: fanIn * floatAttribute(node, 'alpha', 1) ** 2, fanOut };
};
/** W [M, C/g, k…] (see convolution.ts). */
const convolutionFans: NonNullable<ParameterUse['fans']> = Conv.parameters?.W?.fans ?? (() => null);

const microsoft = 'com.microsoft';

/** Operators whose weights are known and that have no rule: what is integer by its specification, and what ONNX Runtime's tools write. */
export const weightOperators: readonly WeightOperator[] = [
  {
    op: 'DeformConv', inputs: ['X', 'W', 'offset', 'B', 'mask'],
    parameters: { W: { role: 'kernel', fans: convolutionFans, units: rowUnits }, B: { role: 'bias' } },
  },
  { op: 'RMSNormalization', inputs: ['X', 'scale'], parameters: { scale: { role: 'gamma' } } },
  {
    op: 'QLinearConv', inputs: ['x', 'x_scale', 'x_zero_point', 'w', 'w_scale', 'w_zero_point', 'y_scale', 'y_zero_point', 'B'],
    parameters: { w: { role: 'kernel', fans: convolutionFans, quantizedBy: { scale: 'w_scale', zeroPoint: 'w_zero_point', axis: 0 } } },
  },
  {
    op: 'QLinearMatMul', inputs: ['a', 'a_scale', 'a_zero_point', 'b', 'b_scale', 'b_zero_point', 'y_scale', 'y_zero_point'],
    parameters: { b: { role: 'kernel', fans: matrixFans, quantizedBy: { scale: 'b_scale', zeroPoint: 'b_zero_point', axis: 1 } } },
  },
  { op: 'ConvInteger', inputs: ['x', 'w', 'x_zero_point', 'w_zero_point'], parameters: { w: { role: 'kernel', fans: convolutionFans } } },
  { op: 'MatMulInteger', inputs: ['A', 'B', 'a_zero_point', 'b_zero_point'], parameters: { B: { role: 'kernel', fans: matrixFans } } },
  {
    op: 'FusedMatMul', domain: microsoft, inputs: ['A', 'B'],
    parameters: {
      B: { role: 'kernel', fans: scaledFans, units: columnUnits },
    },
  },
  {
    op: 'FusedConv', domain: microsoft, inputs: ['X', 'W', 'B', 'Z'],
    parameters: { W: { role: 'kernel', fans: convolutionFans, units: rowUnits }, B: { role: 'bias' } },
  },
  {
    op: 'FusedGemm', domain: microsoft, inputs: ['A', 'B', 'C'],
    parameters: { B: { role: 'kernel', fans: scaledFans }, C: { role: 'bias' } },
  },
  // weights [input, q + k + v]: three projections side by side.
  {
    op: 'Attention', domain: microsoft, inputs: ['input', 'weights', 'bias'],
    parameters: { weights: { role: 'kernel', fans: (shape) => ({ fanIn: shape.at(-2) ?? 1, fanOut: (shape.at(-1) ?? 3) / 3 }) }, bias: { role: 'bias' } },
  },
  { op: 'BiasGelu', domain: microsoft, inputs: ['A', 'B'], parameters: { B: { role: 'bias' } } },
  { op: 'FastGelu', domain: microsoft, inputs: ['X', 'bias'], parameters: { bias: { role: 'bias' } } },
  {
    op: 'SkipLayerNormalization', domain: microsoft, inputs: ['input', 'skip', 'gamma', 'beta', 'bias'],
    parameters: { gamma: { role: 'gamma' }, beta: { role: 'beta' }, bias: { role: 'bias' } },
  },
  { op: 'SimplifiedLayerNormalization', inputs: ['X', 'scale'], parameters: { scale: { role: 'gamma' } } },
  {
    op: 'SkipSimplifiedLayerNormalization', domain: microsoft, inputs: ['input', 'skip', 'gamma', 'bias'],
    parameters: { gamma: { role: 'gamma' }, bias: { role: 'bias' } },
  },
];
