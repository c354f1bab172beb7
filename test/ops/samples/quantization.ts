import { bytes, exactly, lengths, positive, sample, stored } from './sample';
import type { Sample } from './sample';

const twelve = [3, 250, 17, 128, 0, 99, 201, 64, 255, 31, 140, 7];
/** A sixteenth off the middle between two roundings, in units of the scale ½. */
const offRounding = [0.53125, -1.0625, 2.96875, -3.5625, 1.53125, 0.03125];

export const quantization: readonly Sample[] = [
  sample('DequantizeLinear', 'one scale', { x: bytes(twelve, [3, 4]), x_scale: exactly([], [0.25]), x_zero_point: bytes([100], []) }),
  sample('DequantizeLinear', 'no zero point', { x: bytes(twelve, [2, 3, 2]), x_scale: exactly([], [0.5]) }),
  sample('DequantizeLinear', 'per channel', { x: bytes(twelve, [2, 3, 2]), x_scale: positive([3]), x_zero_point: bytes([1, 128, 200]) }, { axis: 1 }),
  sample('DequantizeLinear', 'negative axis', { x: bytes(twelve, [3, 4]), x_scale: positive([4]), x_zero_point: bytes([1, 2, 128, 0]) }, { axis: -1 }),
  sample('DequantizeLinear', 'blocks', { x: bytes(twelve, [3, 4]), x_scale: positive([3, 2]), x_zero_point: bytes([1, 2, 128, 0, 7, 9], [3, 2]) },
    { axis: 1, block_size: 2 }),
  sample('DequantizeLinear', 'blocks, the last one short', { x: bytes(twelve.slice(0, 10), [5, 2]), x_scale: positive([2, 2]) }, { axis: 0, block_size: 3 }),
  sample('MatMulInteger', 'zero points', { A: bytes(twelve, [3, 4]), B: bytes(twelve, [4, 3]), a_zero_point: bytes([100], []), b_zero_point: bytes([3], []) }),
  sample(
    'ConvInteger', 'zero points',
    { x: bytes(twelve, [1, 1, 3, 4]), w: bytes([1, 2, 3, 4], [1, 1, 2, 2]), x_zero_point: bytes([9], []), w_zero_point: bytes([0], []) }),
  sample('QLinearMatMul', 'one scale each', {
    a: bytes(twelve, [3, 4]), a_scale: stored([], [0.5]), a_zero_point: bytes([100], []), b: bytes(twelve, [4, 3]), b_scale: stored([], [0.25]),
    b_zero_point: bytes([3], []), y_scale: stored([], [64.3]), y_zero_point: bytes([7], []),
  }),
  sample('QLinearConv', 'bias', {
    x: bytes(twelve, [1, 1, 3, 4]), x_scale: stored([], [0.5]), x_zero_point: bytes([9], []), w: bytes([1, 2, 3, 4], [1, 1, 2, 2]),
    w_scale: stored([], [0.25]), w_zero_point: bytes([0], []), y_scale: stored([], [2.3]), y_zero_point: bytes([7], []), B: lengths([5]),
  }),
  sample('DynamicQuantizeLinear', 'matrix', { x: stored([2, 3], offRounding) }, {}, { outputs: 3, unused: [0, 1, 2] }),
  sample('QuantizeLinear', 'zero point', { x: exactly([2, 3], offRounding), y_scale: exactly([], [0.5]), y_zero_point: bytes([100], []) }),
];
