// Several signals made one: added, multiplied, or put beside each other.

import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { channelAxis, channelsFirst, channelsOf, described, signalOf, spatialOf } from '../signal';
import type { LayerTable, LayerType } from './table';

export const mergers = ['add', 'multiply', 'concat'] as const;
export type Merger = (typeof mergers)[number];

/** Two signals of more than one layer would each be read; so many are made by nobody. */
const mostSignals = 1024;

export function merge(layer: LayerScope, how: Merger, signals: readonly [Signal, ...Signal[]]): Signal {
  const [first, ...others] = signals;
  if (others.length === 0) return first;
  return how === 'concat' ? beside(layer, first, others) : together(layer, how, first, others);
}

function together(layer: LayerScope, how: Merger, first: Signal, others: readonly Signal[]): Signal {
  const other = others.find(({ shape }) => shape.join() !== first.shape.join());
  if (other) {
    throw layer.refuse(`would ${how} ${described(first)} and ${described(other)}`,
      'Bring them to the same shape before: by a "shortcut", a "conv" or a "dense".');
  }
  // A branch of a sequence may have its features behind the batch, as a convolution leaves them.
  const isFirst = [first, ...others].every(({ plain }) => plain === null);
  const read = (signal: Signal): string => (isFirst ? layer.first(signal) : layer.plain(signal));
  const op = how === 'add' ? 'Add' : 'Mul';
  const value = others.reduce((sum, signal) => layer.add(op, [sum, read(signal)]), read(first));
  return isFirst ? channelsFirst(value, first.shape) : signalOf(value, first.shape);
}

/** Along channels, or features. */
function beside(layer: LayerScope, first: Signal, others: readonly Signal[]): Signal {
  const rest = ({ shape }: Signal): string => [shape.length, ...spatialOf(shape)].join();
  const other = others.find((signal) => rest(signal) !== rest(first));
  if (other) {
    throw layer.refuse(`would put ${described(first)} beside ${described(other)}`, 'All axes but channels, or features, have to be the same.');
  }
  const axis = channelAxis(first.shape);
  const total = [first, ...others].reduce((sum, { shape }) => sum + channelsOf(shape), 0);
  const value = layer.add('Concat', [first, ...others].map((signal) => layer.plain(signal)), { axis: axis + 1 });
  return signalOf(value, first.shape.map((size, i) => (i === axis ? total : size)));
}

/** The signal itself is none of them, unless it is named. */
const named = (how: Merger): LayerType => ({
  what: `a layer ${how}`, example: '["dense1", "dense2"]', isComplete: false, options: [], roles: [], isNaming: true,
  build(layer) {
    if (!layer.main) throw new Error(`A layer ${how} is built without names.`);
    const [first, ...others] = layer.main.items();
    if (!first || others.length === 0 || others.length >= mostSignals) throw layer.main.wrong(`a list of 2 to ${mostSignals} names`);
    return merge(layer, how, [layer.find(first), ...others.map((name) => layer.find(name))]);
  },
});

export const mergingLayers: LayerTable = { add: named('add'), multiply: named('multiply'), concat: named('concat') };
