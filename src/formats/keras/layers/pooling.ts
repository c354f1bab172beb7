// Pools of Keras: over windows, over everything, and over windows whose number is fixed.

import { say } from '../../../protocol/words';
import type { Window } from '../image';
import { fromImage, imageOf, paddingOf, readPadding, windowed } from '../image';
import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { signalOf } from '../signal';
import type { LayerTable } from './table';

const pool = (op: 'MaxPool' | 'AveragePool', rank: number) => (layer: LayerScope, [signal]: readonly [Signal, ...Signal[]]): Signal => {
  const { fields } = layer;
  const image = imageOf(layer, signal, rank);
  // Before Keras 2 a pool along time was called by its length.
  const named = rank === 1 && !fields.has('pool_size') && fields.has('pool_length') ? 'pool_length' : 'pool_size';
  const kernel = fields.integers(named, rank, 2);
  const strides = fields.has('strides') ? fields.integers('strides', rank) : kernel;
  const window: Window = { kernel, strides, dilations: kernel.map(() => 1), padding: readPadding(layer) };
  // The average is of what is inside: padding does not count in TensorFlow.
  const value = layer.add(op, [image.value], { kernel_shape: kernel, strides, ...paddingOf(image.spatial, window) });
  return fromImage(layer, { ...image, value, spatial: windowed(layer, image.spatial, window) });
};

const global = (op: 'ReduceMax' | 'ReduceMean', rank: number) => (layer: LayerScope, [signal]: readonly [Signal, ...Signal[]]): Signal => {
  if (rank === 1 && op === 'ReduceMean' && signal.mask !== undefined) return maskedMean(layer, signal, signal.mask);
  const image = imageOf(layer, signal, rank);
  const keepdims = layer.fields.boolean('keepdims', false);
  const axes = layer.ints(image.spatial.map((_, i) => i + 2));
  const value = layer.add(op, [image.value, axes], { keepdims: keepdims ? 1 : 0 });
  return keepdims ? fromImage(layer, { ...image, value, spatial: image.spatial.map(() => 1) }) : signalOf(value, [image.batch, image.channels]);
};

/** Of the steps that count. */
function maskedMean(layer: LayerScope, signal: Signal, mask: string): Signal {
  const isFirst = layer.fields.string('data_format', 'channels_last') === 'channels_first';
  const axis = isFirst ? 2 : 1;
  const counts = layer.add('Unsqueeze', [mask, layer.ints([isFirst ? 1 : 2])]);
  const keepdims = layer.fields.boolean('keepdims', false);
  const total = (value: string): string => layer.add('ReduceSum', [value, layer.ints([axis])], { keepdims: keepdims ? 1 : 0 });
  const kept = layer.add('Where', [counts, layer.plain(signal), layer.scalar(0)]);
  const value = layer.add('Div', [total(kept), total(layer.add('Cast', [counts], { to: 1 }))]);
  return signalOf(value, signal.shape.flatMap((size, each) => (each !== axis ? [size] : keepdims ? [1] : [])));
}

/** Window i of n goes from ⌊i·size/n⌋ to ⌈(i + 1)·size/n⌉ (keras.src.layers.pooling.base_adaptive_pooling, as PyTorch has it). */
const adaptive = (op: 'ReduceMax' | 'ReduceMean', rank: number) => (layer: LayerScope, [signal]: readonly [Signal, ...Signal[]]): Signal => {
  const image = imageOf(layer, signal, rank);
  const counts = layer.fields.integers('output_size', rank);
  let { value } = image;
  counts.forEach((count, i) => {
    const size = image.spatial[i];
    if (size == null) {
      throw layer.refuse(say('needs to know all sizes of its input, [{0}]', signal.shape.map((each) => each ?? '?').join(', ')),
        say('Give the network an input shape.'));
    }
    if (count === size) return;
    const axis = i + 2;
    const windows = Array.from({ length: count }, (_, k) => {
      const bounds = [Math.floor((k * size) / count), Math.ceil(((k + 1) * size) / count)].map((bound) => layer.ints([bound]));
      const part = layer.add('Slice', [value, ...bounds, layer.ints([axis])]);
      return layer.add(op, [part, layer.ints([axis])], { keepdims: 1 });
    });
    value = windows.length === 1 ? windows[0] ?? '' : layer.add('Concat', windows, { axis });
  });
  return fromImage(layer, { ...image, value, spatial: counts });
};

export const poolingLayers: LayerTable = {
  MaxPooling1D: pool('MaxPool', 1), MaxPooling2D: pool('MaxPool', 2), MaxPooling3D: pool('MaxPool', 3),
  AveragePooling1D: pool('AveragePool', 1), AveragePooling2D: pool('AveragePool', 2), AveragePooling3D: pool('AveragePool', 3),
  GlobalMaxPooling1D: global('ReduceMax', 1), GlobalMaxPooling2D: global('ReduceMax', 2), GlobalMaxPooling3D: global('ReduceMax', 3),
  GlobalAveragePooling1D: global('ReduceMean', 1), GlobalAveragePooling2D: global('ReduceMean', 2), GlobalAveragePooling3D: global('ReduceMean', 3),
  AdaptiveMaxPooling1D: adaptive('ReduceMax', 1), AdaptiveMaxPooling2D: adaptive('ReduceMax', 2), AdaptiveMaxPooling3D: adaptive('ReduceMax', 3),
  AdaptiveAveragePooling1D: adaptive('ReduceMean', 1), AdaptiveAveragePooling2D: adaptive('ReduceMean', 2), AdaptiveAveragePooling3D: adaptive('ReduceMean', 3),
};
