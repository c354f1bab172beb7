// Preprocessing of Keras that is arithmetic: scaling, centring, resizing; what only makes random variants of training data hands it on.

import { say } from '../../../protocol/words';
import { asList } from '../fields';
import { fromImage, imageOf } from '../image';
import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { signalOf } from '../signal';
import type { DescribeLayer, LayerTable } from './table';

/** x · scale + offset */
const rescaling: DescribeLayer = (layer, [signal]) => {
  const factor = (name: string, otherwise: number): string => {
    const list = asList(layer.fields.raw(name));
    return list ? layer.vector(list.map(Number)) : layer.scalar(layer.fields.number(name, otherwise));
  };
  const scaled = layer.add('Mul', [asFloat(layer, signal), factor('scale', 1)]);
  return signalOf(layer.add('Add', [scaled, factor('offset', 0)]), signal.shape);
};

function asFloat(layer: LayerScope, signal: Signal): string {
  return signal.dtype === 'float32' ? layer.plain(signal) : layer.add('Cast', [layer.plain(signal)], { to: 1 });
}

/** (x − mean) / max(sqrt(variance), 10⁻⁷), the axes it names kept (keras.layers.Normalization). */
const normalization: DescribeLayer = (layer, [signal]) => {
  const rank = signal.shape.length;
  const raw = layer.fields.names().includes('axis') ? layer.fields.raw('axis') : -1;
  const axes = raw === undefined ? [] : (asList(raw) ?? [raw]).map((axis) => (Number(axis) < 0 ? Number(axis) + rank : Number(axis))).sort((a, b) => a - b);
  const sizes = axes.map((axis) => layer.size(signal, axis));
  const spread = (value: string): string => layer.reshape(value, Array.from({ length: rank }, (_, i) => (axes.includes(i) ? sizes[axes.indexOf(i)] ?? 1 : 1)));
  const given = ['mean', 'variance'].map((name) => layer.fields.raw(name));
  const flat = (value: unknown): number[] => (Array.isArray(value) ? value.flatMap(flat) : [Number(value)]);
  const [mean, variance] = given.every((each) => each !== undefined)
    ? given.map((each) => layer.vector(flat(each)))
    : [layer.weight('mean', sizes, 'zeros', { trainable: false, field: null }), layer.weight('variance', sizes, 'ones', { trainable: false, field: null })];
  const own = (value: string | undefined, name: number): string => (given[name] === undefined || flat(given[name]).length > 1 ? spread(value ?? '')
    : value ?? '');
  const deviation = layer.add('Max', [layer.add('Sqrt', [own(variance, 1)]), layer.scalar(1e-7)]);
  const isInverse = layer.fields.boolean('invert', false);
  const input = asFloat(layer, signal);
  if (isInverse) return signalOf(layer.add('Add', [layer.add('Mul', [input, deviation]), own(mean, 0)]), signal.shape);
  return signalOf(layer.add('Div', [layer.add('Sub', [input, own(mean, 0)]), deviation]), signal.shape);
};

const modes: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  bilinear: { mode: 'linear', coordinate_transformation_mode: 'half_pixel' },
  nearest: { mode: 'nearest', coordinate_transformation_mode: 'half_pixel', nearest_mode: 'round_prefer_ceil' },
};

const resizing: DescribeLayer = (layer, [signal]) => {
  const image = imageOf(layer, signal, 2);
  const sizes = [layer.fields.integer('height', undefined, 1), layer.fields.integer('width', undefined, 1)];
  const mode = modes[layer.fields.string('interpolation', 'bilinear')];
  if (!mode || image.channels === null) {
    throw layer.refuse(say('resizes by "{0}"', layer.fields.string('interpolation', 'bilinear')), say('Initscope runs "bilinear" and "nearest".'));
  }
  const shape = layer.add('Concat', [layer.add('Slice', [layer.add('Shape', [image.value]), layer.ints([0]), layer.ints([2]), layer.ints([0])]),
    layer.ints(sizes)], { axis: 0 });
  return fromImage(layer, { ...image, value: layer.add('Resize', [image.value, '', '', shape], mode), spatial: sizes });
};

/** The middle of an image that is larger. */
const centerCrop: DescribeLayer = (layer, [signal]) => {
  const image = imageOf(layer, signal, 2);
  const sizes = [layer.fields.integer('height', undefined, 1), layer.fields.integer('width', undefined, 1)];
  const starts = image.spatial.map((size, i) => (size === null ? NaN : Math.floor((size - (sizes[i] ?? 0)) / 2)));
  if (starts.some((start) => Number.isNaN(start) || start < 0)) {
    throw layer.refuse(say('crops an image whose size is open, or smaller'), say('Give the network an input shape.'));
  }
  const ends = starts.map((start, i) => start + (sizes[i] ?? 0));
  const value = layer.add('Slice', [image.value, layer.ints(starts), layer.ints(ends), layer.ints([2, 3])]);
  return fromImage(layer, { ...image, value, spatial: sizes });
};

const untouched: DescribeLayer = (_, inputs) => inputs;

/** Variants of training data: nothing happens to what a network is given otherwise. */
const augmentations = [
  'AugMix', 'AutoContrast', 'CutMix', 'Equalization', 'MaxNumBoundingBoxes', 'MixUp', 'RandAugment', 'RandomBrightness', 'RandomColorDegeneration',
    'RandomColorJitter',
  'RandomContrast', 'RandomElasticTransform', 'RandomErasing', 'RandomFlip', 'RandomGaussianBlur', 'RandomGrayscale', 'RandomHue', 'RandomInvert',
  'RandomPerspective', 'RandomPosterization', 'RandomRotation', 'RandomSaturation', 'RandomSharpness', 'RandomShear', 'RandomTranslation', 'RandomZoom',
    'Solarization', 'CLAHE',
];

/** One batch of ids as a vector for each: the ones of a table that is the identity, added up where asked. */
const categoryEncoding: DescribeLayer = (layer, [signal]) => {
  const [count, mode] = [layer.fields.integer('num_tokens', undefined, 1), layer.fields.string('output_mode', 'multi_hot')];
  const ids = layer.add('Cast', [layer.plain(signal)], { to: 7 });
  const hot = layer.add('OneHot', [ids, layer.building.builder.constant('int64', [], [count]), layer.vector([0, 1])], { axis: -1 });
  if (mode === 'one_hot') {
    const isColumn = signal.shape.at(-1) === 1;
    const value = isColumn ? layer.add('Squeeze', [hot, layer.ints([-2])]) : hot;
    return signalOf(value, [...(isColumn ? signal.shape.slice(0, -1) : signal.shape), count]);
  }
  const sum = layer.add(mode === 'count' ? 'ReduceSum' : 'ReduceMax', [hot, layer.ints([-2])], { keepdims: 0 });
  return signalOf(sum, [...signal.shape.slice(0, -1), count]);
};

export const preprocessingLayers: LayerTable = {
  Rescaling: rescaling, Normalization: normalization, Resizing: resizing, CenterCrop: centerCrop, CategoryEncoding: categoryEncoding,
  ...Object.fromEntries(augmentations.map((name) => [name, untouched])),
};
