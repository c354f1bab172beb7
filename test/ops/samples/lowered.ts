import { float } from '../../../src/core/graph/builder';
import type { AttributeLiteral } from '../../../src/core/graph/builder';
import { awayFrom, distinct, ints, lengths, noise, positive, sample } from './sample';
import type { Fill, Sample, SampleOptions } from './sample';

type Inputs = Readonly<Record<string, Fill | null>>;

/** A sample of an operator of ONNX Runtime's own. */
export function fused(
  op: string, name: string, inputs: Inputs, attributes: Readonly<Record<string, AttributeLiteral>> = {}, options: SampleOptions = {},
): Sample {
  return sample(op, name, inputs, attributes, { ...options, domain: 'com.microsoft' });
}

/** int32 of any shape, fed. */
export function whole(shape: readonly number[], values: readonly number[]): Fill {
  return (random) => ({ ...lengths(values)(random), shape });
}

const wide = noise([2, 3, 4], 2);

const activations: readonly Sample[] = [
  sample('Swish', 'default', { X: wide }),
  sample('Swish', 'alpha', { X: wide }, { alpha: float(0.5) }),
  sample('SwiGLU', 'default', { A: wide, B: noise([2, 3, 4], 3) }),
  sample('SwiGLU', 'alpha', { A: wide, B: noise([2, 3, 4], 3) }, { alpha: float(1.5) }),
  sample('CausalConvWithState', 'plain', { input: noise([2, 3, 5]), weight: noise([3, 1, 4], 2) }),
  sample('CausalConvWithState', 'bias, SiLU', { input: noise([2, 3, 5]), weight: noise([3, 1, 2], 2), bias: noise([3], 3) }, { activation: 'silu' }),
  sample(
    'CausalConvWithState', 'behind a state',
    { input: noise([2, 3, 4]), weight: noise([3, 1, 3], 2), bias: noise([3], 3), past_state: noise([2, 3, 2], 4) }, {}, { outputs: 2 }),
  fused('QuickGelu', 'default', { X: wide }),
  fused('QuickGelu', 'alpha', { X: wide }, { alpha: float(1) }),
  fused('Gelu', 'default', { X: wide }),
  fused('FastGelu', 'no bias', { X: wide }),
  fused('FastGelu', 'bias', { X: wide, bias: noise([4]) }),
  fused('BiasGelu', 'default', { A: wide, B: noise([4]) }),
  fused('BiasSplitGelu', 'default', { X: noise([2, 3, 8], 2), bias: noise([8]) }),
  fused('BiasAdd', 'default', { X: wide, bias: noise([4]), skip: noise([2, 3, 4]) }),
];

const products: readonly Sample[] = [
  fused('FusedMatMul', 'plain, alpha', { A: noise([2, 3, 4]), B: noise([4, 5]) }, { alpha: float(0.25) }),
  fused('FusedMatMul', 'transA', { A: noise([2, 4, 3]), B: noise([2, 4, 5]) }, { transA: 1 }),
  fused('FusedMatMul', 'transB', { A: noise([2, 2, 3, 4]), B: noise([2, 2, 5, 4]) }, { transB: 1, alpha: float(0.5) }),
  fused('FusedMatMul', 'both, of rank 2', { A: noise([4, 3]), B: noise([5, 4]) }, { transA: 1, transB: 1 }),
  fused('FusedMatMul', 'transBatchA', { A: noise([3, 2, 4]), B: noise([2, 4, 5]) }, { transBatchA: 1 }),
  fused('FusedMatMul', 'transBatchA and transA', { A: noise([4, 2, 3]), B: noise([2, 4, 5]) }, { transBatchA: 1, transA: 1 }),
  fused('FusedMatMul', 'transBatchB and transB', { A: noise([2, 3, 3, 4]), B: noise([5, 2, 3, 4]) }, { transBatchB: 1, transB: 1 }),
  fused('TransposeMatMul', 'transB', { A: noise([3, 4]), B: noise([5, 4]) }, { transB: 1 }),
  fused('FusedConv', 'tanh', { X: noise([1, 3, 4, 4]), W: noise([4, 3, 3, 3], 0.5), B: noise([4]) },
    { activation: 'Tanh', pads: [1, 1, 1, 1], kernel_shape: [3, 3] }),
  fused('FusedConv', 'sum and hard sigmoid', { X: noise([1, 2, 4, 4]), W: noise([2, 1, 3, 3]), B: null, Z: awayFrom([1, 2, 2, 2], [0], 4) },
    { activation: 'HardSigmoid', activation_params: { kind: 'floats', value: [1 / 64, 0.5] }, group: 2, kernel_shape: [3, 3] }),
  ...['Relu', 'LeakyRelu', 'Clip'].map((activation) => fused('FusedConv', activation, {
    X: noise([1, 2, 3, 3], 1 / 32), W: noise([2, 2, 2, 2]), B: null, Z: awayFrom([1, 2, 2, 2], [-1.5, -1.25, -0.25, 0, 0.25, 1.25, 1.5], 2),
  }, { activation, activation_params: { kind: 'floats', value: activation === 'Clip' ? [-1.375, 1.375] : [0.25] }, kernel_shape: [2, 2] })),
  fused('FusedGemm', 'elu', { A: noise([3, 4]), B: noise([5, 4]), C: noise([5]) },
    { transB: 1, alpha: float(0.5), beta: float(2), activation: 'Elu', activation_alpha: float(0.5) }),
  fused('FusedGemm', 'no bias', { A: noise([3, 4]), B: noise([4, 2]) }, { activation: 'Sigmoid' }),
];

const hidden = 4;
const signal = noise([2, 3, hidden]);
const vector = noise([hidden]);
const epsilon = float(1e-5);
const normalizations: readonly Sample[] = [
  sample('RMSNormalization', 'default', { X: signal, scale: vector }),
  sample('RMSNormalization', 'middle axis', { X: noise([2, 3, 4]), scale: noise([3, 4]) }, { axis: 1, epsilon: float(0.25) }),
  sample('RMSNormalization', 'last two axes', { X: noise([2, 3, 4]), scale: noise([3, 4]) }, { axis: -2 }),
  sample('SimplifiedLayerNormalization', 'default', { X: signal, scale: vector }, { epsilon }),
  sample('SimplifiedLayerNormalization', 'inverse too', { X: signal, scale: vector }, { epsilon, axis: -1, stash_type: 1 }, { outputs: 2, unused: [1] }),
  fused('SkipLayerNormalization', 'default', { input: signal, skip: noise([2, 3, hidden]), gamma: vector, beta: noise([hidden]) }, { epsilon }),
  fused('SkipLayerNormalization', 'bias and sum', { input: signal, skip: noise([2, 3, hidden]), gamma: vector, beta: noise([hidden]), bias: noise([hidden]) },
    { epsilon }, { outputs: 4, absent: [1, 2] }),
  fused('SkipLayerNormalization', 'no beta, one skip for all', { input: signal, skip: noise([3, hidden]), gamma: vector }, { epsilon }),
  fused('SkipSimplifiedLayerNormalization', 'default', { input: signal, skip: noise([2, 3, hidden]), gamma: vector }, { epsilon }),
  fused('SkipSimplifiedLayerNormalization', 'bias and sum', { input: signal, skip: noise([2, 3, hidden]), gamma: vector, bias: noise([hidden]) },
    { epsilon }, { outputs: 4, absent: [1, 2] }),
  fused('EmbedLayerNormalization', 'words and positions', {
    input_ids: whole([2, 3], [0, 4, 2, 1, 1, 3]), segment_ids: null, word_embedding: noise([5, hidden]), position_embedding: noise([6, hidden]),
    segment_embedding: null, gamma: vector, beta: noise([hidden]),
  }, { epsilon }, { outputs: 2, unused: [1] }),
  fused('EmbedLayerNormalization', 'segments, mask and sum', {
    input_ids: whole([2, 3], [0, 4, 2, 1, 1, 3]), segment_ids: whole([2, 3], [0, 0, 1, 0, 1, 1]), word_embedding: noise([5, hidden]),
    position_embedding: noise([6, hidden]), segment_embedding: noise([2, hidden]), gamma: vector, beta: noise([hidden]),
    mask: whole([2, 3], [1, 1, 1, 1, 1, 0]), position_ids: whole([2, 3], [0, 1, 2, 3, 5, 4]),
  }, { epsilon }, { outputs: 3, unused: [1] }),
];

const labels = ints([0, 2, 1, 2], [4]);
const losses: readonly Sample[] = [
  sample('SoftmaxCrossEntropyLoss', 'mean', { scores: noise([4, 3]), labels }, {}, { outputs: 2, unused: [1] }),
  sample('SoftmaxCrossEntropyLoss', 'none, pixels', { scores: noise([2, 3, 2]), labels: ints([0, 2, 1, 2], [2, 2]) }, { reduction: 'none' }),
  sample('SoftmaxCrossEntropyLoss', 'weights, an ignored label', { scores: noise([4, 3]), labels: ints([0, -1, 1, 2], [4]), weights: positive([3]) },
    { ignore_index: -1 }, { outputs: 2 }),
  sample('NegativeLogLikelihoodLoss', 'sum', { input: noise([4, 3]), target: labels }, { reduction: 'sum' }),
  sample('NegativeLogLikelihoodLoss', 'mean, weights', { input: noise([4, 3]), target: labels, weight: positive([3]) }, { reduction: 'mean' }),
  sample('NegativeLogLikelihoodLoss', 'none, an ignored label', { input: noise([4, 3]), target: labels }, { reduction: 'none', ignore_index: 2 }),
];

const numbers = (value: readonly number[]): AttributeLiteral => ({ kind: 'floats', value });
/** In front of networks, by scikit-learn's pipelines. */
const ml = { domain: 'ai.onnx.ml' };
const preprocessing: readonly Sample[] = [
  sample('Scaler', 'each column', { X: noise([4, 3]) }, { offset: numbers([0.5, -1, 2]), scale: numbers([2, 0.25, 1.5]) }, ml),
  sample('Scaler', 'all alike', { X: noise([4, 3]) }, { offset: numbers([0.5]), scale: numbers([2]) }, ml),
  sample('Normalizer', 'L1', { X: awayFrom([4, 3], [0]) }, { norm: 'L1' }, ml),
  sample('Normalizer', 'L2', { X: noise([4, 3]) }, { norm: 'L2' }, ml),
  sample('Normalizer', 'MAX', { X: distinct([4, 3]) }, { norm: 'MAX' }, ml),
  sample('ArrayFeatureExtractor', 'columns', { X: noise([4, 3]), Y: ints([2, 0], [1, 2]) }, {}, ml),
  sample('ArrayFeatureExtractor', 'of one row', { X: noise([3]), Y: ints([1]) }, {}, ml),
];

export const loweredShort: readonly Sample[] = [...activations, ...products, ...normalizations, ...losses, ...preprocessing];
