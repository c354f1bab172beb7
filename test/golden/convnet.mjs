/**
 * node convnet.mjs <a folder with convnetjs> convnet.json: what ConvNetJS 0.3 writes of small networks, and what it computes by them. The tests do
 * not need it.
 */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

const [folder = '', written = ''] = process.argv.slice(2);
const { Net, Vol } = createRequire(path.join(path.resolve(folder), 'package.json'))('convnetjs');

/** The same every time: a multiplicative generator modulo 2^31 − 1 (Park & Miller 1988). */
let state = 1;
Math.random = () => {
  state = (state * 16_807) % 2_147_483_647;
  return state / 2_147_483_647;
};

/** Layers of each network; `lists`: whether the numbers are in lists, as its users write them who have no typed arrays. */
const networks = {
  dense: { layers: [
    { type: 'input', out_sx: 1, out_sy: 1, out_depth: 3 }, { type: 'fc', num_neurons: 70, activation: 'relu', tensor: true },
    { type: 'fc', num_neurons: 6, activation: 'maxout', group_size: 3, drop_prob: 0.2 }, { type: 'fc', num_neurons: 4, activation: 'tanh' },
    { type: 'softmax', num_classes: 3 },
  ] },
  image: { layers: [
    { type: 'input', out_sx: 11, out_sy: 9, out_depth: 2 }, { type: 'conv', sx: 3, sy: 2, filters: 4, stride: 2, pad: 1, activation: 'relu' },
    { type: 'lrn', k: 1, n: 3, alpha: 0.3, beta: 0.75 }, { type: 'pool', sx: 2, stride: 2, pad: 1 }, { type: 'conv', sx: 2, filters: 6, activation: 'maxout', group_size: 2 },
    { type: 'lrn', k: 2, n: 2, alpha: 0.3, beta: 0.5 }, { type: 'fc', num_neurons: 5, activation: 'sigmoid' }, { type: 'regression', num_neurons: 2 },
  ] },
  lists: { lists: true, layers: [
    { type: 'input', out_sx: 3, out_sy: 2, out_depth: 1 }, { type: 'fc', num_neurons: 5, activation: 'sigmoid' }, { type: 'svm', num_classes: 2 },
  ] },
};

const found = {};
for (const [name, { layers, lists = false }] of Object.entries(networks)) {
  const net = new Net();
  net.makeLayers(layers);
  for (const { biases } of net.layers) if (biases) biases.w.forEach((_, i) => { biases.w[i] = Math.random() - 0.5; });
  const [{ out_sx: sx, out_sy: sy, out_depth: depth }] = layers;
  const volume = new Vol(sx, sy, depth);
  const input = Array.from(volume.w, Math.fround);
  volume.w.set(input);
  const text = JSON.stringify(net.toJSON(), (_, value) => (lists && value instanceof Float64Array ? Array.from(value) : value));
  const read = new Net();
  read.fromJSON(JSON.parse(text));
  found[name] = { model: JSON.parse(text), shape: [1, sy, sx, depth], input, output: Array.from(read.forward(volume).w) };
}
await writeFile(written, `${JSON.stringify(found)}\n`);
