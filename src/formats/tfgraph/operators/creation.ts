// Signals that are made of numbers.

import type { Operation, Rule, Rules } from '../operation';
import type { Signal } from '../signal';
import { countOf, mostKnown, signalOf, valuesOf } from '../signal';

const fill: Rule = (operation) => {
  const [target, value] = [operation.input(0), operation.input(1)];
  const make = (): string => operation.add('Expand', [operation.plain(value), operation.plain(target)]);
  const count = countOf(target.known);
  const number = value.known?.[0];
  if (value.dtype === 'int64' && typeof number === 'number' && count !== null && count <= mostKnown) {
    return operation.worked(Array.from({ length: count }, () => number), target.known, value.dtype, make);
  }
  return signalOf(make(), target.known, value.dtype);
};

/** A number in the shape of a signal. */
const like = (value: number): Rule => (operation) => {
  const x = operation.input(0);
  return signalOf(operation.add('Expand', [operation.scalar(value, x.dtype), operation.add('Shape', [operation.plain(x)])]), x.shape, x.dtype);
};

const range: Rule = (operation) => {
  const signals = [operation.input(0), operation.input(1), operation.input(2)];
  const [start, limit, delta] = signals.map((each) => valuesOf(each)?.[0]);
  const dtype = signals[0]?.dtype ?? 'int64';
  const make = (): string => operation.add('Range', signals.map((each) => operation.plain(each)));
  if (start === undefined || limit === undefined || delta === undefined) return signalOf(make(), [null], dtype);
  const count = Math.max(0, Math.ceil((limit - start) / delta));
  if (!Number.isSafeInteger(count)) throw operation.refuse(`counts from ${start} to ${limit} by ${delta}, where a number of steps was expected`);
  const known = dtype === 'int64' && count <= mostKnown ? Array.from({ length: count }, (_, i) => start + i * delta) : null;
  return known ? operation.worked(known, [count], dtype, make) : signalOf(make(), [count], dtype);
};

const scalarOf = (operation: Operation, signal: Signal): string => operation.add('Reshape', [operation.plain(signal), operation.ints([1])]);

/** One number where the index says, another elsewhere. */
const oneHot: Rule = (operation) => {
  const [indices, depth, on, off] = [0, 1, 2, 3].map((position) => operation.input(position));
  if (!indices || !depth || !on || !off) return null;
  const axis = operation.attributes.whole('axis', -1);
  const count = valuesOf(depth)?.[0] ?? null;
  const values = operation.add('Concat', [scalarOf(operation, off), scalarOf(operation, on)], { axis: 0 });
  const shape = indices.shape?.toSpliced(axis < 0 ? indices.shape.length : axis, 0, count) ?? null;
  return signalOf(operation.add('OneHot', [operation.plain(indices), operation.plain(depth), values], { axis }), shape, on.dtype);
};

/** [places where it is not 0, axes] */
const where: Rule = (operation) => {
  const x = operation.input(0);
  const found = operation.add('Transpose', [operation.add('NonZero', [operation.plain(x)])], { perm: [1, 0] });
  return signalOf(found, [null, x.shape?.length ?? null], 'int64');
};

export const creation: Rules = { Fill: fill, ZerosLike: like(0), OnesLike: like(1), Range: range, OneHot: oneHot, Where: where };
