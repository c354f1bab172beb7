// Whether weights have been trained, or stand as some initialiser drew them: by what wrote them, the shape of their law, and what norms and biases have
// learned.

import type { Histogram, LayerReport, WeightReport } from '../../protocol/report';
import { trainedOrigin } from '../../protocol/training';
import { say } from '../../protocol/words';

/** Fewer values say little of the law behind them. */
const fewest = 256;
/**
 * What is drawn is normal (kurtosis 3), flatter (uniform 1.8, truncated), or one number; training makes tails. Sampling errs by √(24 / n) (Kendall &
 * Stuart).
 */
const normalKurtosis = 3;
const tails = 0.25;
const errors = 6;
/** Largest value over the standard deviation: √3 of a uniform law, about which biases are drawn; more of what has moved. */
const uniformReach = 1.9;
const mostDrawn = 1 / 3;

/** What is said of them, wherever that is. */
export const trainedWords = { message: say('These weights are trained: no initializer draws laws like theirs.'),
  remedy: say('Reinitializing throws that away.') };

/** Weights that nobody drew lately, of those that can tell. */
export function isTrained(layers: readonly LayerReport[]): boolean {
  const told = layers.flatMap(({ weights }) => weights).flatMap((weight) => {
    const moved = hasMoved(weight);
    return moved === null ? [] : [{ role: weight.role, moved }];
  });
  const share = (roles: readonly WeightReport['role'][]): number | null => {
    const own = told.filter(({ role }) => roles.includes(role));
    return own.length === 0 ? null : own.filter(({ moved }) => moved).length / own.length;
  };
  const kernels = share(['kernel', 'recurrent', 'embedding']);
  const norms = ['running mean', 'running variance', 'gamma', 'beta'] as const;
  const others = share([...norms, 'bias']);
  // Biases of few values are whatever an author has drawn; norms stand at 0 and 1 until they learn.
  if (kernels === null) return (share(norms) ?? 0) > 0.5;
  return kernels > mostDrawn && (others === null || others > mostDrawn);
}

/** Null where a weight does not tell. */
function hasMoved({ role, statistics, looksLike, applied }: WeightReport): boolean | null {
  if (applied !== undefined) return applied.scheme === 'learned' && applied.title.startsWith(trainedOrigin);
  if (!statistics || statistics.law || statistics.nonFinite > 0 || statistics.std === null) return null;
  const { std, count, min, max, histogram } = statistics;
  switch (role) {
    case 'kernel': case 'recurrent': case 'embedding': {
      if (count < fewest || std === 0 || !histogram) return null;
      return looksLike === null && kurtosisOf(histogram) > normalKurtosis + tails + errors * Math.sqrt(24 / count);
    }
    case 'running mean': case 'running variance': case 'gamma': case 'beta': return count < 2 ? null : std > 0;
    case 'bias': return count < 16 ? null : std > 0 && Math.max(-(min ?? 0), max ?? 0) > uniformReach * std && looksLike === null;
    default: return null;
  }
}

/** E (x − μ)⁴ / σ⁴ of the values in the bins, with those that lie outside at their ends. */
function kurtosisOf({ min, max, counts, outside }: Histogram): number {
  const width = (max - min) / counts.length;
  const points = [
    ...counts.map((count, i) => ({ at: min + (i + 0.5) * width, count })),
    ...outside ? [{ at: outside.lowest, count: outside.below }, { at: outside.highest, count: outside.above }] : [],
  ].filter(({ count }) => count > 0);
  const total = points.reduce((sum, { count }) => sum + count, 0);
  const mean = points.reduce((sum, { at, count }) => sum + at * count, 0) / total;
  const central = (power: number): number => points.reduce((sum, { at, count }) => sum + count * (at - mean) ** power, 0) / total;
  const variance = central(2);
  return variance === 0 ? 0 : central(4) / variance ** 2;
}
