/** Epochs of contrastive divergence beside scikit-learn's, which has the same five products to compute for each batch. */
import { spawnSync } from 'node:child_process';

import { startMachine, streamOf } from '../../src/core/learning/rbm/machine';
import { fillUniforms } from '../../src/core/kernels/random';
import { Trainer } from '../../src/engine/learning/rbm/trainer';
import { compare, judge } from './table';

const sizes = [
  { visible: 784, hidden: 500, count: 6000, batch: 100 },
  { visible: 64, hidden: 256, count: 6000, batch: 100 },
  { visible: 64, hidden: 256, count: 6000, batch: 10 },
] as const;
const epochs = 6;

interface Peer { readonly float64: number; readonly float32: number }

export async function measurePretraining(peer: { readonly program: string; readonly script: string } | null): Promise<void> {
  for (const size of sizes) {
    const own = await epochOf(size);
    const { visible, hidden, count, batch } = size;
    const asked = peer && spawnSync(peer.program, ['-B', peer.script, ...[visible, hidden, count, batch, epochs].map(String)], { encoding: 'utf8' });
    const theirs = asked?.status === 0 ? JSON.parse(asked.stdout) as Peer : undefined;
    compare(`CD-1 epoch, ${visible} → ${hidden}, ${count} samples in ${batch}s`, own, theirs?.float64, 'scikit-learn BernoulliRBM, float64 as it takes data');
    compare('', own, theirs?.float32, 'the same, of data in float32');
    if (theirs) judge('twice as fast', own, theirs.float64 / 2);
  }
}

/** The fastest of a few. */
async function epochOf({ visible, hidden, count, batch }: (typeof sizes)[number]): Promise<number> {
  const data = new Float32Array(count * visible);
  fillUniforms(data, streamOf(1, 'bench'), 0, 0, 1);
  const states = data.map((u) => (u < 0.3 ? 1 : 0));
  const start = startMachine({ kind: 'bernoulli', visible, hidden }, 'guide', states, streamOf(1, 'start'));
  const trainer = await Trainer.create(start, { data: states, count, areProbabilities: false }, {
    name: 'bench', form: { kind: 'bernoulli', gibbs: 1, isPersistent: false, hasHiddenBias: true }, batch, decay: 0.0002, sparsity: null, seed: 1,
    threads: null,
  });
  const taken: number[] = [];
  for (let epoch = 1; epoch <= epochs; epoch++) {
    const began = performance.now();
    await trainer.epoch(epoch, { rate: 0.01, momentum: 0.5 }, () => Promise.resolve(true));
    taken.push(performance.now() - began);
  }
  await trainer.release();
  return Math.min(...taken);
}
