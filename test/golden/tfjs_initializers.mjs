/**
 * What TensorFlow.js really starts its variables from: mean, standard deviation, kurtosis and bounds over many draws of every layer that has weights,
 * and of every named initialiser. Each draw is `tf.models.modelFromJSON` of the same topology, as whoever opens the file gets it.
 *
 * node tfjs_initializers.mjs FOLDER_WITH_TFJS FILE.json
 */
import { writeFileSync } from 'node:fs';

import { load, measured } from './tfjs_draws.mjs';

const [library, file] = process.argv.slice(2);
const tf = await load(library);
const { layers: l, initializers: own } = tf;

const one = (layer) => tf.sequential({ layers: [layer] }).toJSON(null, false);
const image = { inputShape: [8, 8, 8] };
const steps = { inputShape: [5, 12] };
const volume = { inputShape: [5, 5, 5, 4] };
/** Each layer with what TF.js writes of it where nothing is said. */
const bases = {
  dense: one(l.dense({ units: 30, inputShape: [20] })),
  conv1d: one(l.conv1d({ filters: 6, kernelSize: 3, ...steps })),
  conv2d: one(l.conv2d({ filters: 6, kernelSize: 3, ...image })),
  conv3d: one(l.conv3d({ filters: 6, kernelSize: 2, ...volume })),
  conv2dTranspose: one(l.conv2dTranspose({ filters: 5, kernelSize: 3, ...image })),
  conv3dTranspose: one(l.conv3dTranspose({ filters: 5, kernelSize: 2, ...volume })),
  depthwiseConv2d: one(l.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, ...image })),
  separableConv2d: one(l.separableConv2d({ filters: 10, kernelSize: 3, depthMultiplier: 2, ...image })),
  embedding: one(l.embedding({ inputDim: 40, outputDim: 12, inputLength: 5 })),
  simpleRNN: one(l.simpleRNN({ units: 10, ...steps })),
  gru: one(l.gru({ units: 10, ...steps })),
  lstm: one(l.lstm({ units: 10, ...steps })),
  rnn: one(l.rnn({ cell: [l.lstmCell({ units: 10 }), l.gruCell({ units: 8 })], ...steps })),
  bidirectional: one(l.bidirectional({ layer: l.lstm({ units: 10 }), mergeMode: 'concat', ...steps })),
  timeDistributed: one(l.timeDistributed({ layer: l.dense({ units: 9 }), ...steps })),
  convLstm2d: one(l.convLstm2d({ filters: 3, kernelSize: 3, inputShape: [2, 8, 8, 4] })),
  batchNormalization: one(l.batchNormalization(image)),
  layerNormalization: one(l.layerNormalization({ inputShape: [12] })),
  prelu: one(l.prelu(image)),
  preluShared: one(l.prelu({ sharedAxes: [1, 2], ...image })),
};

/** The topology with these fields written over, wherever they stand. */
function withFields(value, fields) {
  if (Array.isArray(value)) return value.map((each) => withFields(each, fields));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, Object.hasOwn(fields, key) ? fields[key] : withFields(each, fields)]));
}

/** As TF.js writes an initialiser of the layer that it is given to. */
const written = (initializer) => one(l.dense({ units: 2, inputShape: [2], kernelInitializer: initializer })).config.layers[0].config.kernel_initializer;
const scaling = (mode, distribution, scale = 1.5) => ({ class_name: 'VarianceScaling', config: { scale, mode, distribution, seed: null } });

const named = {
  zeros: written('zeros'), ones: written('ones'), constant: written(own.constant({ value: 0.3 })),
  randomUniform: written('randomUniform'), randomNormal: written('randomNormal'), truncatedNormal: written('truncatedNormal'),
  glorotUniform: written('glorotUniform'), glorotNormal: written('glorotNormal'), heUniform: written('heUniform'), heNormal: written('heNormal'),
  leCunUniform: written('leCunUniform'), leCunNormal: written('leCunNormal'), varianceScaling: written(own.varianceScaling({})),
  orthogonal: written('orthogonal'), 'orthogonal gain': written(own.orthogonal({ gain: 1.4 })),
  ...Object.fromEntries(['fan_in', 'fan_out', 'fan_avg'].flatMap((mode) => ['normal', 'uniform', 'truncated_normal'].map((distribution) => (
    [`${mode} ${distribution}`, scaling(mode, distribution)])))),
};
const fieldsOf = {
  dense: ['kernel_initializer'], conv2d: ['kernel_initializer'], depthwiseConv2d: ['depthwise_initializer'], conv2dTranspose: ['kernel_initializer'],
  lstm: ['kernel_initializer', 'recurrent_initializer'],
};
const same = (fields, value) => Object.fromEntries(fields.map((field) => [field, value]));
const all = ['kernel', 'recurrent', 'bias', 'depthwise', 'pointwise', 'embeddings', 'beta', 'gamma', 'moving_mean', 'moving_variance', 'alpha']
  .map((each) => `${each}_initializer`);
const kernel = (value) => ({ kernel_initializer: value });
const bias = scaling('fan_in', 'normal', 2);

/** Name, layer, and what is written into its topology. */
const samples = [
  ...Object.keys(bases).flatMap((of) => [[of, of, {}], [`${of} unsaid`, of, same(all, null)]]),
  ...Object.entries(named).flatMap(([name, value]) => Object.entries(fieldsOf).map(([of, fields]) => [`${of} ${name}`, of, same(fields, value)])),
  // As a hand may write them: the names that TF.js has for itself, in both spellings, and its classes.
  ...['heNormal', 'he_normal', 'HeUniform', 'glorot_uniform', 'leCunNormal', 'le_cun_uniform', 'random_normal'].map((value) => (
    [`dense "${value}"`, 'dense', kernel(value)])),
  ...['GlorotUniform', 'GlorotNormal', 'HeUniform', 'HeNormal', 'LeCunUniform', 'LeCunNormal'].map((value) => (
    [`dense ${value}`, 'dense', kernel({ class_name: value, config: { seed: null } })])),
  ['dense no fields', 'dense', kernel({ class_name: 'VarianceScaling', config: {} })],
  // 0 is taken for nothing said.
  ['dense uniform from 0', 'dense', kernel({ class_name: 'RandomUniform', config: { minval: 0, maxval: 1, seed: null } })],
  ['dense uniform to 0', 'dense', kernel({ class_name: 'RandomUniform', config: { minval: -1, maxval: 0, seed: null } })],
  ['dense normal without spread', 'dense', kernel({ class_name: 'RandomNormal', config: { mean: 1, stddev: 0, seed: null } })],
  ['dense truncated without spread', 'dense', kernel({ class_name: 'TruncatedNormal', config: { mean: 1, stddev: 0, seed: null } })],
  ['dense truncated off zero', 'dense', kernel({ class_name: 'TruncatedNormal', config: { mean: 0.5, stddev: 0.2, seed: null } })],
  ['dense bias', 'dense', { bias_initializer: bias }],
  ['prelu scaled', 'prelu', { alpha_initializer: bias }],
  ['simpleRNN identity', 'simpleRNN', { recurrent_initializer: written(own.identity({ gain: 0.9 })) }],
  ['separableConv2d both', 'separableConv2d', { depthwise_initializer: scaling('fan_in', 'uniform', 2), pointwise_initializer: written('ones') }],
  ...['lstm', 'bidirectional', 'convLstm2d'].flatMap((of) => [null, true, false].flatMap((unit_forget_bias) => [
    [`${of} forget ${unit_forget_bias}`, of, { unit_forget_bias }], [`${of} forget ${unit_forget_bias}, bias`, of, { unit_forget_bias, bias_initializer: bias }],
  ])),
];

const lines = [];
for (const [name, of, fields] of samples) {
  const rows = await measured(tf, withFields(bases[of], fields));
  lines.push(`${JSON.stringify(name)}: ${JSON.stringify({ of, fields, measured: rows })}`);
}
const topologies = Object.entries(bases).map(([name, topology]) => `${JSON.stringify(name)}: ${JSON.stringify(topology)}`);
writeFileSync(file, `{\n"version": "${tf.version.tfjs}",\n"bases": {\n${topologies.join(',\n')}\n},\n"samples": {\n${lines.join(',\n')}\n}\n}\n`);
console.log(lines.length, 'samples with TensorFlow.js', tf.version.tfjs);
