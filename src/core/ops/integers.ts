import type { DType } from '../graph/dtype';
import { Conv } from './convolution';
import type { Fans, OperatorSpec, ParameterUse } from './spec';

/** W [K, N]: an output element sums over K. */
export const matrixFans = (shape: readonly number[]): Fans => ({ fanIn: shape.at(-2) ?? 1, fanOut: shape.at(-1) ?? 1 });
/** W [M, C/g, k…] (see convolution.ts). */
export const convolutionFans: NonNullable<ParameterUse['fans']> = Conv.parameters?.W?.fans ?? (() => null);

/** Products of whole numbers, as quantisers write them: what they are given has been rounded before, where every gradient ends. */
function ofIntegers(
  op: string, inputs: readonly string[], parameters: OperatorSpec['parameters'], type: { typedBy: string } | { outputType: DType },
): OperatorSpec {
  return {
    op, inputs, outputs: ['y'], ...(parameters ? { parameters } : {}), ...type,
    gradient: Object.fromEntries(inputs.map((input) => [input, 'non-differentiable' as const])),
  };
}

export const integerProducts: readonly OperatorSpec[] = [
  ofIntegers('ConvInteger', ['x', 'w', 'x_zero_point', 'w_zero_point'], { w: { role: 'kernel', fans: convolutionFans } }, { outputType: 'int32' }),
  ofIntegers('MatMulInteger', ['A', 'B', 'a_zero_point', 'b_zero_point'], { B: { role: 'kernel', fans: matrixFans } }, { outputType: 'int32' }),
  ofIntegers(
    'QLinearConv', ['x', 'x_scale', 'x_zero_point', 'w', 'w_scale', 'w_zero_point', 'y_scale', 'y_zero_point', 'B'],
    undefined, { typedBy: 'y_zero_point' },
  ),
  ofIntegers(
    'QLinearMatMul', ['a', 'a_scale', 'a_zero_point', 'b', 'b_scale', 'b_zero_point', 'y_scale', 'y_zero_point'],
    undefined, { typedBy: 'y_zero_point' },
  ),
  {
    op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['y', 'y_scale', 'y_zero_point'],
    outputType: (_, output) => (output === 1 ? 'float32' : 'uint8'), gradient: { x: 'non-differentiable' },
  },
];
