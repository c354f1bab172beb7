// Normalisations: over the batch, over the features of each step, over groups of channels.

import { float } from '../../../core/graph/builder';
import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { channelsFirst, channelsOf, signalOf } from '../signal';
import { wholeOf } from '../written';
import type { LayerTable, LayerType } from './table';

/** Beside a variance, so that nothing is divided by zero (PyTorch's and ONNX' own number). */
const usualEpsilon = 1e-5;

const epsilonOf = (layer: LayerScope): number => layer.written?.number('epsilon', usualEpsilon, { least: Number.MIN_VALUE }) ?? usualEpsilon;

/** Ioffe & Szegedy 2015, arXiv 1502.03167, algorithm 1 */
function batchNorm(layer: LayerScope, signal: Signal): Signal {
  const shape = [channelsOf(signal.shape)];
  const parameters = (['gamma', 'beta', 'mean', 'variance'] as const).map((role) => layer.weight(role, shape));
  return channelsFirst(layer.add('BatchNormalization', [layer.first(signal), ...parameters], { epsilon: float(epsilonOf(layer)) }), signal.shape);
}

/** What normalises a vector, or every step of a sequence. */
function features(layer: LayerScope, signal: Signal): number {
  layer.needs(signal, [1, 2], 'a vector or a sequence', 'Take a "batch-norm", or a "group-norm" of 1 group.');
  return signal.shape.at(-1) ?? 1;
}

/** Ba et al. 2016, arXiv 1607.06450, eq. 4 */
function layerNorm(layer: LayerScope, signal: Signal): Signal {
  const width = features(layer, signal);
  const parameters = (['gamma', 'beta'] as const).map((role) => layer.weight(role, [width]));
  return signalOf(layer.add('LayerNormalization', [layer.plain(signal), ...parameters], { axis: -1, epsilon: float(epsilonOf(layer)) }), signal.shape);
}

/** x / √(mean x² + ε) · γ (Zhang & Sennrich 2019, arXiv 1910.07467, eq. 4) */
function rmsNorm(layer: LayerScope, signal: Signal): Signal {
  const gamma = layer.weight('gamma', [features(layer, signal)]);
  const value = layer.plain(signal);
  const square = layer.add('ReduceMean', [layer.add('Mul', [value, value]), layer.ints([signal.shape.length])], { keepdims: 1 });
  const root = layer.add('Sqrt', [layer.add('Add', [square, layer.scalar(epsilonOf(layer))])]);
  return signalOf(layer.add('Mul', [layer.add('Div', [value, root]), gamma]), signal.shape);
}

/** Of Wu & He 2018, arXiv 1803.08494, section 3.1, who have 32 groups. */
const usualGroups = 32;

function groupNorm(layer: LayerScope, signal: Signal): Signal {
  layer.needs(signal, [2, 3, 4], 'a sequence, an image or a volume', 'Take a "layer-norm".');
  const channels = channelsOf(signal.shape);
  const groups = layer.main ? wholeOf(layer.main) : usualGroups;
  if (channels % groups !== 0) throw layer.refuse(`has ${groups} groups, which do not divide ${channels} channels`, 'Choose a number that divides them.');
  const parameters = (['gamma', 'beta'] as const).map((role) => layer.weight(role, [channels]));
  const attributes = { num_groups: groups, epsilon: float(epsilonOf(layer)) };
  return channelsFirst(layer.add('GroupNormalization', [layer.first(signal), ...parameters], attributes), signal.shape);
}

const norm = (what: string, build: LayerType['build'], { example = 'true', roles = ['gamma', 'beta'] }: Partial<LayerType> = {}): LayerType => (
  { what, example, isComplete: true, options: ['epsilon'], roles, build });

export const normalizationLayers: LayerTable = {
  'batch-norm': norm('a batch normalisation', batchNorm), 'layer-norm': norm('a layer normalisation', layerNorm),
  'rms-norm': norm('a root mean square normalisation', rmsNorm, { roles: ['gamma'] }), 'group-norm': norm('a group normalisation', groupNorm, { example: '8' }),
};
