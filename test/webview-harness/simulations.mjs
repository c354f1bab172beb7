/** Made-up runs that look like real ones. */
import { createRandom } from './models.mjs';

export const schemes = [
  ['current', 'Current', 'the weights as they are', 'What the model holds now.', ''],
  ['recommended', 'Recommended', 'per layer, by its activation', 'What each layer should have.', ''],
  ['zeros', 'Zeros', 'w = 0', 'Never for kernels: it shows what symmetry does.', ''],
  ['normal', 'Normal', 'σ = 0.01', 'What early networks used.', 'Krizhevsky et al. 2012'],
  ['xavier-normal', 'Xavier normal', 'σ² = 2 / (fan_in + fan_out)', 'Before tanh and sigmoid.', 'Glorot & Bengio 2010'],
  ['xavier-uniform', 'Xavier uniform', 'a² = 6 / (fan_in + fan_out)', 'Before tanh and sigmoid.', 'Glorot & Bengio 2010'],
  ['he-normal', 'He normal', 'σ² = 2 / fan_in', 'Before ReLU and its relatives.', 'He et al. 2015'],
  ['he-uniform', 'He uniform', 'a² = 6 / fan_in', 'Before ReLU and its relatives.', 'He et al. 2015'],
  ['lecun-normal', 'LeCun normal', 'σ² = 1 / fan_in', 'Before SELU.', 'LeCun et al. 1998'],
].map(([id, title, formula, when, source]) => ({ id, title, formula, when, source, group: 'By the fans', options: [] }));

export const options = {
  schemes: ['current', 'recommended', 'zeros'], parameters: {}, seeds: 5, seed: 0, batch: 8, dims: {}, loss: 'noise', batchNorm: 'training', dropout: false,
  deepen: 0, data: null, input: { mean: 0, variance: 1 }, whatIf: null, threads: null,
};

/** Growth of the variance per layer: forward, and backward. */
const rates = {
  'current': [0.21, 0.18], 'recommended': [1.01, 0.99], 'zeros': [0, 0], 'normal': [0.02, 0.02], 'xavier-normal': [0.93, 0.95], 'xavier-uniform': [0.9, 0.93],
  'he-normal': [1.5, 1.4], 'he-uniform': [1.45, 1.38], 'lecun-normal': [0.97, 1.02],
};

function moments(random, variance) {
  const count = 4096;
  if (Number.isNaN(variance)) return { count, mean: null, variance: null, min: null, max: null, zeros: 0, nonFinite: 17 };
  const edge = 3 * Math.sqrt(variance);
  const counts = Array.from({ length: 32 }, (_, bin) => Math.round(300 * Math.exp(-(((bin - 15.5) / 6) ** 2) / 2) * (0.8 + 0.4 * random())));
  return {
    count, mean: 0, variance, min: -edge, max: edge, zeros: variance === 0 ? count : Math.round(count * 0.2), nonFinite: 0,
    histogram: variance === 0 ? { min: 0, max: 0, counts: [count] } : { min: -edge, max: edge, counts },
  };
}

export function simulate(layers, scheme, seed, { hides = [], breaksAt = Infinity, pace = 1 } = {}) {
  const random = createRandom(seed * 31 + scheme.length * 7 + 1);
  const [forwardRate, backwardRate] = rates[scheme] ?? [0.98, 1.01];
  const wobble = () => Math.exp((random() - 0.5) * 0.9);
  return {
    scheme, seed, loss: null,
    layers: layers.map((name, index) => {
      if (hides.includes(name)) return { name, preactivation: null, activation: null, gradient: { preactivation: null, activation: null }, weights: [] };
      let forward = forwardRate ** (index * pace) * wobble();
      let backward = backwardRate ** ((layers.length - 1 - index) * pace) * wobble();
      if (scheme === 'zeros') [forward, backward] = [0, index === layers.length - 1 ? wobble() : 0];
      if (scheme === 'current' && backward < 1e-20) backward = 0;
      if (scheme === 'he-normal' && index > breaksAt) forward = Number.NaN;
      return {
        name, preactivation: moments(random, forward * 1.4), activation: moments(random, forward),
        gradient: { preactivation: moments(random, backward * 1.2), activation: moments(random, backward) },
        weights: [{ name: `${name}.weight`, gradient: moments(random, backward * forward), ratio: forward === 0 ? null : Math.sqrt(backward * forward) }],
      };
    }),
  };
}

export function runsOf(layers, wanted, seeds, how) {
  return wanted.flatMap((scheme) => Array.from({ length: seeds }, (_, seed) => simulate(layers, scheme, seed, how)));
}

export const mlp = Array.from({ length: 18 }, (_, index) => `net.${index * 2}`);

export function panelState(change) {
  return {
    kind: 'model', file: '/home/user/models/tanh-mlp.onnx', revision: 1, schemes, options, dimensions: [], conditions: { batchNorm: true, dropout: true, input: true, block: 'layers.15' }, status: { kind: 'finished', elapsedMs: 2140 },
    plan: { layers: mlp, unsupported: [], runs: 15, inputs: ['x [8, 64] normal'], notes: [] },
    verdict: {
      text: 'With the current weights the gradient shrinks 0.18× per layer and is gone by layer 6. Recommended keeps it within 1.8×.', severity: 'error', remedy: 'recommended',
    },
    runs: runsOf(mlp, options.schemes, 5), earlier: null, behind: null, lecture: null, readOnly: null, ...change,
  };
}
