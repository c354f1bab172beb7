// Machines for tests: one that has learned bars and stripes, and one that is drawn.

import { barsAndStripes } from '../../../src/core/learning/data/barsAndStripes';
import { paceOf } from '../../../src/core/learning/rbm/batches';
import type { Machine } from '../../../src/core/learning/rbm/machine';
import { startMachine, streamOf } from '../../../src/core/learning/rbm/machine';
import { fillNormals } from '../../../src/core/kernels/random';
import { Trainer } from '../../../src/engine/learning/rbm/trainer';

export interface BarsOptions {
  readonly side: number;
  readonly hidden: number;
  readonly batch: number;
  readonly epochs: number;
  readonly gibbs: number;
  readonly rate: number;
  readonly momentum: number;
  readonly seed: number;
  readonly isPersistent?: boolean;
  readonly sparsity?: number;
  /** Called behind each epoch. */
  readonly seen?: (machine: Machine, epoch: number) => void;
}

export async function learnBars(options: BarsOptions): Promise<{ readonly machine: Machine; readonly data: Float32Array }> {
  const { side, hidden, batch, epochs, gibbs, rate, momentum, seed, isPersistent = false, sparsity = null, seen } = options;
  const { data, count } = barsAndStripes(side);
  const start = startMachine({ kind: 'bernoulli', visible: side * side, hidden }, 'guide', data, streamOf(seed, 'start'));
  const trainer = await Trainer.create(start, { data, count, areProbabilities: false }, {
    name: 'bars', form: { kind: 'bernoulli', gibbs, isPersistent, hasHiddenBias: true }, batch, decay: 0, sparsity, seed, threads: 1,
  });
  for (let epoch = 1; epoch <= epochs; epoch++) {
    await trainer.epoch(epoch, paceOf(epoch, epochs, 'linear', { rate, momentum }), async () => Promise.resolve(true));
    seen?.(trainer.machine, epoch);
  }
  const { machine } = trainer;
  await trainer.release();
  return { machine, data };
}

export function drawnMachine(visible: number, hidden: number, std: number, seed: number): Machine {
  const drawn = (name: string, count: number): Float32Array => {
    const out = new Float32Array(count);
    fillNormals(out, streamOf(seed, name), 0, 0, std);
    return out;
  };
  return { kind: 'bernoulli', visible, hidden, weights: drawn('W', visible * hidden), visibleBias: drawn('b', visible), hiddenBias: drawn('c', hidden) };
}
