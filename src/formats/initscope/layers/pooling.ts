// Pools: over windows, over everything, and along the steps of a sequence.

import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { channelsFirst, channelsOf, signalOf, spatialOf, withChannels } from '../signal';
import { padsOf, readWindow, sidesOf } from '../window';
import { wholesOf } from '../written';
import type { LayerTable, LayerType } from './table';

const spatialRanks = [2, 3, 4];
const spatialInputs = 'a sequence, an image or a volume';
const noSpace = 'Put it before what flattens the signal.';

const pool = (op: 'MaxPool' | 'AveragePool') => (layer: LayerScope, signal: Signal): Signal => {
  layer.needs(signal, spatialRanks, spatialInputs, noSpace);
  const alike = (value: number): readonly number[] => spatialOf(signal.shape).map(() => value);
  const size = layer.main ? wholesOf(layer.main, signal.shape.length - 1) : alike(2);
  const window = readWindow(layer, signal, size, { strides: size, padding: 'valid' });
  const sides = sidesOf(layer, window);
  // A window of padding alone has no maximum.
  if (sides.some(({ begin, end }, axis) => Math.max(begin, end) >= (size[axis] ?? 1))) {
    throw layer.refuse(`has a padding that its window of ${size.join('×')} fits into`, 'Give it less padding than the window is wide.');
  }
  const value = layer.add(op, [layer.first(signal)], { kernel_shape: size, strides: window.strides, pads: padsOf(sides) });
  return channelsFirst(value, withChannels(channelsOf(signal.shape), sides.map((side) => side.size)));
};

const global = (op: 'ReduceMax' | 'ReduceMean') => (layer: LayerScope, signal: Signal): Signal => {
  layer.needs(signal, spatialRanks, spatialInputs, noSpace);
  const axes = layer.ints(spatialOf(signal.shape).map((_, i) => i + 2));
  return signalOf(layer.add(op, [layer.first(signal), axes], { keepdims: 0 }), [channelsOf(signal.shape)]);
};

/** What the last step of a sequence holds. */
function lastStep(layer: LayerScope, signal: Signal): Signal {
  layer.needs(signal, [2], 'a sequence', 'Leave it out.');
  const [length = 1, width = 1] = signal.shape;
  return signalOf(layer.add('Gather', [layer.plain(signal), layer.building.builder.scalar(length - 1, 'int64')], { axis: 1 }), [width]);
}

const windowed = (what: string, op: 'MaxPool' | 'AveragePool'): LayerType => (
  { what, example: '2', isComplete: true, options: ['stride', 'padding'], roles: [], build: pool(op) });
const whole = (what: string, build: LayerType['build']): LayerType => ({ what, example: 'true', isComplete: true, options: [], roles: [], build });

export const poolingLayers: LayerTable = {
  'max-pool': windowed('a max pool', 'MaxPool'), 'average-pool': windowed('an average pool', 'AveragePool'),
  'global-max-pool': whole('a global max pool', global('ReduceMax')), 'global-average-pool': whole('a global average pool', global('ReduceMean')),
  'last-step': whole('a last step', lastStep),
};
