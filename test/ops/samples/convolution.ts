import type { AttributeLiteral } from '../../../src/core/graph/builder';
import { noise, sample } from './sample';
import type { Sample } from './sample';

function conv(name: string, X: readonly number[], W: readonly number[], attributes: Readonly<Record<string, AttributeLiteral>>, bias = false): Sample {
  const [filters = 1, , ...kernel] = W;
  return sample('Conv', name, { X: noise(X), W: noise(W), ...(bias ? { B: noise([filters]) } : {}) }, { kernel_shape: kernel, ...attributes });
}

export const convolution: readonly Sample[] = [
  conv('1-D', [2, 3, 7], [4, 3, 3], {}, true),
  conv('1-D, stride and pads', [2, 2, 8], [3, 2, 3], { strides: [2], pads: [1, 2] }),
  conv('1-D, dilation', [1, 2, 9], [2, 2, 3], { dilations: [3] }, true),
  conv('1-D, causal', [2, 2, 6], [2, 2, 3], { pads: [4, 0], dilations: [2] }),
  conv('2-D', [2, 3, 5, 6], [4, 3, 3, 2], {}, true),
  conv('2-D, same', [2, 2, 4, 5], [3, 2, 3, 3], { pads: [1, 1, 1, 1] }),
  conv('2-D, stride leaves a rest', [2, 2, 6, 7], [3, 2, 3, 3], { strides: [2, 3] }),
  conv('2-D, stride, unequal pads', [1, 2, 6, 5], [2, 2, 3, 2], { strides: [2, 1], pads: [1, 0, 2, 1] }, true),
  conv('2-D, dilations', [1, 2, 7, 8], [2, 2, 2, 3], { dilations: [3, 2], pads: [1, 2, 0, 1] }),
  conv('2-D, dilations and strides', [2, 1, 9, 8], [2, 1, 3, 2], { dilations: [2, 3], strides: [3, 2], pads: [2, 1, 1, 0] }),
  conv('2-D, groups', [2, 4, 4, 5], [6, 2, 2, 3], { group: 2, pads: [0, 1, 0, 1] }, true),
  conv('2-D, groups, strides', [2, 6, 5, 5], [3, 2, 3, 3], { group: 3, strides: [2, 2], pads: [1, 1, 1, 1] }),
  conv('depthwise', [2, 3, 5, 4], [3, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1] }, true),
  conv('depthwise, multiplier, strides', [2, 3, 6, 5], [6, 1, 3, 2], { group: 3, strides: [2, 2] }),
  conv('depthwise, dilations', [1, 2, 7, 6], [2, 1, 3, 2], { group: 2, dilations: [2, 3] }),
  conv('depthwise 1-D', [2, 4, 6], [4, 1, 3], { group: 4, pads: [2, 0] }),
  conv('pointwise', [2, 4, 3, 2], [3, 4, 1, 1], {}, true),
  conv('pointwise, strides', [2, 2, 5, 4], [3, 2, 1, 1], { strides: [2, 2] }),
  conv('pointwise, pads', [2, 2, 3, 3], [2, 2, 1, 1], { pads: [1, 0, 1, 2] }),
  conv('many positions', [1, 2, 16, 17], [3, 2, 3, 2], { pads: [1, 0, 1, 1], dilations: [1, 2] }, true),
  conv('many positions, groups', [1, 4, 15, 16], [6, 2, 3, 3], { pads: [1, 1, 1, 1], group: 2 }),
  conv('many positions, depthwise, multiplier', [1, 2, 15, 17], [4, 1, 3, 3], { pads: [0, 1, 2, 1], group: 2 }),
  conv('many positions, padded beyond the kernel', [1, 1, 15, 15], [2, 1, 2, 2], { pads: [2, 2, 2, 2] }),
  conv('kernel as large as the input', [2, 2, 3, 4], [3, 2, 3, 4], {}, true),
  conv('one channel, one filter', [2, 1, 4, 4], [1, 1, 2, 2], { strides: [2, 2] }),
  conv('auto_pad SAME_UPPER', [2, 2, 5, 6], [2, 2, 2, 3], { auto_pad: 'SAME_UPPER' }),
  conv('auto_pad SAME_UPPER, strides', [1, 2, 6, 7], [2, 2, 3, 2], { auto_pad: 'SAME_UPPER', strides: [2, 3] }),
  conv('auto_pad SAME_LOWER', [1, 2, 5, 6], [2, 2, 2, 4], { auto_pad: 'SAME_LOWER', strides: [2, 1] }, true),
  conv('auto_pad VALID', [1, 2, 5, 6], [2, 2, 2, 3], { auto_pad: 'VALID', strides: [2, 2] }),
  conv('3-D', [1, 2, 3, 4, 3], [2, 2, 2, 2, 2], { strides: [1, 2, 1], pads: [1, 0, 0, 0, 1, 1] }, true),
  conv('3-D, depthwise', [1, 2, 3, 3, 4], [2, 1, 2, 2, 2], { group: 2 }),
  sample('Conv', 'kernel_shape left out', { X: noise([1, 2, 5, 5]), W: noise([2, 2, 3, 3]), B: noise([2]) }, { pads: [1, 1, 1, 1] }),
];
