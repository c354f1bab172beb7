import { distinct, exactly, ints, noise, sample, scalar } from './sample';
import type { Sample } from './sample';

export const indexing: readonly Sample[] = [
  sample('Gather', 'rows, repeated', { data: noise([5, 3]), indices: ints([0, 3, 3, 0, 0, 4]) }),
  sample('Gather', 'embedding of a batch', { data: noise([6, 4]), indices: ints([0, 5, 2, 2, 5, 5], [2, 3]) }),
  sample('Gather', 'negative indices', { data: noise([4, 3]), indices: ints([-1, 0, 3, -4, -2]) }),
  sample('Gather', 'scalar index', { data: noise([4, 3]), indices: ints([2], []) }),
  sample('Gather', 'last axis', { data: noise([2, 5]), indices: ints([4, 1, 1]) }, { axis: 1 }),
  sample('Gather', 'negative axis, matrix of indices', { data: noise([2, 4, 3]), indices: ints([0, 3, 3, -3], [2, 2]) }, { axis: -2 }),
  sample('Gather', 'middle axis, scalar index', { data: noise([2, 4, 3]), indices: ints([-1], []) }, { axis: 1 }),
  sample('Gather', 'vector', { data: noise([5]), indices: ints([1, 1, 4], [3, 1]) }),
  sample('Unique', 'vector', { X: distinct([6]) }, {}, { outputs: 1 }),
  sample('Unique', 'matrix, in order of appearance', { X: distinct([2, 3]) }, { sorted: 0 }, { outputs: 4, unused: [1, 2, 3] }),
  sample('Unique', 'rows', { X: distinct([3, 2]) }, { axis: 0 }),
  sample('Unique', 'negative axis', { X: distinct([2, 3, 2]) }, { axis: -2 }),
  sample('OneHot', 'last axis', { indices: ints([0, 2, 1, 2], [2, 2]), depth: ints([3], []), values: exactly([2], [-0.25, 1.5]) }),
  sample('OneHot', 'first axis, negative and absent indices', { indices: ints([0, -1, 7]), depth: ints([4], []), values: exactly([2], [0, 1]) }, { axis: 0 }),
  sample('Range', 'floats', { start: scalar(0.5), limit: scalar(3.25), delta: scalar(0.5) }),
  sample('Range', 'integers', { start: ints([1], []), limit: ints([7], []), delta: ints([2], []) }),
];
