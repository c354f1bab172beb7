/**
 * node brain.mjs <a folder with brain.js 1> <a folder with brain.js 2> brain.json: what both versions write of small networks, and what they
 * compute by them. The tests need neither.
 */
import { writeFile } from 'node:fs/promises';
import Module, { createRequire } from 'node:module';
import path from 'node:path';

const [first = '', second = '', written = ''] = process.argv.slice(2);
const load = Module._load;
// Version 2 asks for OpenGL when it is loaded, and does without.
Module._load = (name, ...more) => (name === 'gl' ? () => null : load(name, ...more));
const libraryIn = (folder) => createRequire(path.join(path.resolve(folder), 'package.json'))('brain.js');

/** The same every time: a multiplicative generator modulo 2^31 − 1 (Park & Miller 1988). */
let state = 1;
Math.random = () => {
  state = (state * 16_807) % 2_147_483_647;
  return state / 2_147_483_647;
};

const found = {};
const plain = (json) => JSON.parse(JSON.stringify(json));
const activations = ['sigmoid', 'relu', 'leaky-relu', 'tanh'];

for (const [version, folder] of [[1, first], [2, second]]) {
  const { NeuralNetwork, recurrent } = libraryIn(folder);
  for (const activation of activations) {
    const network = new NeuralNetwork({ hiddenLayers: [5, 4], activation, ...(version === 2 ? { leakyReluAlpha: 0.2 } : {}) });
    network.train([{ input: [0, 1, 0.5], output: [1, 0] }, { input: [1, 1, 0], output: [0, 1] }], { iterations: 5 });
    const input = [0.1, -0.7, 0.9];
    found[`${version} ${activation}`] = { model: plain(network.toJSON()), shape: [1, 3], input, output: Array.from(network.run(input)) };
  }
  const named = new NeuralNetwork({ hiddenLayers: [3] });
  named.train([{ input: { red: 1, blue: 0.2 }, output: { light: 1 } }, { input: { red: 0, blue: 0.4 }, output: { dark: 1 } }], { iterations: 5 });
  const { light, dark } = named.run({ red: 0.3, blue: -0.8 });
  found[`${version} named`] = { model: plain(named.toJSON()), shape: [1, 2], input: [0.3, -0.8], output: [light, dark] };
  for (const kind of ['RNNTimeStep', 'GRUTimeStep', 'LSTMTimeStep']) {
    const steps = [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]];
    const network = new recurrent[kind]({ inputSize: 2, hiddenLayers: [4, 3], outputSize: 2 });
    network.train([[[0.1, 0.2], [0.3, 0.4], [0.5, 0.6], [0.7, 0.8]]], { iterations: 5 });
    found[`${version} ${kind}`] = { model: plain(network.toJSON()), shape: [3, 1, 2], input: steps.flat(), output: Array.from(network.run(steps)) };
  }
  for (const kind of ['RNN', 'GRU', 'LSTM']) {
    const network = new recurrent[kind]({ hiddenLayers: [4] });
    network.train(['doe, a deer', 'ray, a drop'], { iterations: 2 });
    found[`${version} ${kind}`] = { model: plain(network.toJSON()) };
  }
}
await writeFile(written, `${JSON.stringify(found)}\n`);
