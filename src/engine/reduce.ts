import type { GraphBuilder } from '../core/graph/builder';
import { elementCount } from '../core/graph/dtype';
import { Algebra } from '../core/ops/algebra';
import { histogramOf } from '../core/statistics/histogram';
import type { Moments } from '../protocol/simulation';
import type { Value } from './runtime';

/** Elements of a tensor that leave the graph for its histogram. */
const sampleSize = 4096;
const bins = 40;

/** Names of the two values that describe a tensor: its numbers and a sample of its elements. */
export interface Reduction {
  readonly count: number;
  readonly numbers: string;
  readonly sample: string;
}

/**
 * Appends the nodes that reduce a float32 tensor to [mean, variance, min, max, zeros, finite] in float64. Float32 sums of squares
 * would lose exactly what is looked for: at σ = 1e-24 they are 0, at 1e20 infinite.
 */
export function appendReduction(builder: GraphBuilder, value: string, shape: readonly number[]): Reduction {
  const m = new Algebra(builder);
  builder.scope = `statistics/${value}`;
  const count = elementCount(shape);
  const flat = m.reshape(value, [-1]);
  const wide = m.cast(flat, 'float64');
  const total = (condition: string): string => m.cast(m.sum(m.cast(condition, 'int32'), [0]), 'float64');
  const mean = m.mean(wide, [0]);
  const numbers = m.concat([
    mean,
    // About the mean: the difference of two squares would lose a spread that is small beside it.
    m.mean(m.square(m.sub(wide, mean)), [0]),
    m.cast(m.reduce('ReduceMin', flat, [0], true), 'float64'),
    m.cast(m.reduce('ReduceMax', flat, [0], true), 'float64'),
    total(m.equal(flat, m.constant(0))),
    // x − x is 0 for finite x only.
    total(m.equal(m.sub(flat, flat), m.constant(0))),
  ], 0);
  // An odd step does not fall into step with channels or rows.
  const step = count <= sampleSize ? 1 : Math.floor(count / sampleSize) | 1;
  const sample = step === 1 ? flat : m.slice(flat, [0], [0], [count], [step]);
  builder.output(numbers, 'float64');
  builder.output(sample, 'float32');
  builder.scope = '';
  return { count, numbers, sample };
}

/** What the reduction of a tensor says. */
export function readMoments(reduction: Reduction, results: ReadonlyMap<string, Value>): Moments {
  const [mean = NaN, variance = NaN, min = NaN, max = NaN, zeros = 0, finite = 0] = toNumbers(results.get(reduction.numbers));
  const sample = results.get(reduction.sample)?.data;
  const histogram = sample instanceof Float32Array ? histogramOf(sample, bins) : null;
  const nonFinite = reduction.count - finite;
  const known = nonFinite === 0 && reduction.count > 0;
  return {
    count: reduction.count,
    mean: known ? mean : null,
    variance: known ? varianceOf(variance, min, max, reduction.count) : null,
    min: known ? min : null,
    max: known ? max : null,
    zeros,
    nonFinite,
    ...(histogram ? { histogram } : {}),
  };
}

/** Never below what two elements at the ends of the range amount to, (max − min)² / 2n, so that rounding cannot make it 0. */
function varianceOf(variance: number, min: number, max: number, count: number): number {
  return min === max ? 0 : Math.max(variance, (max - min) ** 2 / (2 * count));
}

/** A tensor that is exactly zero: a gradient with no path from the output. */
export function zeroMoments(count: number): Moments {
  return { count, mean: 0, variance: 0, min: 0, max: 0, zeros: count, nonFinite: 0, histogram: { min: -0.5, max: 0.5, counts: [count] } };
}

function toNumbers(value: Value | undefined): readonly number[] {
  return value ? Array.from(value.data as ArrayLike<number | bigint>, Number) : [];
}
