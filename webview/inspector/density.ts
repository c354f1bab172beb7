import type { Histogram, Recommendation } from '../../src/protocol/report';
import { constantOf } from './wording';

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** How a recommended distribution is drawn: as a curve, or as a line where every element is the same. */
export type Expected =
  | { readonly kind: 'line'; readonly at: number }
  | { readonly kind: 'curve'; readonly support: Range; density(x: number): number };

export function expectedOf(recommendation: Recommendation): Expected {
  const { distribution, std, bound } = recommendation;
  if (distribution === 'constant' || std <= 0) return { kind: 'line', at: constantOf(recommendation) };
  if (distribution === 'uniform') {
    const edge = bound ?? std * Math.sqrt(3);
    return { kind: 'curve', support: { low: -edge, high: edge }, density: (x) => (Math.abs(x) <= edge ? 1 / (2 * edge) : 0) };
  }
  return {
    kind: 'curve',
    support: { low: -3.5 * std, high: 3.5 * std },
    density: (x) => Math.exp(-0.5 * (x / std) ** 2) / (std * Math.sqrt(2 * Math.PI)),
  };
}

/** What the axis spans: everything that is there and everything that should be. */
export function commonRange(histogram: Histogram | null, expected: Expected | null): Range {
  let low = histogram?.min ?? Infinity;
  let high = histogram?.max ?? -Infinity;
  if (expected?.kind === 'curve') {
    low = Math.min(low, expected.support.low);
    high = Math.max(high, expected.support.high);
  } else if (expected) {
    low = Math.min(low, expected.at);
    high = Math.max(high, expected.at);
  }
  if (low > high) return { low: -1, high: 1 };
  const margin = high > low ? (high - low) * 0.03 : Math.max(Math.abs(low) * 0.5, Number.MIN_VALUE * 4) || 1;
  const wide = low === high && low === 0 ? 1 : margin;
  return { low: low - wide, high: high + wide };
}

/** Height of each bin as a probability density, so that it can be compared with a curve. */
export function densities(histogram: Histogram): readonly number[] {
  const { below = 0, above = 0 } = histogram.outside ?? {};
  const total = histogram.counts.reduce((sum, count) => sum + count, below + above);
  const width = (histogram.max - histogram.min) / histogram.counts.length;
  return histogram.counts.map((count) => (total === 0 || width === 0 ? 0 : count / (total * width)));
}
