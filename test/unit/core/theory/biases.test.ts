/** Biases that are no matter of moments alone: wider than what varies, or following their weights. */
import { describe, expect, it } from 'vitest';

import { isWide, lawOf } from '../../../../src/core/theory/law';
import { shutShare } from '../../../../src/core/theory/shut';
import { add, bend, constantSignal, standardNormal, weigh } from '../../../../src/core/theory/signal';
import type { Activation } from '../../../../src/core/ops/spec';

const relu: Activation = { f: (x) => Math.max(0, x), df: (x) => (x > 0 ? 1 : 0), kinks: [0] };
const tanh: Activation = { f: Math.tanh, df: (x) => 1 - Math.tanh(x) ** 2, kinks: [] };
const weights = { mean: 0, second: 1 / 64 };

describe('a law of values', () => {
  it('has the share of each, what lies far outside included', () => {
    expect(lawOf({ min: 0, max: 4, counts: [1, 0, 0, 3], outside: { below: 4, above: 0, lowest: -50, highest: 4 } })).toEqual([
      { at: 0.5, share: 1 / 8 }, { at: 3.5, share: 3 / 8 }, { at: -50, share: 4 / 8 },
    ]);
  });
  it('is wide where it decides what a unit says', () => {
    expect(isWide([{ at: -50, share: 0.9 }, { at: 0, share: 0.1 }], 1)).toBe(true);
    expect(isWide([{ at: -1, share: 0.5 }, { at: 1, share: 0.5 }], 1)).toBe(false);
  });
});

describe('units that biases shut', () => {
  const law = [{ at: -50, share: 62 / 64 }, { at: 0, share: 2 / 64 }];
  const mean = -50 * 62 / 64;
  const biases = { mean, second: 2500 * 62 / 64, law };
  const z = add(weigh(standardNormal, weights, 64), constantSignal(biases, [64]));
  it('leave to the others what they say', () => {
    // 2 of 64 units say half of a second moment of 1.
    expect(bend(z, relu).second).toBeCloseTo(2 / 64 / 2, 6);
    expect(shutShare(relu, z, 1)).toBeCloseTo(62 / 64, 12);
  });
  it('are none where biases are of a size with what varies', () => {
    const open = add(weigh(standardNormal, weights, 64), constantSignal({ mean: 0, second: 1, law: [{ at: -1, share: 0.5 }, { at: 1, share: 0.5 }] }, [64]));
    expect(open.spread).toBeUndefined();
    expect(shutShare(tanh, open, 1)).toBe(0);
  });
  it('are not told of a function that has no flat end', () => expect(shutShare(relu, z, null)).toBeNull());
});

describe('biases of −½ Σ w', () => {
  it('take the mean of ½ away', () => {
    const sigmoids = { mean: 0.5, second: 0.25 + 0.01, common: 0.25, local: 0.25, apart: 0.25 };
    const z = add(weigh(sigmoids, weights, 64), constantSignal({ mean: 0, second: 0.25, leans: -1 / 2 }, [64]));
    // 64 weights of variance 1/64 on what is left: a variance of 0.01, of which samples share nothing.
    expect(z.second).toBeCloseTo(0.01, 12);
    expect(z.common).toBeCloseTo(0, 12);
    const independent = add(weigh(sigmoids, weights, 64), constantSignal({ mean: 0, second: 0.25 }, [64]));
    expect(independent.second).toBeCloseTo(0.51, 12);
  });
});
