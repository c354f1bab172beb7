// Dense layers, embeddings, activations as layers, and what hands its input on.

import { activate, activateBy } from '../activations';
import { Fields } from '../fields';
import { maskedBy } from '../masks';
import { kernelOf } from '../quantized';
import type { LayerScope } from '../scope';
import type { Shape, Signal } from '../signal';
import { signalOf } from '../signal';
import { einsumDense } from './einsumDense';
import type { DescribeLayer, LayerTable } from './table';

const dense: DescribeLayer = (layer, [signal]) => {
  const { fields } = layer;
  const units = fields.integer('units', undefined, 1);
  const hasBias = fields.boolean('use_bias', true);
  const kernel = kernelOf(layer, {
    name: 'kernel', shape: [layer.size(signal, -1), units], otherwise: layer.usualKernel, outputs: [1], scaleShape: [units], between: hasBias ? 1 : 0,
  });
  const product = layer.add('MatMul', [layer.plain(signal), kernel]);
  const value = hasBias ? layer.add('Add', [product, layer.weight('bias', [units], 'zeros')]) : product;
  return activate(layer, signalOf(value, [...signal.shape.slice(0, -1), units]));
};

const embedding: DescribeLayer = (layer, [signal]) => {
  const { fields } = layer;
  const [rows, width] = [fields.integer('input_dim', undefined, 1), fields.integer('output_dim', undefined, 1)];
  const table = tableOf(layer, rows, width);
  const own = indices(layer, signal);
  const rowsOf = signalOf(layer.add('Gather', [table, own], { axis: 0 }), [...signal.shape, width]);
  // Row 0 stands for a step that is not there.
  return fields.boolean('mask_zero', false) && signal.shape.length === 2 ? { ...rowsOf, mask: layer.add('Cast', [own], { to: 9 }) } : rowsOf;
};

/** A quantised one has a scale for each row. */
const tableOf = (layer: LayerScope, rows: number, width: number): string => (
  kernelOf(layer, { name: 'embeddings', shape: [rows, width], otherwise: 'random_uniform', outputs: [0], scaleShape: [rows], between: 0 }));

/** Whole numbers, as a table is looked up by. */
function indices(layer: LayerScope, signal: Signal): string {
  const value = layer.plain(signal);
  return signal.dtype === 'int64' || signal.dtype === 'int32' ? value : layer.add('Cast', [value], { to: 7 });
}

/** A table looked up, or, with `reverse`, the product with its transpose: the head of a language model that is tied to its embedding. */
const reversibleEmbedding: DescribeLayer = (layer, [signal], { constants }) => {
  const { fields } = layer;
  const [rows, width] = [fields.integer('input_dim', undefined, 1), fields.integer('output_dim', undefined, 1)];
  const table = tableOf(layer, rows, width);
  const own = fields.boolean('tie_weights', true) ? null
    : layer.weight('reverse_embeddings', [width, rows], 'random_uniform', { field: 'embeddings_initializer' });
  if (constants.get('reverse') !== true) return signalOf(layer.add('Gather', [table, indices(layer, signal)], { axis: 0 }), [...signal.shape, width]);
  const product = layer.add('MatMul', [layer.plain(signal), own ?? layer.transpose(table, [1, 0])]);
  const cap = fields.raw('logit_soft_cap');
  // cap · tanh(x / cap)
  const capped = typeof cap !== 'number' ? product
    : layer.add('Mul', [layer.add('Tanh', [layer.add('Div', [product, layer.scalar(cap)])]), layer.scalar(cap)]);
  return signalOf(capped, [...signal.shape.slice(0, -1), rows]);
};

/** A slope for each element below 0, one for all along `shared_axes` (He et al. 2015, arXiv 1502.01852, eq. 1). */
const prelu: DescribeLayer = (layer, [signal]) => {
  const shared = layer.fields.list('shared_axes', []).map(Number);
  const shape: Shape = signal.shape.slice(1).map((size, i) => (shared.includes(i + 1) ? 1 : size));
  const slope = layer.weight('alpha', shape, 'zeros');
  return signalOf(layer.add('PRelu', [layer.plain(signal), slope]), signal.shape);
};

/** Names of fields that a layer and its function call otherwise. */
const byFunction = (name: string, defaults: Readonly<Record<string, unknown>>): DescribeLayer => (layer, [signal]) => {
  const { fields } = layer;
  const given = Object.fromEntries(fields.names().map((field) => [field, fields.raw(field)]));
  return activateBy(layer, signal, name, new Fields(fields.file, fields.path, { ...defaults, ...given }));
};

const identity: DescribeLayer = (_, inputs) => inputs;

export const coreLayers: LayerTable = {
  Dense: dense, EinsumDense: einsumDense, Embedding: embedding, ReversibleEmbedding: reversibleEmbedding, PReLU: prelu,
  Activation: (layer, [signal]) => activate(layer, signal, 'activation', 'linear'),
  ReLU: byFunction('relu', {}), ELU: byFunction('elu', {}), Softmax: byFunction('softmax', {}),
  // 0.3 in the layer, 0.2 in the function (keras.layers.LeakyReLU, keras.activations.leaky_relu).
  LeakyReLU: byFunction('leaky_relu', { alpha: 0.3 }), ThresholdedReLU: byFunction('relu', { theta: 1 }),
  Identity: identity, InputLayer: identity, ActivityRegularization: identity,
  Masking: (layer, [signal]) => maskedBy(layer, signal, layer.fields.number('mask_value', 0)),
};
