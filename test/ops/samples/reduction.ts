import type { AttributeLiteral } from '../../../src/core/graph/builder';
import { distinct, ints, noise, sample } from './sample';
import type { Sample } from './sample';

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

const ops = ['ReduceSum', 'ReduceMean', 'ReduceSumSquare', 'ReduceL2', 'ReduceMax', 'ReduceMin'];

export const reduction: readonly Sample[] = [
  ...ops.flatMap((op) => ways.map(([name, axes, attributes]) => {
    const data = op === 'ReduceMax' || op === 'ReduceMin' ? distinct([2, 3, 4]) : noise([2, 3, 4]);
    return sample(op, name, { data, ...(axes ? { axes: ints(axes) } : {}) }, attributes);
  })),
];
