import type { AttributeLiteral } from '../../../src/core/graph/builder';
import { noise, sample } from './sample';
import type { Sample } from './sample';

function transposed(name: string, X: readonly number[], W: readonly number[], attributes: Readonly<Record<string, AttributeLiteral>>, bias = 0): Sample {
  return sample('ConvTranspose', name, { X: noise(X), W: noise(W), ...(bias > 0 ? { B: noise([bias]) } : {}) }, { kernel_shape: W.slice(2), ...attributes });
}

export const transposedConvolution: readonly Sample[] = [
  transposed('1-D', [2, 3, 5], [3, 4, 3], {}, 4),
  transposed('1-D, stride, pads, output padding', [2, 2, 4], [2, 3, 3], { strides: [3], pads: [1, 0], output_padding: [2] }),
  transposed('1-D, dilation', [1, 2, 4], [2, 2, 3], { dilations: [2] }, 2),
  transposed('2-D', [2, 3, 3, 4], [3, 2, 3, 2], {}, 2),
  transposed('2-D, doubling', [2, 2, 3, 4], [2, 3, 2, 2], { strides: [2, 2] }, 3),
  transposed('2-D, doubling with a kernel of 4', [2, 3, 3, 2], [3, 2, 4, 4], { strides: [2, 2], pads: [1, 1, 1, 1] }, 2),
  transposed('2-D, output padding', [1, 2, 3, 4], [2, 2, 3, 3], { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] }, 2),
  transposed('2-D, unequal pads', [1, 2, 4, 4], [2, 3, 3, 4], { strides: [2, 1], pads: [0, 1, 2, 1] }),
  transposed('2-D, dilations and strides', [2, 2, 3, 3], [2, 2, 2, 3], { strides: [3, 2], dilations: [2, 3], pads: [1, 0, 0, 2] }, 2),
  transposed('2-D, groups', [2, 4, 3, 3], [4, 3, 2, 3], { group: 2, strides: [2, 1] }, 6),
  transposed('2-D, depthwise', [2, 3, 3, 4], [3, 1, 3, 3], { group: 3, strides: [2, 2], pads: [1, 1, 1, 1] }, 3),
  transposed('2-D, depthwise, multiplier', [1, 2, 3, 3], [2, 2, 3, 2], { group: 2, dilations: [1, 2] }, 4),
  transposed('2-D, kernel smaller than the stride', [1, 2, 3, 3], [2, 2, 1, 2], { strides: [2, 3] }, 2),
  transposed('2-D, output shape', [1, 2, 3, 3], [2, 2, 3, 3], { strides: [2, 2], output_shape: [6, 5] }, 2),
  transposed('2-D, output shape, SAME_UPPER', [1, 2, 3, 3], [2, 2, 3, 4], { strides: [2, 2], output_shape: [6, 7], auto_pad: 'SAME_UPPER' }),
  transposed('2-D, auto_pad SAME_UPPER', [2, 2, 3, 4], [2, 2, 3, 3], { strides: [2, 2], auto_pad: 'SAME_UPPER' }, 2),
  transposed('2-D, auto_pad SAME_LOWER', [1, 2, 3, 4], [2, 2, 3, 4], { strides: [2, 1], auto_pad: 'SAME_LOWER' }, 2),
  transposed('2-D, auto_pad VALID', [1, 2, 3, 4], [2, 2, 3, 2], { strides: [2, 2], auto_pad: 'VALID' }),
  transposed('3-D', [1, 2, 2, 3, 2], [2, 2, 2, 2, 3], { strides: [2, 1, 2], pads: [1, 0, 0, 0, 1, 1] }, 2),
  sample('ConvTranspose', 'kernel_shape left out', { X: noise([1, 2, 3, 3]), W: noise([2, 2, 3, 3]), B: noise([2]) }, { strides: [2, 2] }),
];
