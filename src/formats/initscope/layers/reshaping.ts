// Layers that move numbers about, repeat them, or drop some: none of them has weights.

import { elementCount } from '../../../core/graph/dtype';
import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { channelsFirst, channelsOf, described, signalOf, spatialOf, withChannels } from '../signal';
import { largestSize, numberOf, sizesOf, wholesOf } from '../written';
import type { LayerTable } from './table';

/** Volumes have four axes. */
const mostAxes = 4;

function flatten(layer: LayerScope, signal: Signal): Signal {
  if (signal.shape.length === 1) return signal;
  return signalOf(layer.add('Flatten', [layer.plain(signal)], { axis: 1 }), [elementCount(signal.shape)]);
}

function reshape(layer: LayerScope, signal: Signal): Signal {
  if (!layer.main) throw new Error('A reshape is built without a shape.');
  const shape = sizesOf(layer.main, mostAxes);
  if (elementCount(shape) !== elementCount(signal.shape)) {
    throw layer.refuse(`makes [${shape.join(', ')}] of ${described(signal)}, which are ${elementCount(shape)} and ${elementCount(signal.shape)} numbers`,
      'Choose sizes whose product is the same.');
  }
  return signalOf(layer.reshape(layer.plain(signal), shape), shape);
}

/** Axes behind the batch in another order, counted from 1. */
function permute(layer: LayerScope, signal: Signal): Signal {
  if (!layer.main) throw new Error('A permute is built without an order.');
  const order = sizesOf(layer.main, mostAxes);
  const rank = signal.shape.length;
  if (order.toSorted((a, b) => a - b).join() !== signal.shape.map((_, axis) => axis + 1).join()) {
    throw layer.main.wrong(`each axis of ${described(signal)}, from 1 to ${rank}, once`);
  }
  return signalOf(layer.transpose(layer.plain(signal), [0, ...order]), order.map((axis) => signal.shape[axis - 1] ?? 1));
}

/** Every pixel so many times along each axis (ONNX Resize, nearest). */
function upsample(layer: LayerScope, signal: Signal): Signal {
  layer.needs(signal, [2, 3, 4], 'a sequence, an image or a volume', 'Put it before what flattens the signal.');
  const spatial = spatialOf(signal.shape);
  const factors = layer.main ? wholesOf(layer.main, spatial.length) : spatial.map(() => 2);
  const shape = withChannels(channelsOf(signal.shape), spatial.map((size, i) => size * (factors[i] ?? 1)));
  if (elementCount(shape) > largestSize) {
    throw layer.refuse(`makes [${shape.join(', ')}], which is more than ${largestSize} numbers`, 'Choose smaller factors.');
  }
  const scales = layer.building.builder.constant('float32', [spatial.length + 2], [1, 1, ...factors]);
  const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
  return channelsFirst(layer.add('Resize', [layer.first(signal), '', scales], attributes), shape);
}

/** Srivastava et al. 2014 */
function dropout(layer: LayerScope, signal: Signal): Signal {
  const ratio = layer.main ? numberOf(layer.main, { least: 0, most: 0.99 }) : 0.5;
  return layer.each(signal, (value) => layer.add('Dropout', [value, layer.scalar(ratio)]));
}

export const reshapingLayers: LayerTable = {
  flatten: { what: 'a flatten', example: 'true', isComplete: true, options: [], roles: [], build: flatten },
  reshape: { what: 'a reshape', example: '[16, 7, 7]', isComplete: false, options: [], roles: [], build: reshape },
  permute: { what: 'a permute', example: '[2, 1]', isComplete: false, options: [], roles: [], build: permute },
  upsample: { what: 'an upsample', example: '2', isComplete: true, options: [], roles: [], build: upsample },
  dropout: { what: 'a dropout', example: '0.1', isComplete: true, options: [], roles: [], build: dropout },
};
