import type { AttributeLiteral } from '../../../src/core/graph/builder';
import { awayFrom, distinct, ints, noise, sample } from './sample';
import type { Sample } from './sample';

type Attributes = Readonly<Record<string, AttributeLiteral>>;

/** What both poolings are tried with: name, input, attributes. */
const windows: readonly (readonly [string, readonly number[], Attributes])[] = [
  ['1-D', [2, 3, 8], { kernel_shape: [2], strides: [2] }],
  ['1-D, overlapping, pads', [2, 2, 7], { kernel_shape: [3], strides: [2], pads: [1, 1] }],
  ['2-D', [2, 2, 4, 6], { kernel_shape: [2, 2], strides: [2, 2] }],
  ['2-D, overlapping', [2, 2, 5, 6], { kernel_shape: [3, 3], strides: [1, 2] }],
  ['2-D, stride defaults to 1', [1, 2, 4, 4], { kernel_shape: [2, 3] }],
  ['2-D, pads', [2, 2, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['2-D, unequal pads', [1, 2, 5, 6], { kernel_shape: [3, 2], strides: [2, 3], pads: [0, 1, 2, 0] }],
  ['2-D, strides leave a rest', [1, 2, 6, 7], { kernel_shape: [2, 2], strides: [3, 2] }],
  ['2-D, ceil_mode', [1, 2, 6, 7], { kernel_shape: [3, 2], strides: [2, 2], ceil_mode: 1 }],
  ['2-D, ceil_mode, pads', [2, 1, 6, 6], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], ceil_mode: 1 }],
  ['2-D, auto_pad SAME_UPPER', [1, 2, 5, 6], { kernel_shape: [3, 2], strides: [2, 2], auto_pad: 'SAME_UPPER' }],
  ['2-D, auto_pad SAME_LOWER', [1, 2, 5, 6], { kernel_shape: [2, 4], strides: [1, 2], auto_pad: 'SAME_LOWER' }],
  ['2-D, auto_pad VALID', [1, 1, 5, 6], { kernel_shape: [2, 2], strides: [2, 2], auto_pad: 'VALID' }],
  ['2-D, dilations', [1, 2, 7, 6], { kernel_shape: [2, 3], dilations: [3, 2], strides: [2, 1] }],
  ['2-D, dilations, pads', [2, 1, 6, 6], { kernel_shape: [2, 2], dilations: [2, 2], pads: [1, 0, 1, 1] }],
  ['3-D', [1, 2, 4, 3, 4], { kernel_shape: [2, 2, 2], strides: [2, 1, 2] }],
];

const counted: readonly (readonly [string, readonly number[], Attributes])[] = [
  ['count_include_pad', [2, 2, 5, 5], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1 }],
  ['count_include_pad, 1-D', [1, 2, 6], { kernel_shape: [3], pads: [2, 1], count_include_pad: 1 }],
  ['count_include_pad, unequal pads', [1, 1, 5, 6], { kernel_shape: [3, 2], strides: [2, 3], pads: [0, 1, 2, 0], count_include_pad: 1 }],
  ['count_include_pad, ceil_mode', [1, 2, 6, 6], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], count_include_pad: 1, ceil_mode: 1 }],
  ['count_include_pad, ceil_mode, no pads', [1, 1, 6, 7], { kernel_shape: [3, 2], strides: [2, 2], count_include_pad: 1, ceil_mode: 1 }],
  ['count_include_pad, auto_pad', [1, 2, 5, 6], { kernel_shape: [3, 2], strides: [2, 2], auto_pad: 'SAME_UPPER', count_include_pad: 1 }],
  ['count_include_pad, dilations', [2, 1, 6, 6], { kernel_shape: [2, 2], dilations: [2, 3], pads: [1, 0, 1, 1], count_include_pad: 1 }],
];

export const pooling: readonly Sample[] = [
  ...windows.map(([name, shape, attributes]) => sample('MaxPool', name, { X: distinct(shape) }, attributes)),
  sample('MaxPool', 'Indices already named', { X: distinct([1, 2, 4, 4]) }, { kernel_shape: [2, 2], strides: [2, 2] }, { outputs: 2, unused: [1] }),
  sample('MaxPool', 'storage_order', { X: distinct([2, 2, 4, 5]) }, { kernel_shape: [2, 2], strides: [1, 2], storage_order: 1 }),
  ...[...windows, ...counted].map(([name, shape, attributes]) => sample('AveragePool', name, { X: noise(shape) }, attributes)),
  ...windows.map(([name, shape, attributes]) => sample('LpPool', name, { X: awayFrom(shape, [0]) }, attributes)),
  sample('LpPool', 'order 1', { X: awayFrom([1, 2, 4, 5], [0]) }, { kernel_shape: [2, 2], p: 1 }),
  sample('LpPool', 'order 3', { X: awayFrom([2, 1, 5, 4], [0]) }, { kernel_shape: [3, 2], strides: [2, 1], p: 3 }),
  sample('GlobalLpPool', 'default', { X: awayFrom([2, 3, 2, 3], [0]) }),
  sample('GlobalLpPool', 'order 1', { X: awayFrom([2, 2, 5], [0]) }, { p: 1 }),
  sample('GlobalLpPool', 'order 3', { X: awayFrom([1, 2, 2, 3], [0]) }, { p: 3 }),
  sample('MaxUnpool', '2-D', { X: noise([1, 2, 2, 2]), I: ints([0, 7, 9, 14, 17, 18, 29, 27], [1, 2, 2, 2]) }, { kernel_shape: [2, 2], strides: [2, 2] }),
  sample('MaxUnpool', 'output_shape', { X: noise([1, 1, 2, 2]), I: ints([1, 8, 12, 23], [1, 1, 2, 2]), output_shape: ints([1, 1, 5, 5]) },
    { kernel_shape: [2, 2], strides: [2, 2] }),
  sample('GlobalAveragePool', '2-D', { X: noise([2, 3, 4, 5]) }),
  sample('GlobalAveragePool', '1-D', { X: noise([2, 3, 4]) }),
  sample('GlobalAveragePool', '3-D', { X: noise([2, 1, 2, 3, 2]) }),
  sample('GlobalMaxPool', '2-D', { X: distinct([2, 3, 4, 5]) }),
  sample('GlobalMaxPool', '1-D', { X: distinct([2, 3, 4]) }),
];
