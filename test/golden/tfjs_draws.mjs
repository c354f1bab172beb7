// Many loads of a topology by TensorFlow.js, as moments and bounds of what its variables start from.
import { createRequire } from 'node:module';
import path from 'node:path';

/** Numbers that a variable is measured over, or as many as this many loads give. */
const [numbers, loads] = [20_000, 400];
const digits = (value) => Number(value.toPrecision(6));

/** TF.js seeds what has no seed from here: a multiplicative generator modulo 2^31 − 1 (Park & Miller 1988) makes a file the same every time. */
let state = 1;
Math.random = () => {
  state = (state * 16_807) % 2_147_483_647;
  return state / 2_147_483_647;
};

/** TF.js in the `node_modules` of a folder. */
export async function load(library) {
  const tf = createRequire(path.join(path.resolve(library), 'package.json'))('@tensorflow/tfjs');
  await tf.setBackend('cpu');
  console.warn = () => {};
  return tf;
}

function statistics(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const moment = (power) => values.reduce((sum, value) => sum + (value - mean) ** power, 0) / values.length;
  const variance = moment(2);
  const kurtosis = variance < 1e-14 ? null : digits(moment(4) / variance ** 2);
  const [min, max] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [Infinity, -Infinity]);
  return [digits(mean), digits(Math.sqrt(variance)), kurtosis, digits(min), digits(max), values.length];
}

/** [name, shape, mean, σ, kurtosis, min, max, count] of every variable. */
export async function measured(tf, topology) {
  const drawn = [];
  for (let count = 1; ; count++) {
    const model = await tf.models.modelFromJSON(structuredClone(topology));
    const weights = model.weights.map((weight) => ({ name: weight.originalName.split('/').at(-1), shape: weight.shape, values: weight.read().dataSync() }));
    weights.forEach(({ values }, i) => {
      drawn[i] ??= [];
      for (const value of values) drawn[i].push(value);
    });
    model.dispose();
    const isEnough = drawn.every((values) => values.length >= numbers || values.every((value) => value === values[0]));
    if (isEnough || count === loads) return weights.map(({ name, shape }, i) => [name, shape, ...statistics(drawn[i])]);
  }
}
