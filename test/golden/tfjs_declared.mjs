/**
 * What TensorFlow.js makes of the initialisers that `initscope init` writes into its topologies: for two networks and every scheme, what is written and
 * what is drawn by it, so that tests can tell that the law which was meant is the one that is drawn.
 *
 * node tfjs_declared.mjs FOLDER_WITH_TFJS ../../dist/cli.js FILE.json TOPOLOGY.json, to which one of the topologies goes
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { load, measured } from './tfjs_draws.mjs';

const [library, cli, file, fixture] = process.argv.slice(2);
const tf = await load(library);
const { layers: l } = tf;

const networks = {
  image: tf.sequential({ name: 'image', layers: [
    l.conv2d({ name: 'conv', filters: 20, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 3] }), l.batchNormalization({ name: 'norm' }),
    l.depthwiseConv2d({ name: 'depth', kernelSize: 3, depthMultiplier: 2 }), l.leakyReLU({ name: 'leaky' }),
    l.separableConv2d({ name: 'separable', filters: 16, kernelSize: 3, activation: 'tanh' }),
    l.conv2dTranspose({ name: 'turned', filters: 6, kernelSize: 2, strides: 2, activation: 'selu' }), l.prelu({ name: 'prelu' }), l.flatten({ name: 'flat' }),
    l.dense({ name: 'hidden', units: 28, activation: 'relu' }), l.layerNormalization({ name: 'layer' }), l.dense({ name: 'square', units: 28, activation: 'relu' }),
    l.dense({ name: 'out', units: 5, activation: 'softmax' }),
  ] }),
  text: tf.sequential({ name: 'text', layers: [
    l.embedding({ name: 'table', inputDim: 60, outputDim: 14, inputLength: 6 }),
    l.bidirectional({ name: 'both', layer: l.lstm({ name: 'inner', units: 11, returnSequences: true }), mergeMode: 'concat' }),
    l.gru({ name: 'gru', units: 10, returnSequences: true }), l.simpleRNN({ name: 'simple', units: 18, returnSequences: true }),
    l.timeDistributed({ name: 'every', layer: l.dense({ name: 'each', units: 17, activation: 'sigmoid' }) }),
    l.lstm({ name: 'last', units: 9, unitForgetBias: true }), l.dense({ name: 'out', units: 4 }),
  ] }),
};

/** Of `initscope init --scheme`; what a scheme cannot say of these networks, it leaves. */
const schemes = [
  'recommended', 'xavier-normal', 'xavier-uniform', 'he-normal', 'he-uniform', 'lecun-normal', 'lecun-uniform', 'moments', 'variance-scaling', 'randn-fan-in',
  'randn-half-fan-in', 'orthogonal', 'delta-orthogonal', 'identity', 'pytorch', 'keras', 'tfjs', 'zero-gamma', 'gpt2', 'fixup', 't-fixup', 'deepnet',
  'zeros', 'ones', 'constant', 'normal', 'uniform', 'truncated-normal',
];

/** Fields that say how something starts, by their paths. */
function fieldsIn(value, at = '') {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => (
    key.endsWith('_initializer') || key === 'unit_forget_bias' ? [[`${at}${key}`, each]] : fieldsIn(each, `${at}${key}.`)));
}

const folder = mkdtempSync(path.join(tmpdir(), 'declared-'));
const lines = [];
try {
  for (const [name, network] of Object.entries(networks)) {
    const topology = network.toJSON(null, false);
    const before = new Map(fieldsIn(topology).map(([key, value]) => [key, JSON.stringify(value)]));
    const model = path.join(folder, 'model.json');
    for (const scheme of schemes) {
      writeFileSync(model, JSON.stringify({ format: 'layers-model', generatedBy: 'TensorFlow.js', convertedBy: null, modelTopology: topology, weightsManifest: [] }));
      let refused = null;
      try {
        execFileSync(process.execPath, [cli, 'init', model, '--scheme', scheme, '--in-place'], { stdio: 'pipe' });
      } catch (error) {
        refused = error.stderr.toString().trim().replaceAll(folder, '').split('\n')[0];
      }
      const after = JSON.parse(readFileSync(model, 'utf8')).modelTopology;
      const written = Object.fromEntries(fieldsIn(after).filter(([key, value]) => before.get(key) !== JSON.stringify(value)));
      const entry = refused === null ? { written, measured: await measured(tf, after) } : { refused };
      lines.push(`${JSON.stringify(`${name} ${scheme}`)}: ${JSON.stringify(entry)}`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
const bases = Object.entries(networks).map(([name, network]) => `${JSON.stringify(name)}: ${JSON.stringify(network.toJSON(null, false))}`);
writeFileSync(file, `{\n"version": "${tf.version.tfjs}",\n"networks": {\n${bases.join(',\n')}\n},\n"schemes": {\n${lines.join(',\n')}\n}\n}\n`);
writeFileSync(fixture, `${JSON.stringify(networks.text.toJSON(null, false))}\n`);
console.log(lines.length, 'drawn by TensorFlow.js', tf.version.tfjs);
