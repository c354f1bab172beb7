import { erf } from '../ops/erf';

/** A distribution around 0 that a tensor may have been drawn from. */
export interface Distribution {
  readonly std: number;
  /** No draw is larger in magnitude; Infinity where there is no such bound. */
  readonly bound: number;
  /** E x⁴ / σ⁴, on which the sampling error of the standard deviation depends. */
  readonly kurtosis: number;
  /** Probability of a draw below x. */
  readonly below: (x: number) => number;
}

/** Φ(x) */
const normalBelow = (x: number): number => 0.5 * (1 + erf(x / Math.SQRT2));

export function normal(std: number): Distribution {
  return { std, bound: Infinity, kurtosis: 3, below: (x) => normalBelow(x / std) };
}

export function uniform(bound: number): Distribution {
  return { std: bound / Math.sqrt(3), bound, kurtosis: 1.8, below: (x) => Math.min(1, Math.max(0, (x + bound) / (2 * bound))) };
}

/** Libraries cut at two standard deviations of the normal they draw from. */
const usualCut = 2;

interface Cut {
  /** Probability that is cut off at either side. */
  readonly tail: number;
  /** Standard deviation and kurtosis of what is left of N(0, 1). */
  readonly std: number;
  readonly kurtosis: number;
}

/** N(0, 1) cut at ±c: variance and fourth moment by Johnson, Kotz & Balakrishnan 1994, section 13.10.1; σ = 0.8796 at c = 2, as Keras divides by. */
export function cutNormal(c: number): Cut {
  const tail = normalBelow(-c);
  const share = Math.exp((-c * c) / 2) / Math.sqrt(2 * Math.PI) / (1 - 2 * tail);
  const variance = 1 - 2 * c * share;
  return { tail, std: Math.sqrt(variance), kurtosis: (3 - 2 * (c ** 3 + 3 * c) * share) / variance ** 2 };
}

const usual = cutNormal(usualCut);
export const truncatedStd = usual.std;

/** A normal cut at ±c of its own standard deviation `raw`; at 2, what is left has 0.88 of it. */
export function truncatedNormal(raw: number, c = usualCut): Distribution {
  const { tail, std, kurtosis } = c === usualCut ? usual : cutNormal(c);
  return {
    std: raw * std, bound: c * raw, kurtosis,
    below: (x) => Math.min(1, Math.max(0, (normalBelow(x / raw) - tail) / (1 - 2 * tail))),
  };
}
