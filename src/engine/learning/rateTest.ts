// Which learning rate to begin with: the cost while the rate grows from step to step (Smith 2017, Cyclical Learning Rates, section 3.3).

import type { Optimizer } from '../../core/learning/optimizers';
import type { RateTrial } from '../../protocol/training';
import type { Trainer } from './trainer';

const smallest = 1e-6;
/** Rates per decade. */
const perDecade = 8;
/** Weight of what was before in the smoothed cost. */
const memory = 0.8;
/** A cost that has grown so many times over the least ends the test. */
const blownUp = 4;
/** Steps that are made at once, of which that many take longer than a stop is to wait: then it is heard of after each. */
const together = 6;
const slowMs = 500;
/** A cost that falls by less than this share has not been moved by the rate. */
const leastFall = 0.01;

/**
 * The network that is given is spoiled by it, and sees one batch all the time: between batches the cost differs more than small rates move it.
 * `isGoing` is asked between steps.
 */
export async function testRates(trainer: Trainer, optimizer: Optimizer, isGoing: () => Promise<boolean>): Promise<Omit<RateTrial, 'scheme'>> {
  const count = Math.round(perDecade * Math.log10(optimizer.largestRate / smallest)) + 1;
  const all = Array.from({ length: count }, (_, i) => smallest * 10 ** (i / perDecade));
  const losses: number[] = [];
  let piece = 1;
  while (losses.length < count && !isOver(losses) && await isGoing()) {
    const began = performance.now();
    losses.push(...(await trainer.advance(all.slice(losses.length, losses.length + piece))).losses);
    piece = ((performance.now() - began) / piece) * together > slowMs ? 1 : together;
  }
  const end = losses.findIndex((_, i) => isOver(losses.slice(0, i + 1)));
  const kept = end < 0 ? losses : losses.slice(0, end + 1);
  const rates = all.slice(0, kept.length);
  return { rates, losses: kept.map((loss) => (Number.isFinite(loss) ? loss : null)), found: chooseRate(rates, kept, optimizer.usualRate) };
}

function isOver(losses: readonly number[]): boolean {
  const last = losses.at(-1);
  if (last === undefined) return false;
  return !Number.isFinite(last) || last > blownUp * Math.max(...losses.slice(0, perDecade)) + 1e-12;
}

/**
 * A third of the rate at which the smoothed cost falls most per decade, or a tenth of that at which it is least, whichever is smaller: the first is where
 * learning is fastest, the second what Smith's triangular policy and fastai stay below. Where nothing moves the cost, the usual rate.
 */
export function chooseRate(rates: readonly number[], losses: readonly number[], usual: number): number {
  const smoothed = smooth(losses.filter(Number.isFinite));
  const start = losses[0] ?? Infinity;
  const least = smoothed.reduce((at, loss, i) => (loss < (smoothed[at] ?? Infinity) ? i : at), 0);
  if (!(start - (smoothed[least] ?? start) > leastFall * Math.abs(start))) return usual;
  let steepest = 0;
  for (let i = 3; i <= least; i++) {
    const slope = (at: number): number => (smoothed[at] ?? 0) - (smoothed[at - 3] ?? 0);
    if (steepest === 0 || slope(i) < slope(steepest)) steepest = i;
  }
  return Number(Math.min((rates[steepest] ?? usual) / 3, (rates[least] ?? usual) / 10).toPrecision(2));
}

/** Exponential mean, without the bias of its start (Kingma & Ba 2015, section 3). */
function smooth(losses: readonly number[]): readonly number[] {
  let mean = 0;
  return losses.map((loss, i) => {
    mean = memory * mean + (1 - memory) * loss;
    return mean / (1 - memory ** (i + 1));
  });
}
