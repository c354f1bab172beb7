import { describe, expect, it } from 'vitest';

import { StatisticsAccumulator } from '../../../../src/core/statistics/accumulator';
import { HistogramBuilder, histogramOf } from '../../../../src/core/statistics/histogram';
import { measure, runNow } from '../../../../src/formats/tensors/measure';
import type { WeightStatistics } from '../../../../src/protocol/report';
import { createRandom } from '../../support/random';

const chunked = (values: Float32Array, size: number): Float32Array[] => (
  Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.subarray(i * size, (i + 1) * size)));

function statisticsOf(chunks: Iterable<ArrayLike<number>>): WeightStatistics {
  const accumulator = new StatisticsAccumulator();
  for (const chunk of chunks) accumulator.add(chunk);
  return accumulator.finish(null);
}

/** Two passes in double precision, each sum compensated (Kahan 1965). */
function reference(values: Float32Array): { readonly mean: number; readonly std: number } {
  const sum = (f: (x: number) => number): number => {
    let [total, lost] = [0, 0];
    for (const x of values) {
      const term = f(x) - lost;
      const next = total + term;
      lost = next - total - term;
      total = next;
    }
    return total;
  };
  const mean = sum((x) => x) / values.length;
  return { mean, std: Math.sqrt(sum((x) => (x - mean) ** 2) / values.length) };
}

const n = 100_003;
const bell = (mean: number, std: number): Float32Array => {
  const random = createRandom(5);
  return Float32Array.from({ length: n }, () => mean + std * (random() + random() + random() + random() - 2) * Math.sqrt(3));
};
const hard: readonly (readonly [string, Float32Array])[] = [
  ['σ 1', bell(0, 1)], ['σ 1e-24', bell(0, 1e-24)], ['σ 1e-38', bell(0, 1e-38)], ['σ 1e20', bell(0, 1e20)], ['σ 1e37', bell(0, 1e37)],
  ['mean 1e4, σ 1', bell(1e4, 1)], ['mean 1e7, σ 1', bell(1e7, 1)], ['a single outlier', Float32Array.from({ length: n }, (_, i) => (i === 77 ? 1e15 : i % 3))],
];

describe.each(hard)('moments of %s', (_, values) => {
  const expected = reference(values);
  it.each([n, 1, 7, 1024, 99_999])('in chunks of %d agree with two passes', (size) => {
    const { mean, std, count, nonFinite } = statisticsOf(chunked(values, size));
    expect({ count, nonFinite }).toEqual({ count: n, nonFinite: 0 });
    expect(Math.abs((std ?? NaN) / expected.std - 1)).toBeLessThan(1e-10);
    expect(Math.abs((mean ?? NaN) - expected.mean)).toBeLessThanOrEqual(1e-11 * (Math.abs(expected.mean) + expected.std));
  });
});

describe('what is not ordinary', () => {
  it('nothing at all has no moments', () => {
    expect(statisticsOf([])).toEqual({ count: 0, mean: null, std: null, min: null, max: null, zeros: 0, nonFinite: 0 });
  });
  it('a constant has a standard deviation of exactly zero', () => {
    expect(statisticsOf(chunked(new Float32Array(1000).fill(0.1), 7)).std).toBe(0);
    expect(statisticsOf([new Float32Array(10)])).toMatchObject({ mean: 0, std: 0, min: 0, max: 0, zeros: 10 });
  });
  it('values that are not finite are counted, and leave bounds but no moments', () => {
    const found = statisticsOf([Float32Array.of(1, NaN, 0), Float32Array.of(Infinity, -Infinity), Float32Array.of(-4, -0)]);
    expect(found).toEqual({ count: 7, mean: null, std: null, min: -4, max: 1, zeros: 2, nonFinite: 3 });
    expect(statisticsOf([Float32Array.of(NaN, NaN)])).toMatchObject({ min: null, max: null, nonFinite: 2 });
  });
});

describe('histograms', () => {
  it('count every finite value once, the bounds included', () => {
    const values = bell(0, 1e-24);
    const { histogram, min, max } = runNow(measure(() => chunked(values, 1000)));
    expect([histogram?.min, histogram?.max]).toEqual([min, max]);
    expect(histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(n);
    expect(histogram?.counts[24]).toBeGreaterThan(histogram?.counts[2] ?? Infinity);
  });
  it('put values where they belong', () => {
    const builder = new HistogramBuilder(0, 4, 4);
    builder.add([0, 0.5, 1, 2.5, 3.9999, 4]);
    builder.add([-1, 5, NaN, Infinity]);
    expect(builder.finish()).toEqual({ min: 0, max: 4, counts: [2, 1, 1, 2], outside: { below: 1, above: 1, lowest: 0, highest: 4 } });
  });
  it('are not flattened by a few values far away, and say how many these are and how far they reach', () => {
    const values = bell(0, 0.02);
    for (const at of [0, 777, n - 1]) {
      const withOutlier = values.with(at, 1000);
      const { histogram, max } = runNow(measure(() => chunked(withOutlier, 1000)));
      expect(max).toBe(1000);
      expect(histogram?.outside).toMatchObject({ below: 0, above: 1, highest: 1000 });
      expect(histogram?.counts.filter((count) => count > n / 500).length).toBeGreaterThan(15);
      expect(histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(n - 1);
    }
    const { histogram } = runNow(measure(() => chunked(values.with(3, -5).with(4, -7), 1000)));
    expect(histogram?.outside).toMatchObject({ below: 2, above: 0, lowest: -7 });
    expect(histogramOf([...values.subarray(0, 500), 50], 48)?.outside).toMatchObject({ above: 1, highest: 50 });
  });
  it('reach from the least to the greatest value where none is far away, or most are one', () => {
    for (const values of [bell(0, 1), bell(3, 1e-20), Float32Array.from({ length: n }, (_, i) => i / n)]) {
      expect(runNow(measure(() => chunked(values, 777))).histogram?.outside).toBeUndefined();
    }
    const pruned = Float32Array.from({ length: n }, (_, i) => (i % 10 === 0 ? Math.sin(i) : 0));
    expect(runNow(measure(() => chunked(pruned, 777))).histogram?.outside).toBeUndefined();
  });
  it('give a constant a bin of some width', () => {
    for (const value of [0, 3, -1e-30, 1e30]) {
      const histogram = histogramOf([value, value], 5);
      expect(histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
      expect(histogram && histogram.min < value && histogram.max > value).toBe(true);
    }
  });
  it('leave out what is not finite, and are none of nothing', () => {
    expect(histogramOf([NaN, 1, 2, Infinity], 2)).toEqual({ min: 1, max: 2, counts: [1, 1] });
    expect(histogramOf([NaN], 2)).toBeNull();
    expect(runNow(measure(() => [Float32Array.of(NaN)])).histogram).toBeUndefined();
  });
});
