import { expect, it } from 'vitest';

import { histogramOf } from '../../../../src/core/statistics/histogram';
import { poolMoments } from '../../../../src/core/statistics/pool';
import type { Moments } from '../../../../src/protocol/simulation';
import { createRandom } from '../../support/random';

function momentsOf(data: readonly number[]): Moments {
  const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
  const histogram = histogramOf(data, 40);
  return {
    count: data.length, mean, variance: data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length,
    min: Math.min(...data), max: Math.max(...data), zeros: data.filter((value) => value === 0).length, nonFinite: 0, ...(histogram ? { histogram } : {}),
  };
}

const random = createRandom(1);
const part = (count: number, shift: number): number[] => Array.from({ length: count }, (_, i) => (i === 0 ? 0 : shift + random()));

it('parts together have the moments of the whole', () => {
  const parts = [part(10, 0), part(500, 3), part(77, -5)];
  const pooled = poolMoments(parts.map(momentsOf));
  const whole = momentsOf(parts.flat());
  expect([pooled.count, pooled.min, pooled.max, pooled.zeros]).toEqual([587, whole.min, whole.max, 3]);
  expect(pooled.mean).toBeCloseTo(whole.mean ?? NaN, 12);
  expect(pooled.variance).toBeCloseTo(whole.variance ?? NaN, 12);
  expect(pooled.histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(587);
  expect([pooled.histogram?.min, pooled.histogram?.max]).toEqual([whole.min, whole.max]);
});

it('values far away in one part are kept apart in the whole', () => {
  const parts = [part(500, 3), [...part(499, 3), 1000]];
  const { histogram } = poolMoments(parts.map(momentsOf));
  expect(histogram?.outside).toMatchObject({ below: 0, above: 1, highest: 1000 });
  expect(histogram?.counts.reduce((sum, count) => sum + count, 0)).toBe(999);
});

it('one part without moments leaves none', () => {
  const broken: Moments = { count: 5, mean: null, variance: null, min: null, max: null, zeros: 1, nonFinite: 2 };
  expect(poolMoments([momentsOf([1, 2]), broken])).toMatchObject({ count: 7, mean: null, variance: null, min: null, max: null, zeros: 1, nonFinite: 2 });
});

it('equal constants have no variance', () => {
  expect(poolMoments([momentsOf([0.1, 0.1]), momentsOf([0.1])]).variance).toBe(0);
});
