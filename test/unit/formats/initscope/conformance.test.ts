/** The same network in our language and in that of Keras: the same fans, advice, signals and gradients, given the same weights in either layout. */
import { describe, expect, it } from 'vitest';

import { elementCount } from '../../../../src/core/graph/dtype';
import { recommend } from '../../../../src/core/initializers/recommendation';
import type { Layer, LayerWeight } from '../../../../src/core/layers/layer';
import { encodeNpz } from '../../../../src/formats/numpy/npz';
import type { NumpyArray } from '../../../../src/formats/numpy/npy';
import type { OpenedModel } from '../../../../src/formats/openModel';
import type { Moments, SimulationRun } from '../../../../src/protocol/simulation';
import { only, present } from '../../support/graphs';
import { createRandom } from '../../support/random';
import { createFolder, createWriter } from '../../support/temporary';
import type { Floats } from './kerasTwins';
import { asKeras, channelsLast, keras, kerasModel, paired } from './kerasTwins';
import type { Json } from './networks';
import { network, openText, runsOf } from './networks';

const write = createWriter(createFolder());
const batch = 3;
const random = createRandom(7);
const noise = (shape: readonly number[]): Floats => (
  { shape, data: Float32Array.from({ length: elementCount(shape) }, () => random() + random() + random() - 1.5) });

interface Pair {
  readonly ours: Json;
  readonly theirs: Json;
  readonly shape: readonly number[];
  readonly tokens?: number;
}

interface Placed { readonly layer: Layer; readonly weight: LayerWeight }

function weightsOf(layers: readonly Layer[]): readonly Placed[] {
  const all = layers.flatMap((layer) => layer.weights.map((weight) => ({ layer, weight })));
  return [...new Map(all.map((each) => [each.weight.id, each])).values()];
}

/** Values of a weight; the second bias, that of the state, is zero, as Keras has it in an LSTM. */
function drawn({ layer: { op }, weight: { role, tensor } }: Placed): Floats {
  const { shape, data } = noise(tensor.shape);
  if (role === 'running variance') return { shape, data: data.map((x) => Math.abs(x) + 0.5) };
  if (role === 'bias' && (op === 'LSTM' || op === 'RNN')) data.fill(0, data.length / 2);
  return { shape, data };
}

/** Both run with the same weights, input and cotangent. */
async function runBoth({ ours, theirs, shape, tokens }: Pair, [own, other]: readonly [OpenedModel, OpenedModel]): Promise<readonly SimulationRun[]> {
  const [mine, yours] = [own.layers, paired(own.layers, other.layers)].map(weightsOf);
  const weights = [new Map<string, NumpyArray>(), new Map<string, NumpyArray>()] as const;
  mine?.forEach((placed, i) => {
    const twin = present(yours?.[i]).weight;
    const values = drawn(placed);
    weights[0].set(placed.weight.name, values);
    weights[1].set(twin.name, asKeras(placed.layer, placed.weight, values, twin.tensor.shape));
  });
  const sizes = [batch, ...shape];
  const words = BigInt64Array.from({ length: elementCount(sizes) }, () => BigInt(Math.floor(random() * (tokens ?? 1))));
  const floats = noise(sizes);
  const inputs: readonly NumpyArray[] = tokens === undefined ? [floats, shape.length > 2 ? channelsLast(floats) : floats]
    : [{ shape: sizes, data: words }, { shape: sizes, data: words }];
  const cotangent = noise([batch, ...own.graph.outputs[0]?.shape?.slice(1).map(Number) ?? []]);
  return Promise.all([own, other].map(async ({ graph }, i) => {
    const npz = (name: string, arrays: ReadonlyMap<string, NumpyArray>): string => write(`${i}-${name}.npz`, encodeNpz(arrays));
    const file = write(i === 0 ? 'ours.initscope.json' : 'model.json', JSON.stringify(i === 0 ? ours : theirs));
    return only(await runsOf(file, { batch }, {
      weights: npz('weights', i === 0 ? weights[0] : weights[1]), input: npz('input', new Map([[graph.inputs[0]?.name ?? '', present(inputs[i])]])),
      cotangent: npz('cotangent', new Map([[graph.outputs[0]?.name ?? '', cotangent]])),
    }));
  }));
}

const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-4 * Math.max(Math.abs(a), Math.abs(b)) + 1e-7;

function unlike(what: string, a: Moments | null | undefined, b: Moments | null | undefined): readonly string[] {
  if (!a || !b) return a === b ? [] : [`${what} is there once`];
  const isSame = a.count === b.count && near(a.variance ?? 0, b.variance ?? 0) && near(a.mean ?? 0, b.mean ?? 0) && near(a.max ?? 0, b.max ?? 0);
  return isSame ? [] : [`${what}: ${a.count} of ${a.mean} ± ${a.variance} and ${b.count} of ${b.mean} ± ${b.variance}`];
}

const padding = 'same';
const epsilon = 1e-5;

const pairs: Readonly<Record<string, Pair>> = {
  'dense layers': {
    shape: [6],
    ours: network([6], [{ dense: 5, activation: 'tanh' }, { dense: 5, activation: 'selu', bias: false }, 'layer-norm', { dense: 4, activation: 'softmax' }]),
    theirs: kerasModel([6], [
      keras('Dense', { units: 5, activation: 'tanh' }), keras('Dense', { units: 5, activation: 'selu', use_bias: false }),
      keras('LayerNormalization', { epsilon }), keras('Dense', { units: 4, activation: 'softmax' }),
    ]),
  },
  'convolutions of all kinds': {
    shape: [4, 9, 8],
    ours: network([4, 9, 8], [
      { 'conv': 6, 'stride': 2, 'activation': 'relu', 'groups': 2 }, 'batch-norm', { 'depthwise-conv': 2, 'kernel': [3, 2], 'activation': 'silu' },
      { 'conv': 4, 'kernel': 1, 'padding': 'valid', 'bias': false }, { 'max-pool': 2, 'padding': 'same' },
      { 'transposed-conv': 3, 'stride': 2, 'activation': 'elu' }, { 'transposed-conv': 2, 'kernel': 4, 'stride': 3 }, { 'group-norm': 2 },
      { 'average-pool': 3, 'stride': 1 }, 'global-average-pool', { dense: 3 },
    ]),
    theirs: kerasModel([9, 8, 4], [
      keras('Conv2D', { filters: 6, kernel_size: 3, strides: 2, padding, activation: 'relu', groups: 2 }), keras('BatchNormalization', { epsilon }),
      keras('DepthwiseConv2D', { kernel_size: [3, 2], depth_multiplier: 2, padding, activation: 'silu' }),
      keras('Conv2D', { filters: 4, kernel_size: 1, use_bias: false }), keras('MaxPooling2D', { pool_size: 2, padding }),
      keras('Conv2DTranspose', { filters: 3, kernel_size: 3, strides: 2, padding, activation: 'elu' }),
      keras('Conv2DTranspose', { filters: 2, kernel_size: 4, strides: 3, padding }), keras('GroupNormalization', { groups: 2, epsilon }),
      keras('AveragePooling2D', { pool_size: 3, strides: 1 }), keras('GlobalAveragePooling2D'), keras('Dense', { units: 3 }),
    ]),
  },
  'convolutions along a sequence': {
    shape: [12, 3],
    ours: network([12, 3], [
      { conv: 6, kernel: 5, activation: 'relu' }, 'batch-norm', { 'max-pool': 2 }, { conv: 6, dilation: 2, activation: 'gelu' }, 'flatten', { dense: 3 },
    ]),
    theirs: kerasModel([12, 3], [
      keras('Conv1D', { filters: 6, kernel_size: 5, padding, activation: 'relu' }), keras('BatchNormalization', { epsilon }), keras('MaxPooling1D'),
      keras('Conv1D', { filters: 6, kernel_size: 3, dilation_rate: 2, padding, activation: 'gelu' }), keras('Flatten'), keras('Dense', { units: 3 }),
    ]),
  },
  'recurrent layers': {
    shape: [5, 3],
    ours: network([5, 3], [{ lstm: 4 }, { gru: 3 }, { rnn: 4 }, 'global-average-pool', { dense: 2 }]),
    theirs: kerasModel([5, 3], [
      keras('LSTM', { units: 4, return_sequences: true }), keras('GRU', { units: 3, return_sequences: true }),
      keras('SimpleRNN', { units: 4, return_sequences: true }), keras('GlobalAveragePooling1D'), keras('Dense', { units: 2 }),
    ]),
  },
  'a residual network': {
    shape: [4, 8, 8],
    ours: network([4, 8, 8], [
      { residual: [{ conv: 4, activation: 'relu' }, { conv: 4 }] }, 'relu',
      { residual: [{ conv: 6, stride: 2, activation: 'relu' }, { conv: 6 }], shortcut: [{ conv: 6, kernel: 1, stride: 2 }] }, 'relu',
      'global-max-pool', { dense: 3 },
    ]),
    theirs: kerasModel([8, 8, 4], [
      keras('Conv2D', { filters: 4, kernel_size: 3, padding, activation: 'relu' }), keras('Conv2D', { filters: 4, kernel_size: 3, padding }),
      keras('Add', { from: ['', 'input'] }), keras('ReLU', { name: 'block' }),
      keras('Conv2D', { filters: 6, kernel_size: 3, strides: 2, padding, activation: 'relu' }),
      keras('Conv2D', { filters: 6, kernel_size: 3, padding, name: 'branch' }), keras('Conv2D', { filters: 6, kernel_size: 1, strides: 2, from: ['block'] }),
      keras('Add', { from: ['', 'branch'] }), keras('ReLU'), keras('GlobalMaxPooling2D'), keras('Dense', { units: 3 }),
    ]),
  },
  'a transformer': {
    shape: [7], tokens: 11,
    ours: {
      initscope: 1, input: { tokens: 11, length: 7 }, layers: [
        { embedding: 8 }, { residual: ['layer-norm', { attention: 2, causal: true }] },
        { residual: ['layer-norm', { dense: 16, activation: 'gelu' }, { dense: 8 }] }, 'global-average-pool', { dense: 3, activation: 'softmax' },
      ],
    },
    theirs: kerasModel([7], [
      keras('Embedding', { input_dim: 11, output_dim: 8, name: 'words' }), keras('LayerNormalization', { epsilon, name: 'norm' }),
      keras('MultiHeadAttention', { num_heads: 2, key_dim: 4, from: ['norm', 'norm'], kwargs: { use_causal_mask: true } }),
      keras('Add', { name: 'sum', from: ['', 'words'] }), keras('LayerNormalization', { epsilon }), keras('Dense', { units: 16, activation: 'gelu' }),
      keras('Dense', { units: 8 }), keras('Add', { from: ['', 'sum'] }), keras('GlobalAveragePooling1D'),
      keras('Dense', { units: 3, activation: 'softmax' }),
    ]),
  },
};

describe('the same network in the language of Keras', () => {
  it.each(Object.keys(pairs))('%s', async (name) => {
    const pair = present(pairs[name]);
    const opened = [openText(JSON.stringify(pair.ours)), openText(JSON.stringify(pair.theirs), 'model.json')] as const;
    const twins = paired(opened[0].layers, opened[1].layers);
    const [mine, yours] = [opened[0].layers, twins].map((layers) => layers.map((layer) => ({
      activation: layer.activation?.name ?? null, normalization: layer.normalization, residual: layer.residual?.normalization ?? null, isHead: layer.isHead,
      weights: layer.weights.map((weight) => ({
        role: weight.role, fans: weight.fans, std: recommend(layer, weight)?.recommendation.std, scheme: recommend(layer, weight)?.recommendation.title,
      })),
    })));
    expect(mine).toEqual(yours);
    const [ours, theirs] = await runBoth(pair, opened);
    const wrong = present(ours).layers.flatMap((layer, i) => {
      const twin = present(present(theirs).layers.find((each) => each.name === twins[i]?.name));
      const isDouble = /^(lstm|rnn)/.test(layer.name);
      // Of a second bias, which Keras has not, the gradient is as large again.
      const weights = layer.weights.filter((weight) => !isDouble || !weight.name.endsWith('bias'));
      return [
        ...unlike(layer.name, layer.preactivation, twin.preactivation), ...unlike(`behind ${layer.name}`, layer.activation, twin.activation),
        ...unlike(`gradient at ${layer.name}`, layer.gradient.preactivation, twin.gradient.preactivation),
        ...weights.flatMap((weight, k) => unlike(`gradient of ${weight.name}`, weight.gradient, twin.weights[k]?.gradient)),
      ];
    });
    expect(present(ours).layers).toHaveLength(opened[1].layers.length);
    expect(wrong).toEqual([]);
  });
});
