import { describe, expect, it } from 'vitest';

import { UnitSums, leaningOf } from '../../../../src/core/statistics/leaning';
import { createRandom } from '../../support/random';

describe('biases that follow the sums of their units', () => {
  it('sums are those of rows or of columns, however the elements come', () => {
    const rows = new UnitSums({ inner: 3, count: 2 });
    rows.add([1, 2]);
    rows.add([3, 4, 5, 6]);
    expect([...rows.sums]).toEqual([6, 15]);
    const columns = new UnitSums({ inner: 1, count: 3 });
    columns.add([1, 2, 3, 4, 5, 6]);
    expect([...columns.sums]).toEqual([5, 7, 9]);
  });
  it('lean by the factor that they are of them, and not where they are others', () => {
    const random = createRandom(3);
    const sums = Array.from({ length: 64 }, () => random() - 0.5);
    expect(leaningOf(sums, sums.map((sum) => -sum / 2))).toBeCloseTo(-0.5, 12);
    expect(leaningOf(sums, sums.map((sum) => -sum / 2 + 0.02 * (random() - 0.5)))).toBeCloseTo(-0.5, 2);
    expect(leaningOf(sums, sums.map(() => random() - 0.5))).toBeNull();
    expect(leaningOf(sums, sums.map(() => 0))).toBeNull();
    expect(leaningOf(sums.slice(0, 4), sums.slice(0, 4))).toBeNull();
    expect(leaningOf(sums, sums.slice(1))).toBeNull();
  });
});
