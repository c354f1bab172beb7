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
const cut = 2;
const within = 2 * normalBelow(cut) - 1;
const density = Math.exp((-cut * cut) / 2) / Math.sqrt(2 * Math.PI);
/** Variance and fourth moment of N(0, 1) cut at ±2 (Johnson, Kotz & Balakrishnan 1994, section 13.10.1): σ = 0.8796, as Keras divides by. */
const cutVariance = 1 - (2 * cut * density) / within;
const cutFourth = 3 - (2 * (cut ** 3 + 3 * cut) * density) / within;
export const truncatedStd = Math.sqrt(cutVariance);

/** A normal cut at ±2 of its own standard deviation `raw`; what is left has 0.88 of it. */
export function truncatedNormal(raw: number): Distribution {
  return {
    std: raw * truncatedStd, bound: cut * raw, kurtosis: cutFourth / cutVariance ** 2,
    below: (x) => Math.min(1, Math.max(0, (normalBelow(x / raw) - normalBelow(-cut)) / within)),
  };
}
