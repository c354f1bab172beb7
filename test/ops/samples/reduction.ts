import type { AttributeLiteral } from '../../../src/core/graph/builder';
import { awayFrom, distinct, exactly, ints, noise, positive, sample } from './sample';
import type { Fill, Sample } from './sample';

/** Name, axes (null where the input is absent), attributes; on [2, 3, 4]. */
const ways: readonly (readonly [string, readonly number[] | null, Readonly<Record<string, AttributeLiteral>>])[] = [
  ['one axis', [1], {}],
  ['last axis, negative', [-1], {}],
  ['two axes', [0, 2], {}],
  ['two axes, not kept', [0, 2], { keepdims: 0 }],
  ['negative axis, not kept', [-2], { keepdims: 0 }],
  ['all axes by default', null, {}],
  ['all axes by default, not kept', null, { keepdims: 0 }],
  ['empty axes', [], {}],
  ['noop_with_empty_axes', null, { noop_with_empty_axes: 1 }],
  ['noop_with_empty_axes, empty axes', [], { noop_with_empty_axes: 1 }],
  ['noop_with_empty_axes, one axis', [1], { noop_with_empty_axes: 1, keepdims: 0 }],
];

const ops = ['ReduceSum', 'ReduceMean', 'ReduceSumSquare', 'ReduceL2', 'ReduceMax', 'ReduceMin', 'ReduceL1', 'ReduceLogSum', 'ReduceLogSumExp', 'ReduceProd'];

/** What keeps off kinks, and the sum of logarithms on its domain. */
const filled: Readonly<Record<string, (shape: readonly number[]) => Fill>> = {
  ReduceMax: distinct, ReduceMin: distinct, ReduceL1: (shape) => awayFrom(shape, [0]), ReduceLogSum: positive,
};

/** Name, axis, attributes. */
const cumulative: readonly (readonly [string, number, Readonly<Record<string, AttributeLiteral>>])[] = [
  ['first axis', 0, {}],
  ['last axis, negative', -1, {}],
  ['reverse', 1, { reverse: 1 }],
  ['exclusive', 2, { exclusive: 1 }],
  ['exclusive, reverse, negative axis', -2, { exclusive: 1, reverse: 1 }],
];

export const reduction: readonly Sample[] = [
  ...ops.flatMap((op) => ways.map(([name, axes, attributes]) => {
    return sample(op, name, { data: (filled[op] ?? noise)([2, 3, 4]), ...(axes ? { axes: ints(axes) } : {}) }, attributes);
  })),
  sample('ReduceProd', 'one zero', { data: exactly([2, 3], [0.5, 0, -1.5, 2, 0.75, 1.25]), axes: ints([1]) }),
  sample('ReduceProd', 'two zeros', { data: exactly([2, 3], [0.5, 0, 0, 2, 0.75, 1.25]), axes: ints([1]) }),
  ...cumulative.map(([name, axis, attributes]) => sample('CumSum', name, { x: noise([2, 3, 4]), axis: ints([axis], []) }, attributes)),
];
