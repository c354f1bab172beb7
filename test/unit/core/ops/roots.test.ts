/** Where functions change their sign, beside what is known of them. */
import { describe, expect, it } from 'vitest';

import { bisect, signChanges } from '../../../../src/core/ops/roots';

describe('a change of sign', () => {
  it('is found to the last digit, whichever way the function goes', () => {
    expect(bisect((x) => x * x - 2, 1, 2)).toBeCloseTo(Math.SQRT2, 14);
    expect(bisect((x) => Math.cos(x), 1, 2)).toBeCloseTo(Math.PI / 2, 14);
  });
  it('is one in each step, and at a point of the grid one, not two', () => {
    const found = [...signChanges((x) => Math.sin(Math.PI * x), -2.5, 2.5, 20)];
    expect(found).toHaveLength(5);
    for (const [i, x] of found.entries()) expect(x).toBeCloseTo(i - 2, 12);
  });
  it('is none of a function that touches nothing, that is not known, or whose change is not worth it', () => {
    expect([...signChanges((x) => x * x + 1, -1, 1, 8)]).toEqual([]);
    expect([...signChanges(() => NaN, -1, 1, 8)]).toEqual([]);
    expect([...signChanges((x) => 1e-9 * Math.sin(40 * x), -1, 1, 64, (before, behind) => Math.abs(before.g) + Math.abs(behind.g) > 1e-6)]).toEqual([]);
  });
});
