// Layers that only move values about: reshaping, permuting, cropping, padding and repeating.

import { say } from '../../../protocol/words';
import type { LayerScope } from '../scope';
import type { Shape } from '../signal';
import { signalOf } from '../signal';
import { fromImage, imageOf } from '../image';
import type { DescribeLayer, LayerTable } from './table';

const product = (sizes: Shape): number | null => sizes.reduce<number | null>((all, size) => (all === null || size === null ? null : all * size), 1);

const flatten: DescribeLayer = (layer, [signal]) => {
  const inner = signal.shape.slice(1);
  const shape: Shape = [signal.shape[0] ?? null, product(inner)];
  const isFirst = layer.fields.string('data_format', 'channels_last') === 'channels_first';
  // Told that the channels are first, Keras puts them last before it flattens.
  const rank = signal.shape.length;
  const value = isFirst && rank > 2 ? layer.transpose(layer.plain(signal), [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1]) : layer.plain(signal);
  if (signal.shape.length === 2) return signal;
  return signalOf(signal.shape.length === 1 ? layer.reshape(value, [null, 1]) : layer.add('Flatten', [value], { axis: 1 }), shape);
};

const reshape: DescribeLayer = (layer, [signal]) => {
  const target = layer.fields.list('target_shape').map((size) => (typeof size === 'number' ? size : -1));
  const known = target.filter((size) => size !== -1).reduce((all, size) => all * size, 1);
  const all = product(signal.shape.slice(1));
  if (target.filter((size) => size === -1).length > 1 || (all !== null && (known === 0 || all % known !== 0))) {
    const from = signal.shape.slice(1).map((size) => size ?? '?').join(', ');
    throw layer.refuse(say('makes [{0}] of [{1}], which has another number of elements', target.join(', '), from));
  }
  const shape: Shape = [signal.shape[0] ?? null, ...target.map((size) => (size === -1 ? (all === null ? null : all / known) : size))];
  return signalOf(layer.add('Reshape', [layer.plain(signal), layer.ints(batched(shape, target))]), shape);
};

/** 0 keeps the batch where another size is open. */
const batched = (shape: Shape, target: readonly number[]): readonly number[] => [0, ...target.map((size, i) => (size === -1 ? shape[i + 1] ?? -1 : size))];

const permute: DescribeLayer = (layer, [signal]) => {
  const perm = [0, ...layer.fields.list('dims').map(Number)];
  if ([...perm].sort((a, b) => a - b).some((axis, i) => axis !== i) || perm.length !== signal.shape.length) {
    throw layer.fields.refuse('dims', say('an order of 1 to {0}', signal.shape.length - 1));
  }
  return signalOf(layer.transpose(layer.plain(signal), perm), perm.map((axis) => signal.shape[axis] ?? null));
};

const repeatVector: DescribeLayer = (layer, [signal]) => {
  const count = layer.fields.integer('n', undefined, 1);
  const [batch = null, width = null] = signal.shape;
  const column = layer.add('Unsqueeze', [layer.plain(signal), layer.ints([1])]);
  return signalOf(layer.add('Tile', [column, layer.ints([1, count, 1])]), [batch, count, width]);
};

/** [before, behind] for each spatial axis, from one number, one for each axis, or pairs. */
function sides(layer: LayerScope, field: string, rank: number, otherwise: number): readonly (readonly [number, number])[] {
  const value = layer.fields.raw(field) ?? otherwise;
  const pair = (each: unknown): readonly [number, number] => {
    const [a, b = a] = Array.isArray(each) ? each as readonly unknown[] : [each];
    if (typeof a === 'number' && typeof b === 'number' && a >= 0 && b >= 0) return [a, b];
    throw layer.fields.refuse(field, say('numbers of rows to take off or put on'));
  };
  if (!Array.isArray(value)) return Array.from({ length: rank }, () => pair(value));
  // Of one axis the pair stands alone.
  const list: readonly unknown[] = value;
  return rank === 1 && list.length === 2 && list.every((each) => typeof each === 'number') ? [pair(list)] : list.map(pair);
}

const zeroPadding = (rank: number): DescribeLayer => (layer, [signal]) => {
  const image = imageOf(layer, signal, rank);
  const each = sides(layer, 'padding', rank, 1);
  const pads = [0, 0, ...each.map(([before]) => before), 0, 0, ...each.map(([, behind]) => behind)];
  const spatial = image.spatial.map((size, i) => (size === null ? null : size + (each[i]?.[0] ?? 0) + (each[i]?.[1] ?? 0)));
  return fromImage(layer, { ...image, value: layer.add('Pad', [image.value, layer.ints(pads)]), spatial });
};

/** Far enough behind the end to mean it (ONNX Slice). */
const toEnd = 2 ** 31 - 1;

const cropping = (rank: number): DescribeLayer => (layer, [signal]) => {
  const image = imageOf(layer, signal, rank);
  const each = sides(layer, 'cropping', rank, rank === 1 ? 1 : 0);
  const [starts, ends] = [each.map(([before]) => before), each.map(([, behind]) => (behind === 0 ? toEnd : -behind))];
  const value = layer.add('Slice', [image.value, layer.ints(starts), layer.ints(ends), layer.ints(each.map((_, i) => i + 2))]);
  const spatial = image.spatial.map((size, i) => (size === null ? null : size - (each[i]?.[0] ?? 0) - (each[i]?.[1] ?? 0)));
  return fromImage(layer, { ...image, value, spatial });
};

/** Linear between the centres of pixels, as TensorFlow 2 and PyTorch resize (`half_pixel`). */
const modes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nearest: { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' },
  bilinear: { mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
};

const upSampling = (rank: number): DescribeLayer => (layer, [signal]) => {
  const image = imageOf(layer, signal, rank);
  const factors = layer.fields.integers('size', rank, 2);
  const interpolation = layer.fields.string('interpolation', 'nearest');
  const mode = modes[interpolation];
  if (!mode) throw layer.refuse(say('resizes by "{0}"', interpolation), say('Initscope runs "nearest" and "bilinear".'));
  const scales = layer.vector([1, 1, ...factors]);
  const value = layer.add('Resize', [image.value, '', scales], mode);
  return fromImage(layer, { ...image, value, spatial: image.spatial.map((size, i) => (size === null ? null : size * (factors[i] ?? 1))) });
};

export const reshapingLayers: LayerTable = {
  Flatten: flatten, Reshape: reshape, Permute: permute, RepeatVector: repeatVector,
  ZeroPadding1D: zeroPadding(1), ZeroPadding2D: zeroPadding(2), ZeroPadding3D: zeroPadding(3),
  Cropping1D: cropping(1), Cropping2D: cropping(2), Cropping3D: cropping(3),
  UpSampling1D: upSampling(1), UpSampling2D: upSampling(2), UpSampling3D: upSampling(3),
};
