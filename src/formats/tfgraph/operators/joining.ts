// Operators that put signals together, and take them apart.

import type { Shape } from '../../keras/signal';
import type { Operation, Rule, Rules } from '../operation';
import type { Known, Signal } from '../signal';
import { axisFirst, axisOf, channelsFirst, fixedShape, isFirst, signalOf, valuesOf } from '../signal';

/** More pieces than any network takes a signal apart into. */
const mostPieces = 4096;

function axisIn(operation: Operation, axis: number, rank: number): number {
  const own = axisOf(axis, rank);
  if (own !== null) return own;
  throw operation.refuse(`goes along axis ${axis} where one of ${rank} was expected`);
}

function joined(operation: Operation, signals: readonly Signal[], axis: number): Signal | null {
  const [x] = signals;
  if (!x) throw operation.refuse('has no inputs where at least one was expected');
  const shapes = signals.flatMap(({ shape }) => (shape ? [shape] : []));
  if (shapes.length < signals.length) return signalOf(operation.add('Concat', signals.map((each) => operation.plain(each)), { axis }), null, x.dtype);
  const rank = shapes[0]?.length ?? 0;
  if (shapes.some((each) => each.length !== rank)) {
    throw operation.refuse(`joins signals of ${shapes.map((each) => each.length).slice(0, 12).join(', ')} axes, where as many of each were expected`);
  }
  const own = axisIn(operation, axis, rank);
  const sizes = shapes.map((each) => each[own] ?? null);
  const total = sizes.includes(null) ? null : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  const shape = shapes[0]?.with(own, total) ?? null;
  const known = signals.flatMap((each) => each.known ?? []);
  if (rank === 1 && x.dtype === 'int64' && signals.every((each) => each.known)) {
    return operation.worked(known, [known.length], x.dtype, () => operation.add('Concat', signals.map((each) => operation.plain(each)), { axis: 0 }));
  }
  if (!signals.some(isFirst)) return signalOf(operation.add('Concat', signals.map((each) => operation.plain(each)), { axis: own }), shape, x.dtype);
  return channelsFirst(operation.add('Concat', signals.map((each) => operation.first(each)), { axis: axisFirst(own, rank) }), shape, x.dtype);
}

const concat = (axisAt: 0 | -1): Rule => (operation) => {
  const axis = valuesOf(operation.inputs.at(axisAt) ?? operation.input(1))?.[0];
  if (axis === undefined) return null;
  const signals = axisAt === 0 ? operation.inputs.slice(1) : operation.inputs.slice(0, -1);
  return signals.length === 1 ? signals : joined(operation, signals, axis);
};

/** Signals behind each other along a new axis. */
const pack: Rule = (operation) => {
  const { inputs } = operation;
  const x = operation.input(0);
  const axis = operation.attributes.whole('axis', 0);
  const rank = x.shape ? x.shape.length + 1 : null;
  const own = rank === null ? axis : axisIn(operation, axis, rank);
  const make = (): string => {
    const axes = operation.ints([own]);
    return operation.add('Concat', inputs.map((each) => operation.add('Unsqueeze', [operation.plain(each), axes])), { axis: own });
  };
  const shape = x.shape?.toSpliced(own, 0, inputs.length) ?? null;
  if (x.dtype === 'int64' && x.shape?.length === 0) {
    const known: Known = inputs.map((each) => each.known?.[0] ?? null);
    return operation.worked(known, [inputs.length], x.dtype, make);
  }
  return signalOf(make(), shape, x.dtype);
};

function checkedCount(operation: Operation, count: number): number {
  if (Number.isSafeInteger(count) && count >= 1 && count <= mostPieces) return count;
  throw operation.refuse(`makes ${count} pieces where a whole number from 1 to ${mostPieces} was expected`);
}

const unpack: Rule = (operation) => {
  const x = operation.input(0);
  const count = checkedCount(operation, operation.attributes.whole('num', 0));
  const axis = operation.attributes.whole('axis', 0);
  const own = x.shape ? axisIn(operation, axis, x.shape.length) : axis;
  const shape = x.shape?.toSpliced(own, 1) ?? null;
  if (x.known?.length === count && x.shape?.length === 1 && x.dtype === 'int64') {
    return x.known.map((each, i) => operation.worked([each], [], x.dtype, () => operation.add('Squeeze', [operation.element(x, i), operation.ints([0])])));
  }
  const axes = operation.ints([own]);
  const pieces = count === 1 ? [operation.plain(x)] : operation.addMany('Split', [operation.plain(x)], count, { axis: own, num_outputs: count });
  return pieces.map((piece) => signalOf(operation.add('Squeeze', [piece, axes]), shape, x.dtype));
};

/** `sizes`: of the pieces, one of which may be what is left; null where they are as large as each other. */
function pieces(operation: Operation, x: Signal, axis: number, count: number, sizes: readonly number[] | null): readonly Signal[] {
  if (count === 1) return [x];
  const rank = x.shape?.length;
  const own = rank === undefined ? axis : axisIn(operation, axis, rank);
  const whole = x.shape?.[own] ?? null;
  const rest = sizes && whole !== null ? whole - sizes.reduce((sum, size) => sum + Math.max(0, size), 0) : null;
  const known = sizes?.map((size) => (size < 0 ? rest : size));
  const each: Shape = known ?? Array.from({ length: count }, () => (whole !== null && Number.isInteger(whole / count) ? whole / count : null));
  const shapeAt = (i: number): Shape | null => x.shape?.with(own, each[i] ?? null) ?? null;
  const fixed = known ? fixedShape(known) : null;
  if (sizes && !fixed) throw operation.refuse('has a piece that is what is left of an axis of open size, where sizes were expected');
  const turned = isFirst(x) && rank !== undefined;
  const value = turned ? operation.first(x) : operation.plain(x);
  const attributes = { axis: turned ? axisFirst(own, rank) : own, ...(fixed ? {} : { num_outputs: count }) };
  const values = operation.addMany('Split', [value, ...(fixed ? [operation.ints(fixed)] : [])], count, attributes);
  return values.map((piece, i) => (turned ? channelsFirst(piece, shapeAt(i), x.dtype) : signalOf(piece, shapeAt(i), x.dtype)));
}

const split: Rule = (operation) => {
  const axis = operation.list(0)?.[0];
  return axis === undefined ? null : pieces(operation, operation.input(1), axis, checkedCount(operation, operation.attributes.whole('num_split', 1)), null);
};

const splitV: Rule = (operation) => {
  const [sizes, axis] = [operation.list(1), operation.list(2)?.[0]];
  return axis === undefined || !sizes ? null : pieces(operation, operation.input(0), axis, checkedCount(operation, sizes.length), sizes);
};

/** Rows of a table, or along another axis. */
const gather = (axisAt: number | null): Rule => (operation) => {
  const [table, indices] = [operation.input(0), operation.input(1)];
  const axis = axisAt === null ? 0 : operation.list(axisAt)?.[0];
  if (axis === undefined || operation.attributes.whole('batch_dims', 0) !== 0) return null;
  const rank = table.shape?.length;
  const own = rank === undefined ? axis : axisIn(operation, axis, rank);
  const shape = table.shape && indices.shape ? table.shape.toSpliced(own, 1, ...indices.shape) : null;
  const make = (): string => operation.add('Gather', [operation.plain(table), wholeIndices(operation, indices)], { axis: own });
  const places = valuesOf(indices);
  if (table.known && places && rank === 1 && table.dtype === 'int64') {
    return operation.worked(places.map((at) => table.known?.[at] ?? null), shape, table.dtype, make);
  }
  return signalOf(make(), shape, table.dtype);
};

const wholeIndices = (operation: Operation, indices: Signal): string => (
  indices.dtype === 'int64' ? operation.plain(indices) : operation.add('Cast', [operation.plain(indices)], { to: 7 }));

const gatherNd: Rule = (operation) => {
  const [x, indices] = [operation.input(0), operation.input(1)];
  const depth = indices.shape?.at(-1) ?? null;
  const shape = x.shape && indices.shape && depth !== null ? [...indices.shape.slice(0, -1), ...x.shape.slice(depth)] : null;
  return signalOf(operation.add('GatherND', [operation.plain(x), wholeIndices(operation, indices)]), shape, x.dtype);
};

/** Updates added up where they are in zeros. */
const scatterNd: Rule = (operation) => {
  const [indices, updates, target] = [operation.input(0), operation.input(1), operation.input(2)];
  const zeros = operation.add('Expand', [operation.scalar(0, updates.dtype), operation.plain(target)]);
  const value = operation.add('ScatterND', [zeros, wholeIndices(operation, indices), operation.plain(updates)], { reduction: 'add' });
  return signalOf(value, target.known, updates.dtype);
};

const scatterUpdate: Rule = (operation) => {
  const [x, indices, updates] = [operation.input(0), operation.input(1), operation.input(2)];
  return signalOf(operation.add('ScatterND', [operation.plain(x), wholeIndices(operation, indices), operation.plain(updates)]), x.shape, x.dtype);
};

/** Values where they are in a shape, and one number elsewhere; indices without a second axis are of a vector. */
const sparseToDense: Rule = (operation) => {
  const [indices, target, values, otherwise] = [operation.input(0), operation.input(1), operation.input(2), operation.input(3)];
  if (!indices.shape || values.shape?.length !== 1) return null;
  const places = wholeIndices(operation, indices);
  const listed = indices.shape.length === 2 ? places : operation.add('Reshape', [places, operation.ints([-1, 1])]);
  const filled = operation.add('Expand', [operation.plain(otherwise), operation.plain(target)]);
  return signalOf(operation.add('ScatterND', [filled, listed, operation.plain(values)]), target.known, values.dtype);
};

export const joining: Rules = {
  ConcatV2: concat(-1), Concat: concat(0), Pack: pack, Unpack: unpack, Split: split, SplitV: splitV, Gather: gather(null), GatherV2: gather(2),
  GatherNd: gatherNd, ScatterNd: scatterNd, SparseToDense: sparseToDense, TensorScatterUpdate: scatterUpdate,
};
