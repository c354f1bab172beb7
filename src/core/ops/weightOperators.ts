import { Conv } from './convolution';
import type { Fans, ParameterUse, WeightOperator } from './spec';

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Elements of a unit lie together: [units, …]. */
const rowUnits: NonNullable<ParameterUse['units']> = (shape) => ({ inner: product(shape.slice(1)), count: shape[0] ?? 1 });
/** W [K, N]: an output element sums over K. */
const matrixFans = (shape: readonly number[]): Fans => ({ fanIn: shape.at(-2) ?? 1, fanOut: shape.at(-1) ?? 1 });
/** W [M, C/g, k…] (see convolution.ts). */
const convolutionFans: NonNullable<ParameterUse['fans']> = Conv.parameters?.W?.fans ?? (() => null);

/** Operators whose weights are known and that have no rule and no lowering. */
export const weightOperators: readonly WeightOperator[] = [
  {
    op: 'DeformConv', inputs: ['X', 'W', 'offset', 'B', 'mask'],
    parameters: { W: { role: 'kernel', fans: convolutionFans, units: rowUnits }, B: { role: 'bias' } },
  },
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
];
