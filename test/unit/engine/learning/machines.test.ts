// What machines learn: KL on bars and stripes, annealing beside enumeration, and what is asked of their units.

import { describe, expect, it } from 'vitest';

import { barsAndStripes } from '../../../../src/core/learning/data/barsAndStripes';
import { divergenceOf, hiddenInputs } from '../../../../src/core/learning/rbm/energy';
import { baseRates } from '../../../../src/core/learning/rbm/machine';
import type { Machine } from '../../../../src/core/learning/rbm/machine';
import { logPartition } from '../../../../src/core/learning/rbm/partition';
import { Annealer } from '../../../../src/engine/learning/rbm/annealed';
import { drawnMachine, learnBars } from '../../support/machines';

const going = (): Promise<boolean> => Promise.resolve(true);
const { data: patterns } = barsAndStripes(4);
const bars = { side: 4, hidden: 32, batch: 30, epochs: 3000, gibbs: 25, rate: 0.1, momentum: 0.5 };

async function annealed(machine: Machine, data: Float32Array, steps: number, seed: number): Promise<{ readonly value: number; readonly error: number }> {
  const annealer = await Annealer.create(machine, 1);
  const estimate = await annealer.logPartition(machine, baseRates(machine, data), steps, seed, going);
  await annealer.release();
  if (!estimate) throw new Error('It was stopped.');
  return estimate;
}

describe('on bars and stripes of 4 × 4', () => {
  it('the exact divergence falls below half a nat, and does not rise at the end', async () => {
    const seen: number[] = [];
    const { machine, data } = await learnBars({
      ...bars, seed: 1,
      seen: (now, epoch) => { if (epoch % 100 === 0) seen.push(divergenceOf(now, patterns, logPartition(now))); },
    });
    const last = divergenceOf(machine, data, logPartition(machine));
    expect(last).toBeLessThan(0.5);
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value / values.length, 0);
    // Of thirty looks the last five beside the five before them.
    expect(mean(seen.slice(-5))).toBeLessThan(mean(seen.slice(-10, -5)) + 0.02);
    expect(seen[0]).toBeGreaterThan(1);
  });

  it('equal seeds learn equal weights, and others do not', async () => {
    const short = { ...bars, epochs: 5, gibbs: 2 };
    const [one, two, other] = [await learnBars({ ...short, seed: 1 }), await learnBars({ ...short, seed: 1 }), await learnBars({ ...short, seed: 2 })];
    expect(one.machine.weights).toEqual(two.machine.weights);
    expect(other.machine.weights).not.toEqual(one.machine.weights);
  });

  it('a sparsity that is asked for is what hidden units come to', async () => {
    const activity = async (sparsity: number | undefined): Promise<number> => {
      const { machine, data } = await learnBars({ ...bars, gibbs: 1, epochs: 300, seed: 1, ...(sparsity === undefined ? {} : { sparsity }) });
      let sum = 0;
      for (let row = 0; row < 30; row++) for (const x of hiddenInputs(machine, data.subarray(row * 16, (row + 1) * 16))) sum += 1 / (1 + Math.exp(-x));
      return sum / (30 * 32);
    };
    const [free, sparse] = [await activity(undefined), await activity(0.1)];
    expect(Math.abs(sparse - 0.1)).toBeLessThan(0.05);
    expect(free).toBeGreaterThan(0.25);
  });

  it('persistent chains, too, find the patterns', async () => {
    const { machine, data } = await learnBars({ ...bars, gibbs: 10, batch: 10, epochs: 1000, seed: 1, isPersistent: true });
    expect(divergenceOf(machine, data, logPartition(machine))).toBeLessThan(2);
  });
});

describe('annealing agrees with enumeration within its error', () => {
  it.each([[12, 18, 0.2], [16, 10, 0.7], [10, 40, 0.4], [20, 14, 1]])('%i × %i units, weights of %f', async (visible, hidden, std) => {
    const machine = drawnMachine(visible, hidden, std, 3);
    const data = new Float32Array(50 * visible).map((_, i) => ((i * 7919) % 13 < 5 ? 1 : 0));
    const exact = logPartition(machine);
    const estimates = await Promise.all([1, 2, 3].map((seed) => annealed(machine, data, 1000, seed)));
    for (const { value, error } of estimates) {
      expect(error).toBeGreaterThan(0);
      expect(error).toBeLessThan(0.2);
      expect(Math.abs(value - exact)).toBeLessThan(4 * error + 1e-3);
    }
  });

  it('of a machine that has learned', async () => {
    const { machine, data } = await learnBars({ ...bars, hidden: 12, epochs: 300, seed: 1 });
    const { value, error } = await annealed(machine, data, 3000, 1);
    expect(Math.abs(value - logPartition(machine))).toBeLessThan(4 * error + 1e-3);
  });

  it('and is exact of a machine without weights', async () => {
    const machine = drawnMachine(6, 5, 0, 1);
    const { value, error } = await annealed(machine, Float32Array.from({ length: 12 }, (_, i) => (i < 6 ? 0 : 1)), 100, 1);
    expect([value, error]).toEqual([expect.closeTo(11 * Math.LN2, 5), expect.closeTo(0, 5)]);
  });
});

