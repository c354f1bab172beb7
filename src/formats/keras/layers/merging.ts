// Layers that make one value of several.

import { say } from '../../../protocol/words';
import type { LayerScope } from '../scope';
import type { Shape, Signal } from '../signal';
import { broadcast, channelsFirst, signalOf } from '../signal';
import type { DescribeLayer, LayerTable } from './table';

/** The values of all inputs in one layout: channels first where all of them have it and one shape, else Keras' own. */
function together(layer: LayerScope, inputs: readonly Signal[]): { readonly values: readonly string[]; readonly as: (value: string, shape: Shape) => Signal } {
  const [first] = inputs;
  const allFirst = inputs.every(({ plain, shape }) => plain === null && shape.length === first?.shape.length);
  if (allFirst) return { values: inputs.map((signal) => layer.first(signal)), as: (value, shape) => channelsFirst(value, shape) };
  return { values: inputs.map((signal) => layer.plain(signal)), as: (value, shape) => signalOf(value, shape) };
}

/** Of inputs of different rank Keras puts axes of 1 behind the batch of the smaller ones, which is how they are given here. */
const pairwise = (op: string, scale: (count: number) => number | null = () => null): DescribeLayer => (layer, inputs) => {
  const rank = Math.max(...inputs.map(({ shape }) => shape.length));
  const ranked = inputs.map((signal) => raised(layer, signal, rank));
  const { values, as } = together(layer, ranked);
  const value = values.slice(1).reduce((all, each) => layer.add(op, [all, each]), values[0] ?? '');
  const factor = scale(inputs.length);
  const shape = ranked.map((each) => each.shape).reduce(broadcast);
  return as(factor === null ? value : layer.add('Mul', [value, layer.scalar(factor)]), shape);
};

function raised(layer: LayerScope, signal: Signal, rank: number): Signal {
  const missing = rank - signal.shape.length;
  if (missing === 0 || signal.shape.length < 1) return signal;
  const axes = Array.from({ length: missing }, (_, i) => i + 1);
  const [batch = null, ...rest] = signal.shape;
  return signalOf(layer.add('Unsqueeze', [layer.plain(signal), layer.ints(axes)]), [batch, ...axes.map(() => 1), ...rest], signal.dtype);
}

const concatenate: DescribeLayer = (layer, inputs) => {
  const [first] = inputs;
  const rank = first.shape.length;
  const given = layer.fields.integer('axis', layer.fields.integer('concat_axis', -1));
  const axis = given < 0 ? given + rank : given;
  if (inputs.some(({ shape }) => shape.length !== rank)) throw layer.refuse(say('joins inputs of different rank'));
  const shape = first.shape.map((size, i) => (i !== axis ? size : inputs.reduce<number | null>((sum, each) => {
    const own = each.shape[axis] ?? null;
    return sum === null || own === null ? null : sum + own;
  }, 0)));
  const { values, as } = together(layer, inputs);
  const isFirst = as('', shape).plain === null;
  const where = !isFirst ? axis : axis === 0 ? 0 : axis === rank - 1 ? 1 : axis + 1;
  return as(layer.add('Concat', values, { axis: where }), shape);
};

/** Σ over one axis of each, the batch kept; of unit vectors where `normalize` is on. */
const dot: DescribeLayer = (layer, [left, right]) => {
  if (!right) throw layer.refuse(say('needs two inputs'));
  const axes = layer.fields.raw('axes') ?? -1;
  const given: readonly unknown[] = Array.isArray(axes) ? axes : [axes, axes];
  const axisOf = (signal: Signal, axis: unknown): number => (typeof axis === 'number' && axis < 0 ? axis + signal.shape.length : Number(axis));
  const [a, b] = [axisOf(left, given[0]), axisOf(right, given[1])];
  const isNormal = layer.fields.boolean('normalize', false);
  const [x, y] = ([[left, a], [right, b]] as const).map(([signal, axis]) => {
    const value = layer.plain(signal);
    return isNormal ? layer.add('LpNormalization', [value], { axis, p: 2 }) : value;
  });
  const letters = Array.from('abcdefghijklmnop');
  const [l, r] = [letters.slice(0, left.shape.length), ['a', ...letters.slice(left.shape.length, left.shape.length + right.shape.length - 1)]];
  r[b] = l[a] ?? '';
  const output = [...l.filter((_, i) => i !== a), ...r.filter((_, i) => i !== 0 && i !== b)];
  const shape: Shape = [...left.shape.filter((_, i) => i !== a), ...right.shape.filter((_, i) => i !== 0 && i !== b)];
  const value = layer.add('Einsum', [x ?? '', y ?? ''], { equation: `${l.join('')},${r.join('')}->${output.join('')}` });
  // Two vectors give a column.
  return shape.length > 1 ? signalOf(value, shape) : signalOf(layer.add('Unsqueeze', [value, layer.ints([1])]), [...shape, 1]);
};

/** Merge layers of Keras 1 name what they do. */
const merge: DescribeLayer = (layer, inputs, context) => {
  const mode = layer.fields.string('mode', 'sum');
  const described = ({ sum: 'Add', mul: 'Multiply', concat: 'Concatenate', ave: 'Average', max: 'Maximum', dot: 'Dot' } as Readonly<Record<string,
    string>>)[mode];
  const describe = described === undefined ? undefined : mergingLayers[described];
  if (!describe) throw layer.fields.refuse('mode', say('"sum", "mul", "concat", "ave", "max" or "dot"'));
  return describe(layer, inputs, context);
};

export const mergingLayers: LayerTable = {
  Add: pairwise('Add'), Subtract: pairwise('Sub'), Multiply: pairwise('Mul'), Average: pairwise('Add', (count) => 1 / count),
  Maximum: pairwise('Max'), Minimum: pairwise('Min'), Concatenate: concatenate, Dot: dot, Merge: merge,
};
