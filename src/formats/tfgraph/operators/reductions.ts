// Reductions along axes that are known when the graph is read.

import type { Shape } from '../../keras/signal';
import type { Operation, Rule, Rules } from '../operation';
import type { Signal } from '../signal';
import { axisFirst, axisOf, channelsFirst, isFirst, signalOf, valuesOf } from '../signal';

/** The axes counted from the front, none of them twice. */
function axesOf(operation: Operation, axes: readonly number[], rank: number): readonly number[] {
  const own = axes.map((axis) => {
    const found = axisOf(axis, rank);
    if (found === null) throw operation.refuse(`reduces axis ${axis} where one of ${rank} was expected`);
    return found;
  });
  return [...new Set(own)].sort((a, b) => a - b);
}

const reducedShape = (shape: Shape, axes: readonly number[], keeps: boolean): Shape => (
  keeps ? shape.map((size, i) => (axes.includes(i) ? 1 : size)) : shape.filter((_, i) => !axes.includes(i)));

/** `op` takes its axes as an input. */
function reduce(operation: Operation, x: Signal, op: string): Signal | null {
  const given = operation.input(1);
  const keeps = operation.attributes.flag('keep_dims');
  const axes = valuesOf(given);
  if (!axes) return null;
  const keepdims = keeps ? 1 : 0;
  if (!x.shape) return signalOf(operation.add(op, [operation.plain(x), operation.ints(axes)], { keepdims, noop_with_empty_axes: 1 }), null, x.dtype);
  const rank = x.shape.length;
  const own = axesOf(operation, axes, rank);
  const shape = reducedShape(x.shape, own, keeps);
  const attributes = { keepdims, noop_with_empty_axes: 1 };
  // Once the spatial axes are gone, the order of the others is that of TensorFlow.
  const isWhole = Array.from({ length: rank - 2 }, (_, i) => i + 1).every((axis) => own.includes(axis));
  if (!isFirst(x) || (!keeps && !isWhole)) return signalOf(operation.add(op, [operation.plain(x), operation.ints(own)], attributes), shape, x.dtype);
  const value = operation.add(op, [operation.first(x), operation.ints(own.map((axis) => axisFirst(axis, rank)).sort((a, b) => a - b))], attributes);
  return keeps ? channelsFirst(value, shape, x.dtype) : signalOf(value, shape, x.dtype);
}

const reduction = (op: string): Rule => (operation) => {
  const x = operation.input(0);
  const found = reduce(operation, x, op);
  const values = valuesOf(x);
  if (!found || !values || x.dtype !== 'int64' || (found.shape?.length ?? 1) > 0) return found;
  const folded = op === 'ReduceProd' ? values.reduce((a, b) => a * b, 1) : op === 'ReduceSum' ? values.reduce((a, b) => a + b, 0) : NaN;
  return Number.isSafeInteger(folded) ? { ...found, plain: null, known: [folded] } : found;
};

/** Whether all, or any, of several conditions hold: the least, or the largest, of them as numbers. */
const ofConditions = (op: 'ReduceMin' | 'ReduceMax'): Rule => (operation) => {
  const x = operation.input(0);
  const numbers = operation.each(x, (value) => operation.add('Cast', [value], { to: 6 }), 'int32');
  const found = reduce(operation, numbers, op);
  return found && operation.each(found, (value) => operation.add('Cast', [value], { to: 9 }), 'bool');
};

const place = (op: 'ArgMax' | 'ArgMin'): Rule => (operation) => {
  const x = operation.input(0);
  const axis = operation.inputs.length > 1 ? operation.list(1)?.[0] : 0;
  if (axis === undefined) return null;
  if (!x.shape) return signalOf(operation.add(op, [operation.plain(x)], { axis, keepdims: 0 }), null, 'int64');
  const [own = 0] = axesOf(operation, [axis], x.shape.length);
  return signalOf(operation.add(op, [operation.plain(x)], { axis: own, keepdims: 0 }), reducedShape(x.shape, [own], false), 'int64');
};

export const reductions: Rules = {
  Mean: reduction('ReduceMean'), Sum: reduction('ReduceSum'), Max: reduction('ReduceMax'), Min: reduction('ReduceMin'), Prod: reduction('ReduceProd'),
  EuclideanNorm: reduction('ReduceL2'), All: ofConditions('ReduceMin'), Any: ofConditions('ReduceMax'), ArgMax: place('ArgMax'), ArgMin: place('ArgMin'),
};
