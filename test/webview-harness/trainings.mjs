/** Made-up trainings that look like real ones. */
import { createRandom } from './models.mjs';
import { mlp, schemes } from './simulations.mjs';

export const trainingOptions = {
  schemes: ['current', 'recommended', 'zeros', 'xavier-normal', 'he-normal'], seeds: 3, seed: 0, steps: 200, batch: null, dims: {}, optimizer: 'adam', rate: 'find', loss: null, data: null,
  samples: 1024, dropout: false, snapshots: 25, threads: null,
};

/** What the cost falls to, and how fast; a run that explodes does so at a step. */
const fates = {
  'current': { floor: 2.2, pace: 1 / 400 }, 'recommended': { floor: 0.05, pace: 1 / 25 }, 'zeros': { floor: 2.3, pace: 0 }, 'xavier-normal': { floor: 0.2, pace: 1 / 60 },
  'he-normal': { floor: 0.3, pace: 1 / 40, explodes: 90 },
};

function snapshot(step, scheme, random) {
  const [forward, backward] = { 'current': [0.4, 0.4], 'zeros': [0, 0], 'he-normal': [1.2, 1.2] }[scheme] ?? [1, 1];
  const moved = 1 + step / 150;
  return {
    step,
    layers: mlp.map((name, index) => ({
      name, activation: { variance: forward ** index * moved * (0.8 + 0.4 * random()) }, gradient: { variance: 1e-4 * backward ** (mlp.length - index) * (0.8 + 0.4 * random()) },
      update: scheme === 'zeros' ? null : 1e-3 * backward ** ((mlp.length - index) / 2) * (0.6 + 0.8 * random()) * (1 + 4 / (1 + step / 10)),
    })),
  };
}

export function trainedRun(scheme, seed, { steps = 200, made = steps, kept = true } = {}) {
  const random = createRandom(seed * 17 + scheme.length * 5 + 3);
  const { floor, pace, explodes } = fates[scheme];
  const end = explodes !== undefined && seed === 1 ? Math.min(made, explodes) : made;
  const cost = (step) => {
    if (explodes !== undefined && seed === 1 && step > explodes - 8) return 3 ** (step - explodes + 9);
    return floor + (2.35 - floor) * Math.exp(-step * pace * (0.8 + 0.2 * seed)) + (random() - 0.5) * 0.12;
  };
  const losses = Array.from({ length: end }, (_, step) => cost(step));
  const isDiverged = end < made;
  const every = Math.max(1, Math.floor(steps / 24));
  return {
    scheme, seed, rate: 0.003, losses: isDiverged ? [...losses, null] : losses, accuracies: losses.map((loss) => Math.min(1, Math.max(0, 1.02 - loss / 2.55 + (random() - 0.5) * 0.05))),
    snapshots: Array.from({ length: Math.ceil(end / every) }, (_, at) => snapshot(at * every, scheme, random)), isKept: kept,
    end: made < steps ? null : isDiverged ? { kind: 'diverged', step: end, message: `The cost was no number at step ${end + 1}: a learning rate of 0.003 is too large for it.` } : { kind: 'finished', step: end, message: null },
  };
}

export const trainedRuns = (how) => trainingOptions.schemes.flatMap((scheme) => [0, 1, 2].map((seed) => trainedRun(scheme, seed, how)));

const trial = (scheme, found) => {
  const rates = Array.from({ length: 60 }, (_, at) => 10 ** (-6 + at / 10));
  const losses = rates.map((rate) => (rate > found * 30 ? null : 2.35 - Math.min(1.6, rate / found) * 0.8 + Math.max(0, rate / found - 3) ** 2 * 0.3));
  return { scheme, rates, losses, found };
};

export function trainingView(change) {
  return {
    kind: 'model', file: '/home/user/models/tanh-mlp.onnx', schemes, options: trainingOptions, dimensions: [], conditions: { batchNorm: true, dropout: true, input: true, block: null },
    status: { kind: 'finished', elapsedMs: 5210 },
    plan: { layers: mlp, loss: 'cross-entropy', optimizer: 'adam', data: '1,024 digits of 8 × 8 as [64], 10 classes', batch: 32, steps: 200, runs: 15, classes: 10, chance: Math.log(10), unsupported: [], notes: ['Batch of 32 because the model leaves it open.'] },
    trials: [trial('current', 0.01), trial('recommended', 0.003), trial('xavier-normal', 0.004), trial('he-normal', 0.002)], runs: trainedRuns(),
    verdict: {
      text: 'Recommended reaches a cost of 0.50 first, after 38 steps (34 to 45 over 3 seeds); Xavier normal needs 97, the current weights never do in 200. Zeros learns nothing: its cost stays at ln 10.',
      severity: 'warning', cost: 0.5, reached: [],
    },
    isPast: false, readOnly: null, ...change,
  };
}
