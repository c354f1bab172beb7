/** Which rate is chosen of a range test. */
import { describe, expect, it } from 'vitest';

import { chooseRate } from '../../../../src/engine/learning/rateTest';

const rates = Array.from({ length: 46 }, (_, i) => 1e-6 * 10 ** (i / 8));

/** Falls where the rate comes near `good`, and grows beyond ten times that. */
const costs = (good: number): readonly number[] => rates.map((rate) => 2.3 - 1.5 / (1 + (good / rate) ** 2) + Math.min(50, (rate / (10 * good)) ** 3));

describe('the rate that is chosen', () => {
  it.each([1e-4, 1e-3, 1e-2])('is below the one at which the cost is least, and not far below where it falls most: about %f', (good) => {
    const found = chooseRate(rates, costs(good), 0.5);
    expect(found).toBeGreaterThan(good / 20);
    expect(found).toBeLessThan(good * 1.5);
  });

  it('is the usual one where no rate moves the cost', () => {
    expect(chooseRate(rates, rates.map(() => 2.3), 0.01)).toBe(0.01);
    expect(chooseRate(rates, rates.map((rate) => 2.3 + rate), 0.01)).toBe(0.01);
  });

  it('is found of a test that broke off', () => {
    const broken = [...costs(1e-3).slice(0, 40), NaN];
    expect(chooseRate(rates.slice(0, broken.length), broken, 0.5)).toBeLessThan(2e-3);
  });
});
