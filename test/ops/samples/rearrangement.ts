import { distinct, exactly, flags, ints, noise, sample } from './sample';
import type { Fill, Sample } from './sample';

type Numbers = readonly number[];

/** Repeated indices for the reductions that have an order of their own, distinct ones for the one that has not. */
function scatterElements(name: string, data: Fill, indices: Fill, updates: Fill, axis: number, reduction?: string): Sample {
  return sample('ScatterElements', name, { data, indices, updates }, { axis, ...(reduction === undefined ? {} : { reduction }) });
}

function scatterND(name: string, data: Fill, indices: Fill, updates: Fill, reduction?: string): Sample {
  return sample('ScatterND', name, { data, indices, updates }, reduction === undefined ? {} : { reduction });
}

const repeated = ints([0, 2, 2, 1, 0, 0], [2, 3]);
const pairs = ints([0, 1, 2, 0, 0, 1], [3, 2]);
/** Offset by 1/24, so as to tie with no distinct numbers. */
const offset = (shape: Numbers): Fill => (random) => {
  const operand = distinct(shape)(random);
  return { ...operand, values: operand.values.map((value) => value + 3 / 64) };
};

export const rearrangement: readonly Sample[] = [
  sample('GatherElements', 'first axis', { data: noise([3, 4]), indices: ints([0, 2, 2, 0, 1, 1, 1, 2], [2, 4]) }),
  sample('GatherElements', 'last axis, negative indices', { data: noise([2, 4]), indices: ints([-1, 0, 3, -4, 1, 1], [2, 3]) }, { axis: 1 }),
  sample('GatherElements', 'negative axis, fewer rows', { data: noise([3, 4, 2]), indices: ints([3, 0, 0, 0, 1, 2], [1, 3, 2]) }, { axis: -2 }),
  sample('GatherND', 'elements', { data: noise([3, 4]), indices: ints([0, 1, 2, -1, 0, 1], [3, 2]) }),
  sample('GatherND', 'slices', { data: noise([3, 2, 2]), indices: ints([2, 0, 2, 2], [2, 2, 1]) }),
  sample('GatherND', 'batch_dims', { data: noise([2, 3, 2]), indices: ints([1, 1, 0, 2], [2, 2, 1]) }, { batch_dims: 1 }),
  scatterElements('none', noise([3, 3]), ints([1, 0, 2, 2, 1, 0], [2, 3]), noise([2, 3]), 0),
  scatterElements('none, negative axis and indices', noise([2, 4]), ints([-1, 0, 1, -2], [2, 2]), noise([2, 2]), -1, 'none'),
  scatterElements('add', noise([3, 3]), repeated, noise([2, 3]), 0, 'add'),
  scatterElements('add, last axis', noise([2, 4]), repeated, noise([2, 3]), 1, 'add'),
  scatterElements('mul', noise([3, 3]), repeated, noise([2, 3]), 0, 'mul'),
  scatterElements('mul, zeros', noise([2, 3]), ints([0, 0, 1, 2, 2, 2], [2, 3]), exactly([2, 3], [0, 1.5, 0, 0, 0, -2]), 1, 'mul'),
  scatterElements('max', distinct([3, 3]), repeated, offset([2, 3]), 0, 'max'),
  scatterElements('min, last axis', distinct([2, 4]), repeated, offset([2, 3]), -1, 'min'),
  scatterND('none', noise([3, 2]), ints([2, 1, 0, 0], [2, 2]), noise([2])),
  scatterND('none, slices', noise([4, 2, 3]), ints([3, 1], [2, 1]), noise([2, 2, 3])),
  scatterND('add, repeated', noise([3, 2]), pairs, noise([3]), 'add'),
  scatterND('add, slices', noise([3, 2, 2]), ints([-1, 0, 2], [3, 1]), noise([3, 2, 2]), 'add'),
  scatterND('mul, repeated', noise([3, 2]), pairs, noise([3]), 'mul'),
  scatterND('max, repeated', distinct([3, 2]), pairs, offset([3]), 'max'),
  scatterND('min, slices', distinct([3, 2]), ints([1, 2], [2, 1]), offset([2, 2]), 'min'),
  sample('TopK', 'largest of the last axis', { X: distinct([2, 5]), K: ints([3]) }, {}, { outputs: 2, unused: [1] }),
  sample('TopK', 'smallest of the first axis', { X: distinct([4, 3]), K: ints([2]) }, { axis: 0, largest: 0 }, { outputs: 2, unused: [1] }),
  sample('TopK', 'negative axis', { X: distinct([2, 4, 3]), K: ints([1]) }, { axis: -2, sorted: 1 }, { outputs: 2, unused: [1] }),
  sample('DepthToSpace', 'default', { input: noise([2, 8, 2, 3]) }, { blocksize: 2 }),
  sample('DepthToSpace', 'CRD', { input: noise([2, 12, 2, 3]) }, { blocksize: 2, mode: 'CRD' }),
  sample('DepthToSpace', 'blocks of 3', { input: noise([1, 9, 2, 1]) }, { blocksize: 3, mode: 'DCR' }),
  sample('SpaceToDepth', 'blocks of 2', { input: noise([2, 3, 4, 6]) }, { blocksize: 2 }),
  sample('SpaceToDepth', 'blocks of 3', { input: noise([1, 2, 6, 3]) }, { blocksize: 3 }),
  sample('CenterCropPad', 'cut and padded', { input_data: noise([4, 3]), shape: ints([2, 6]) }),
  sample('CenterCropPad', 'odd differences, axes', { input_data: noise([2, 5, 2]), shape: ints([5, 2]) }, { axes: [-1, 1] }),
  sample('ReverseSequence', 'time first', { input: noise([4, 3, 2]), sequence_lens: ints([4, 1, 3]) }),
  sample('ReverseSequence', 'batch first', { input: noise([2, 4]), sequence_lens: ints([3, 2]) }, { batch_axis: 0, time_axis: 1 }),
  sample('Trilu', 'upper', { input: noise([2, 3, 4]) }),
  sample('Trilu', 'lower, diagonal above', { input: noise([4, 3]), k: ints([1], []) }, { upper: 0 }),
  sample('Trilu', 'upper, diagonal below', { input: noise([3, 3]), k: ints([-1], []) }, { upper: 1 }),
  sample('Compress', 'axis', { input: noise([3, 4]), condition: flags([1, 0, 1, 1]) }, { axis: 1 }),
  sample('Compress', 'negative axis, short condition', { input: noise([3, 2, 2]), condition: flags([0, 1]) }, { axis: -3 }),
  sample('Compress', 'flat', { input: noise([2, 3]), condition: flags([0, 1, 1, 0, 1]) }),
];
