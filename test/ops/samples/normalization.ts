import { float } from '../../../src/core/graph/builder';
import { awayFrom, noise, positive, sample } from './sample';
import type { Sample } from './sample';

function batchNorm(name: string, X: readonly number[], training: boolean, epsilon?: number, scale = 1): Sample {
  const channels = [X[1] ?? 1];
  const inputs = { X: noise(X, scale), scale: noise(channels), B: noise(channels), input_mean: noise(channels), input_var: positive(channels) };
  const attributes = { ...(epsilon === undefined ? {} : { epsilon: float(epsilon) }), ...(training ? { training_mode: 1 } : {}) };
  return sample('BatchNormalization', name, inputs, attributes, training ? { outputs: 3, unused: [1, 2] } : {});
}

function layerNorm(name: string, X: readonly number[], parameters: readonly number[], axis: number | null, bias = true, epsilon?: number): Sample {
  const inputs = { X: noise(X), Scale: noise(parameters), ...(bias ? { B: noise(parameters) } : {}) };
  return sample('LayerNormalization', name, inputs, {
    ...(axis === null ? {} : { axis }), ...(epsilon === undefined ? {} : { epsilon: float(epsilon) }),
  });
}

const axes: readonly (readonly [string, readonly number[], number | null])[] = [
  ['default axis', [3, 5], null],
  ['last axis of four', [2, 2, 3, 4], -1],
  ['middle axis', [2, 5, 3], 1],
  ['first axis', [4, 3], 0],
  ['negative middle axis', [2, 4, 3], -2],
  ['vector', [6], 0],
];

function instanceNorm(name: string, X: readonly number[], epsilon?: number): Sample {
  const channels = [X[1] ?? 1];
  return sample('InstanceNormalization', name, { input: noise(X), scale: noise(channels), B: noise(channels) },
    epsilon === undefined ? {} : { epsilon: float(epsilon) });
}

function groupNorm(name: string, X: readonly number[], groups: number, epsilon?: number): Sample {
  const channels = [X[1] ?? 1];
  return sample('GroupNormalization', name, { X: noise(X), scale: noise(channels), bias: noise(channels) },
    { num_groups: groups, ...(epsilon === undefined ? {} : { epsilon: float(epsilon) }) });
}

export const normalization: readonly Sample[] = [
  batchNorm('inference, rank 2', [5, 3], false),
  batchNorm('inference, rank 3', [3, 2, 4], false, 1e-3),
  batchNorm('inference, rank 4', [2, 3, 3, 2], false),
  batchNorm('training, rank 2', [6, 3], true),
  batchNorm('training, rank 3', [3, 2, 4], true),
  batchNorm('training, rank 4', [2, 3, 3, 4], true),
  batchNorm('training, large epsilon', [3, 2, 3, 3], true, 0.5),
  batchNorm('training, small input', [4, 2, 3, 3], true, 1e-5, 0.03125),
  batchNorm('training, one channel', [8, 1], true),
  batchNorm('training, batch of one', [1, 3, 4, 4], true),
  layerNorm('default axis', [3, 5], [5], null),
  layerNorm('no bias', [2, 3, 6], [6], -1, false),
  layerNorm('last two axes', [2, 3, 4], [3, 4], -2),
  layerNorm('all but the batch', [3, 2, 2, 3], [2, 2, 3], 1),
  layerNorm('large epsilon', [4, 5], [5], -1, true, 0.25),
  layerNorm('first axis', [3, 4], [3, 4], 0),
  ...['Softmax', 'LogSoftmax'].flatMap((op) => (
    axes.map(([name, shape, axis]) => sample(op, name, { input: noise(shape, 2) }, axis === null ? {} : { axis })))),
  instanceNorm('1-D', [2, 3, 5]),
  instanceNorm('2-D', [2, 3, 3, 4]),
  instanceNorm('3-D, large epsilon', [1, 2, 2, 3, 2], 0.25),
  groupNorm('two groups', [2, 4, 3, 3], 2),
  groupNorm('one group', [2, 3, 4], 1),
  groupNorm('a group per channel, large epsilon', [2, 3, 2, 3], 3, 0.25),
  sample('MeanVarianceNormalization', 'default axes', { X: noise([2, 3, 3, 2]) }),
  sample('MeanVarianceNormalization', 'pixels', { X: noise([2, 2, 3, 4]) }, { axes: [2, 3] }),
  sample('MeanVarianceNormalization', 'negative axes', { X: noise([3, 2, 5]) }, { axes: [-1, -2] }),
  sample('LRN', 'size 3', { X: noise([2, 5, 2, 3], 2) }, { size: 3, alpha: float(0.75), beta: float(0.75), bias: float(1) }),
  sample('LRN', 'size 5, other constants', { X: noise([1, 6, 3, 2], 2) }, { size: 5, alpha: float(1.5), beta: float(0.5), bias: float(2) }),
  sample('LRN', 'wider than the channels', { X: noise([2, 3, 2, 2], 2) }, { size: 7, alpha: float(1), beta: float(1) }),
  sample('LRN', 'default constants', { X: noise([2, 4, 2, 2], 2) }, { size: 5 }),
  sample('LpNormalization', 'default', { input: noise([3, 4]) }),
  sample('LpNormalization', 'middle axis', { input: noise([2, 4, 3]) }, { axis: 1 }),
  sample('LpNormalization', 'order 1', { input: awayFrom([3, 5], [0]) }, { p: 1 }),
  sample('LpNormalization', 'order 1, negative axis', { input: awayFrom([2, 4, 2], [0]) }, { p: 1, axis: -2 }),
];
