/** Made-up machines that look like real ones. */
import { createRandom } from './models.mjs';

const side = 8;

function image(random, at) {
  const bytes = Array.from({ length: side * side }, (_, pixel) => {
    const [x, y] = [pixel % side, Math.floor(pixel / side)];
    return Math.round(255 * Math.min(1, Math.max(0, Math.exp(-((x - (at % side)) ** 2 + (y - ((at * 3) % side)) ** 2) / 4) + 0.3 * random())));
  });
  return Buffer.from(bytes).toString('base64');
}

const pictures = (seed, count) => {
  const random = createRandom(seed);
  return { width: side, height: side, images: Array.from({ length: count }, (_, at) => image(random, at)) };
};

function machine(layer, index, epochs) {
  const random = createRandom(index + 5);
  return {
    layer, kind: 'bernoulli', visible: 64, hidden: 64, unrolled: null, filters: epochs > 0 ? pictures(index + 1, 48) : null, reconstructions: epochs > 0 ? pictures(index + 9, 16) : null,
    epochs: Array.from({ length: epochs }, (_, epoch) => ({
      epoch, rate: 0.05 * (1 - epoch / 20), momentum: epoch < 5 ? 0.5 : 0.9, error: (0.06 + 0.03 * index) + 0.15 * Math.exp(-epoch / 4) + 0.004 * random(), crossEntropy: 18 + 12 * Math.exp(-epoch / 4),
      freeEnergy: { training: -40 - epoch, heldOut: -39.5 - epoch + 0.1 * epoch }, pseudoLikelihood: { value: -22 + epoch / 3, kind: 'exact' },
      divergence: epoch % 5 === 0 ? { value: 6 * Math.exp(-epoch / 8), error: index > 0 ? 0.3 : 0, kind: index > 0 ? 'ais' : 'exact' } : null, ratio: epoch === 0 ? null : 0.001 * (1 + random()), activity: 0.3 + 0.05 * random(),
    })),
  };
}

export function pretrainingView(change) {
  return {
    kind: 'model', file: '/home/user/models/deep-sigmoid-mlp.onnx',
    options: { data: { kind: 'built-in', name: 'digits' }, samples: 2000, layers: null, visible: 'bernoulli', start: 'guide', gibbs: 1, persistent: false, epochs: 20, rate: null, schedule: 'linear', batch: null, momentum: 0.9, decay: 0.0002, sparsity: null, seed: 0, threads: null },
    status: { kind: 'finished', elapsedMs: 8210 },
    plan: { machines: [], data: '2,000 digits of 8 × 8', samples: 2000, heldOut: 200, epochs: 20, batch: 50, left: [{ layer: 'layers.16', reason: 'it is the output, which no machine learns' }], notes: [] },
    machines: ['layers.0', 'layers.1', 'layers.2', 'layers.3'].map((layer, index) => machine(layer, index, 21)), ended: null, learned: ['layers.0', 'layers.1', 'layers.2', 'layers.3'], readOnly: null, ...change,
  };
}

export const machinesAt = (epochs) => ['layers.0', 'layers.1', 'layers.2', 'layers.3'].map((layer, index) => machine(layer, index, Math.max(0, Math.min(21, epochs - 21 * index))));
