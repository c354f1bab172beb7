import { ints, noise, sample, scalar } from './sample';
import type { Fill, Sample } from './sample';

/** The ends of int64, as exporters write "to the end" and "from the end"; a double holds the first rounded up. */
const int64End = 2 ** 63;
const int64Start = -(2 ** 63);

type Numbers = readonly number[];

function slice(name: string, shape: Numbers, starts: Numbers, ends: Numbers, axes?: Numbers, steps?: Numbers): Sample {
  const others: Record<string, Fill> = { starts: ints(starts), ends: ints(ends) };
  if (axes) others.axes = ints(axes);
  if (steps) others.steps = ints(steps);
  return sample('Slice', name, { data: noise(shape), ...others });
}

function pad(name: string, shape: Numbers, pads: Numbers, mode?: string, axes?: Numbers): Sample {
  const inputs = { data: noise(shape), pads: ints(pads), ...(axes ? { constant_value: scalar(0.5), axes: ints(axes) } : {}) };
  return sample('Pad', name, inputs, mode === undefined ? {} : { mode });
}

export const layout: readonly Sample[] = [
  sample('Reshape', 'plain', { data: noise([2, 3, 4]), shape: ints([4, 6]) }),
  sample('Reshape', 'inferred and copied sizes', { data: noise([2, 3, 4]), shape: ints([0, -1]) }),
  sample('Reshape', 'to a scalar', { data: noise([1, 1]), shape: ints([]) }),
  sample('Flatten', 'default axis', { input: noise([2, 3, 4]) }),
  sample('Flatten', 'axis 0', { input: noise([2, 3]) }, { axis: 0 }),
  sample('Flatten', 'negative axis', { input: noise([2, 3, 2, 2]) }, { axis: -2 }),
  sample('Squeeze', 'axes', { data: noise([1, 3, 1, 2]), axes: ints([0, -2]) }),
  sample('Squeeze', 'all', { data: noise([1, 3, 1, 2]) }),
  sample('Unsqueeze', 'axes', { data: noise([3, 2]), axes: ints([0, -1]) }),
  sample('Transpose', 'reversed by default', { data: noise([2, 3, 4]) }),
  sample('Transpose', 'cycle', { data: noise([2, 3, 4]) }, { perm: [1, 2, 0] }),
  sample('Transpose', 'heads', { data: noise([2, 3, 2, 2]) }, { perm: [0, 2, 1, 3] }),
  sample('Concat', 'first axis', { inputs: [noise([2, 3]), noise([1, 3])] }, { axis: 0 }),
  sample('Concat', 'three, uneven, negative axis', { inputs: [noise([2, 1]), noise([2, 4]), noise([2, 2])] }, { axis: -1 }),
  sample('Concat', 'channels', { inputs: [noise([2, 1, 2, 3]), noise([2, 3, 2, 3])] }, { axis: 1 }),
  sample('Concat', 'one', { inputs: [noise([2, 3])] }, { axis: 0 }),
  sample('Split', 'even', { input: noise([2, 6]) }, { axis: 1, num_outputs: 3 }, { outputs: 3 }),
  sample('Split', 'uneven', { input: noise([6, 2]), split: ints([1, 3, 2]) }, {}, { outputs: 3 }),
  sample('Split', 'num_outputs does not divide', { input: noise([2, 7]) }, { axis: -1, num_outputs: 3 }, { outputs: 3 }),
  sample('Split', 'an output that nothing uses', { input: noise([2, 6]), split: ints([2, 1, 3]) }, { axis: -1 }, { outputs: 3, unused: [1] }),
  slice('one axis', [5, 4], [1], [4], [0]),
  slice('default axes', [5, 4], [1, 0], [4, 3]),
  slice('negative', [5, 4], [-3], [-1], [-2]),
  slice('to the end', [2, 5], [2], [int64End], [1]),
  slice('beyond the bounds', [4, 5], [-100, 1], [3, 100], [0, 1], [1, 1]),
  slice('step 2', [3, 7], [1], [6], [1], [2]),
  slice('two steps', [6, 7], [0, 5], [int64End, 1], [0, 1], [3, -2]),
  slice('backwards', [4, 3], [-1], [int64Start], [0], [-1]),
  slice('steps, negative axes', [2, 3, 6], [-1, 0], [-7, 3], [-1, 1], [-2, 2]),
  sample('Expand', 'rank', { input: noise([3]), shape: ints([2, 3]) }),
  sample('Expand', 'ones', { input: noise([2, 1, 3]), shape: ints([2, 4, 1]) }),
  sample('Expand', 'scalar', { input: scalar(0.5), shape: ints([2, 2]) }),
  pad('constant', [2, 3], [1, 0, 2, 1]),
  pad('constant, images', [1, 2, 3, 2], [0, 0, 1, 2, 0, 0, 0, 1], 'constant'),
  pad('constant, axes', [2, 3, 2], [1, 2, 0, 1], 'constant', [-1, 0]),
  pad('constant, negative', [4, 5], [-1, 1, 0, -2]),
  pad('constant, negative on both sides', [2, 6], [0, -2, 0, -1]),
  pad('reflect', [2, 4], [1, 2, 0, 3], 'reflect'),
  pad('reflect, images', [1, 2, 3, 3], [0, 0, 1, 1, 0, 0, 1, 2], 'reflect'),
  pad('reflect, axes', [3, 4, 2], [1, 2, 0, 1], 'reflect', [1, 0]),
  pad('reflect, negative', [2, 5], [0, -1, 0, 2], 'reflect'),
  pad('edge', [3, 2], [1, 2, 2, 1], 'edge'),
  pad('wrap', [3, 4], [1, 2, 0, 3], 'wrap'),
  sample('Tile', 'matrix', { input: noise([2, 3]), repeats: ints([2, 1]) }),
  sample('Tile', 'all axes', { input: noise([1, 2, 2]), repeats: ints([3, 2, 2]) }),
];
