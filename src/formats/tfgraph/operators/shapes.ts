// Operators that give a signal another shape, or say which it has.

import type { Shape } from '../../keras/signal';
import { toFirst, toLast } from '../../keras/signal';
import type { Operation, Part, Rule, Rules } from '../operation';
import type { Pair, Signal } from '../signal';
import { axisFirst, axisOf, channelsFirst, countOf, isFirst, knownSignal, signalOf } from '../signal';

const numberOf = (part: Part): number | null => (typeof part === 'number' ? part : null);

/** The shape that is meant by sizes of which one may be −1, as far as it is known. */
function meant(operation: Operation, parts: readonly Part[], from: Shape | null): Shape {
  const sizes = parts.map(numberOf);
  if (sizes.some((size) => size !== null && size < -1)) {
    throw operation.refuse(`makes a shape of [${sizes.slice(0, 12).map((size) => size ?? '?').join(', ')}], where sizes were expected`);
  }
  const open = sizes.flatMap((size, i) => (size === null || size === -1 ? [i] : []));
  const shape = sizes.map((size) => (size === -1 ? null : size));
  const count = countOf(from);
  const rest = shape.reduce<number>((product, size) => product * (size ?? 1), 1);
  if (open.length === 1 && count !== null && rest > 0 && Number.isInteger(count / rest)) return shape.with(open[0] ?? 0, count / rest);
  return shape;
}

const reshape: Rule = (operation) => {
  const [x, target] = [operation.input(0), operation.input(1)];
  const parts = operation.parts(target);
  if (!parts) return signalOf(operation.add('Reshape', [operation.plain(x), operation.plain(target)]), null, x.dtype);
  const shape = meant(operation, parts, x.shape);
  if (x.known && x.dtype === 'int64') {
    return operation.worked(x.known, shape, x.dtype, () => operation.reshape(operation.plain(x), parts));
  }
  if (x.shape?.length === shape.length && shape.every((size, i) => size !== null && size === x.shape?.[i])) return x;
  return signalOf(operation.reshape(operation.plain(x), parts), shape, x.dtype, x.known);
};

const transpose: Rule = (operation) => {
  const [x, perm] = [operation.input(0), operation.list(1)];
  if (!perm) return null;
  const rank = perm.length;
  if ((x.shape && x.shape.length !== rank) || perm.toSorted((a, b) => a - b).some((axis, i) => axis !== i)) {
    throw operation.refuse(`has the permutation [${perm.slice(0, 12).join(', ')}] where one of ${x.shape?.length ?? rank} axes was expected`);
  }
  const shape = x.shape === null ? null : perm.map((axis) => x.shape?.[axis] ?? null);
  const is = (other: readonly number[]): boolean => rank > 2 && other.every((axis, i) => axis === perm[i]);
  if (isFirst(x) && is(toFirst(rank))) return signalOf(x.first ?? '', shape, x.dtype);
  if (!isFirst(x) && is(toLast(rank))) return channelsFirst(operation.plain(x), shape, x.dtype);
  return signalOf(operation.transpose(operation.plain(x), perm), shape, x.dtype);
};

/** Along axes between the batch and the channels a signal stays in the layout that it has. */
const between = (axis: number, rank: number): boolean => axis > 0 && axis < rank - 1;

const squeeze: Rule = (operation) => {
  const x = operation.input(0);
  const { attributes } = operation;
  const named = attributes.find('squeeze_dims') ? attributes.wholes('squeeze_dims') : attributes.wholes('axis');
  // An axis of open size may be one of 1.
  if (!x.shape || (named.length === 0 && x.shape.includes(null))) {
    return signalOf(operation.add('Squeeze', [operation.plain(x), ...(named.length > 0 ? [operation.ints(named)] : [])]), null, x.dtype);
  }
  const rank = x.shape.length;
  const axes = named.length > 0 ? named.map((axis) => axisOf(axis, rank)) : x.shape.flatMap((size, axis) => (size === 1 ? [axis] : []));
  const own = axes.filter((axis) => axis !== null).filter((axis) => (x.shape?.[axis] ?? 1) === 1);
  if (own.length < axes.length) throw operation.refuse(`takes away the axes [${named.slice(0, 12).join(', ')}] of ${rank}, where axes of size 1 were expected`);
  return without(operation, x, own);
};

/** Less axes of one element, whose shape is known. */
function without(operation: Operation, x: Signal, own: readonly number[]): Signal {
  const rank = x.shape?.length ?? 0;
  const shape = x.shape?.filter((_, axis) => !own.includes(axis)) ?? null;
  const make = (): string => operation.add('Squeeze', [operation.plain(x), operation.ints(own)]);
  if (x.known && x.dtype === 'int64') return operation.worked(x.known, shape, x.dtype, make);
  const squeezed = isFirst(x) && rank - own.length > 2 && own.every((axis) => between(axis, rank))
    ? channelsFirst(operation.add('Squeeze', [operation.first(x), operation.ints(own.map((axis) => axisFirst(axis, rank)))]), shape, x.dtype)
    : signalOf(make(), shape, x.dtype);
  const { undivided } = x;
  const [axis = 0, ...others] = own;
  if (!undivided || others.length > 0 || undivided.block[axis - 1] !== 1) return squeezed;
  // What was an image of one row for the convolution is a sequence again.
  const restored = (crops: readonly Pair[]): Signal | null => {
    const whole = undivided.make(crops.toSpliced(axis - 1, 0, [0, 0]));
    return whole && without(operation, whole, own);
  };
  return { ...squeezed, undivided: { block: undivided.block.toSpliced(axis - 1, 1), make: restored } };
}

const expandDims: Rule = (operation) => {
  const [x, axis] = [operation.input(0), operation.list(1)?.[0]];
  if (axis === undefined) return null;
  if (!x.shape) return signalOf(operation.add('Unsqueeze', [operation.plain(x), operation.ints([axis])]), null, x.dtype);
  const rank = x.shape.length + 1;
  const own = axisOf(axis, rank);
  if (own === null) throw operation.refuse(`adds axis ${axis} where one of ${rank} was expected`);
  const shape = x.shape.toSpliced(own, 0, 1);
  const make = (): string => operation.add('Unsqueeze', [operation.plain(x), operation.ints([own])]);
  if (x.known && x.dtype === 'int64') return operation.worked(x.known, shape, x.dtype, make);
  if (isFirst(x) && between(own, rank)) {
    return channelsFirst(operation.add('Unsqueeze', [operation.first(x), operation.ints([axisFirst(own, rank)])]), shape, x.dtype);
  }
  const wider = signalOf(make(), shape, x.dtype);
  const { divided } = x;
  if (!divided?.whole.shape || own < 1 || own > divided.block.length + 1) return wider;
  // A sequence that a convolution takes for an image of one row.
  const whole = signalOf(operation.add('Unsqueeze', [operation.plain(divided.whole), operation.ints([own])]), divided.whole.shape.toSpliced(own, 0, 1));
  const [block, pairs] = [divided.block.toSpliced(own - 1, 0, 1), divided.pairs.toSpliced(own - 1, 0, [0, 0])];
  return { ...wider, divided: { whole, block, pairs } };
};

function sizesOf(operation: Operation, x: Signal): Signal {
  const { shape } = x;
  const make = (): string => operation.add('Shape', [operation.plain(x)]);
  return shape ? operation.worked(shape, [shape.length], 'int64', make) : signalOf(make(), [null], 'int64');
}

const size: Rule = (operation) => {
  const x = operation.input(0);
  const count = countOf(x.shape);
  return count === null ? signalOf(operation.add('Size', [operation.plain(x)]), [], 'int64') : knownSignal([count], []);
};

const rank: Rule = (operation) => {
  const { shape } = operation.input(0);
  return shape && knownSignal([shape.length], []);
};

/** A signal as often along each axis as is said. */
const tile: Rule = (operation) => {
  const [x, times] = [operation.input(0), operation.input(1)];
  const known = times.known;
  const shape = x.shape?.map((each, i) => {
    const by = known?.[i] ?? null;
    return each === null || by === null ? null : each * by;
  });
  return signalOf(operation.add('Tile', [operation.plain(x), operation.plain(times)]), shape ?? null, x.dtype);
};

const broadcastTo: Rule = (operation) => {
  const [x, target] = [operation.input(0), operation.input(1)];
  return signalOf(operation.add('Expand', [operation.plain(x), operation.plain(target)]), target.known, x.dtype);
};

const identity: Rule = (operation) => operation.input(0);

export const shapes: Rules = {
  Identity: identity, StopGradient: identity, PreventGradient: identity, Snapshot: identity, EnsureShape: identity, CheckNumerics: identity,
  PlaceholderWithDefault: identity, FakeQuantWithMinMaxVars: identity,
  IdentityN: (operation) => operation.inputs,
  Reshape: reshape, Transpose: transpose, Squeeze: squeeze, ExpandDims: expandDims, Shape: (operation) => sizesOf(operation, operation.input(0)),
  ShapeN: (operation) => operation.inputs.map((each) => sizesOf(operation, each)), Size: size, Rank: rank, Tile: tile, BroadcastTo: broadcastTo,
};

