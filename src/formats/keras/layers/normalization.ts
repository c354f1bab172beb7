// Normalisations of Keras.

import { float } from '../../../core/graph/builder';
import { say } from '../../../protocol/words';
import { asList } from '../fields';
import type { LayerScope } from '../scope';
import type { Shape, Signal } from '../signal';
import { channelsFirst, signalOf } from '../signal';
import type { DescribeLayer, LayerTable } from './table';

/** The axes a layer names, counted from the front, sorted. */
function axesOf(layer: LayerScope, rank: number, otherwise = -1): readonly number[] {
  const raw = layer.fields.raw('axis') ?? otherwise;
  const axes = (asList(raw) ?? [raw]).map((axis) => (typeof axis === 'number' && axis < 0 ? axis + rank : Number(axis)));
  if (axes.length === 0 || axes.some((axis) => !Number.isInteger(axis) || axis < 0 || axis >= rank)) {
    throw layer.fields.refuse('axis', say('an axis of {0}', rank));
  }
  return axes.sort((a, b) => a - b);
}

function epsilonOf(layer: LayerScope, otherwise: number): number {
  return layer.fields.number('epsilon', otherwise);
}

const ones = (layer: LayerScope, count: number, value: number): string => layer.vector(Array.from({ length: count }, () => value));

/** Scale and shift, or what does nothing where the layer has none. */
function scaleOf(layer: LayerScope, name: 'gamma' | 'beta', count: number): string {
  const isThere = layer.fields.boolean(name === 'gamma' ? 'scale' : 'center', true);
  const value = name === 'gamma' ? 1 : 0;
  return isThere ? layer.weight(name, [count], value === 1 ? 'ones' : 'zeros') : ones(layer, count, value);
}

const batchNormalization: DescribeLayer = (layer, [signal]) => {
  const rank = signal.shape.length;
  const [axis = rank - 1, ...others] = axesOf(layer, rank);
  if (others.length > 0) throw layer.refuse(say('normalises over several axes'), say('Initscope reads batch normalisations along one axis.'));
  const count = layer.size(signal, axis);
  const parameters = [scaleOf(layer, 'gamma', count), scaleOf(layer, 'beta', count),
    layer.weight('moving_mean', [count], 'zeros', { trainable: false }), layer.weight('moving_variance', [count], 'ones', { trainable: false })];
  const attributes = { epsilon: float(epsilonOf(layer, 1e-3)) };
  if (axis === rank - 1) return channelsFirst(layer.add('BatchNormalization', [layer.first(signal), ...parameters], attributes), signal.shape);
  const turn = Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis).toSpliced(1, 0, axis);
  const back = turn.map((_, i) => turn.indexOf(i));
  const value = layer.add('BatchNormalization', [layer.transpose(layer.plain(signal), turn), ...parameters], attributes);
  return signalOf(layer.transpose(value, back), signal.shape);
};

const layerNormalization: DescribeLayer = (layer, [signal]) => {
  const rank = signal.shape.length;
  const axes = axesOf(layer, rank);
  const sizes = axes.map((axis) => layer.size(signal, axis));
  const count = sizes.length;
  const epsilon = epsilonOf(layer, 1e-3);
  const given = (name: 'gamma' | 'beta', has: boolean): string | null => (has ? layer.weight(name, sizes, name === 'gamma' ? 'ones' : 'zeros') : null);
  if (layer.fields.boolean('rms_scaling', false)) return rootMeanSquare(layer, signal, axes, epsilon, given('gamma', true));
  const [gamma, beta] = [given('gamma', layer.fields.boolean('scale', true)), given('beta', layer.fields.boolean('center', true))];
  const isTrailing = axes.every((axis, i) => axis === rank - count + i);
  if (isTrailing) {
    const scale = gamma ?? layer.building.builder.constant('float32', sizes, Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, () => 1));
    const inputs = [layer.plain(signal), scale, ...(beta === null ? [] : [beta])];
    return signalOf(layer.add('LayerNormalization', inputs, { axis: rank - count, epsilon: float(epsilon) }), signal.shape);
  }
  // (x − mean) / sqrt(variance + ε) · γ + β over axes that are not the last (Ba et al. 2016, arXiv 1607.06450, eq. 4)
  const value = layer.plain(signal);
  const mean = layer.add('ReduceMean', [value, layer.ints(axes)], { keepdims: 1 });
  const centred = layer.add('Sub', [value, mean]);
  const variance = layer.add('ReduceMean', [layer.add('Mul', [centred, centred]), layer.ints(axes)], { keepdims: 1 });
  const deviation = layer.add('Sqrt', [layer.add('Add', [variance, layer.scalar(epsilon)])]);
  return signalOf(affine(layer, layer.add('Div', [centred, deviation]), signal.shape, axes, gamma, beta), signal.shape);
};

/** Scale and shift of some axes, spread over the others. */
function affine(layer: LayerScope, value: string, shape: Shape, axes: readonly number[], gamma: string | null, beta: string | null): string {
  const spread = (parameter: string): string => layer.reshape(parameter, shape.map((size, axis) => (axes.includes(axis) ? size : 1)));
  const scaled = gamma === null ? value : layer.add('Mul', [value, spread(gamma)]);
  return beta === null ? scaled : layer.add('Add', [scaled, spread(beta)]);
}

/** x / sqrt(mean(x²) + ε) · γ (Zhang & Sennrich 2019, arXiv 1910.07467, eq. 4) */
function rootMeanSquare(layer: LayerScope, signal: Signal, axes: readonly number[], epsilon: number, gamma: string | null): Signal {
  const value = layer.plain(signal);
  const square = layer.add('ReduceMean', [layer.add('Mul', [value, value]), layer.ints(axes)], { keepdims: 1 });
  const root = layer.add('Sqrt', [layer.add('Add', [square, layer.scalar(epsilon)])]);
  const isLast = axes.length === 1 && axes[0] === signal.shape.length - 1;
  const normal = layer.add('Div', [value, root]);
  return signalOf(isLast && gamma !== null ? layer.add('Mul', [normal, gamma]) : affine(layer, normal, signal.shape, axes, gamma, null), signal.shape);
}

const rmsNormalization: DescribeLayer = (layer, [signal]) => {
  const axes = axesOf(layer, signal.shape.length);
  const gamma = layer.weight('scale', axes.map((axis) => layer.size(signal, axis)), 'ones', { field: null });
  return rootMeanSquare(layer, signal, axes, epsilonOf(layer, 1e-6), gamma);
};

const groupNormalization: DescribeLayer = (layer, [signal]) => {
  const rank = signal.shape.length;
  const [axis = rank - 1] = axesOf(layer, rank);
  const count = layer.size(signal, axis);
  const given = layer.fields.integer('groups', 32);
  const groups = given === -1 ? count : given;
  if (groups < 1 || count % groups !== 0) throw layer.refuse(say('has {0} groups, which do not divide its {1} channels', groups, count));
  const parameters = [scaleOf(layer, 'gamma', count), scaleOf(layer, 'beta', count)];
  const turn = axis === rank - 1 ? null : Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis).toSpliced(1, 0, axis);
  const input = turn ? layer.transpose(layer.plain(signal), turn) : layer.first(signal);
  const value = layer.add('GroupNormalization', [input, ...parameters], { num_groups: groups, epsilon: float(epsilonOf(layer, 1e-3)) });
  return turn ? signalOf(layer.transpose(value, turn.map((_, i) => turn.indexOf(i))), signal.shape) : channelsFirst(value, signal.shape);
};

/** x / max(‖x‖₂, 10⁻¹²) along the axes (keras.ops.normalize). */
const unitNormalization: DescribeLayer = (layer, [signal]) => {
  const value = layer.plain(signal);
  const axes = layer.ints(axesOf(layer, signal.shape.length));
  const length = layer.add('ReduceL2', [value, axes], { keepdims: 1 });
  return signalOf(layer.add('Div', [value, layer.add('Max', [length, layer.scalar(1e-12)])]), signal.shape);
};

/** The kernel is divided by its largest singular value while it is trained; what is stored is divided already. */
const spectralNormalization: DescribeLayer = (layer, inputs, { call }) => {
  const wrapped = layer.fields.object('layer');
  layer.note(say('Spectral normalisations are run with the kernels that are stored, which are divided by their norms anew at each step of training.'));
  const outputs = call(layer.inner('layer', wrapped.object('config'), wrapped.object('config').string('name', 'layer')), wrapped.string('class_name'), inputs);
  return outputs;
};

export const normalizationLayers: LayerTable = {
  BatchNormalization: batchNormalization, LayerNormalization: layerNormalization, RMSNormalization: rmsNormalization,
  GroupNormalization: groupNormalization, UnitNormalization: unitNormalization, SpectralNormalization: spectralNormalization,
};
