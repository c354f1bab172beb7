import { describe, expect, it } from 'vitest';

import { createRandom } from '../ops/samples/sample';
import { distanceBetween, summarize } from './projections';

const random = createRandom('projections');
const golden = Array.from({ length: 2000 }, () => random() - 0.5);
const norm = Math.hypot(...golden);
const distance = (changed: readonly number[]): number => distanceBetween(summarize(changed, 8), summarize(golden, 8));

describe('the distance of a tensor from a few golden numbers', () => {
  it('is 0 for the same tensor, and infinite for one of another size', () => {
    expect(distance(golden)).toBe(0);
    expect(distance(golden.slice(1))).toBe(Infinity);
  });

  it.each([
    ['scaled', golden.map((x) => 1.001 * x)],
    ['negated', golden.map((x) => -x)],
    ['shifted by one element', [...golden.slice(1), ...golden.slice(0, 1)]],
    ['reversed', golden.toReversed()],
    ['one element off', golden.map((x, i) => (i === 1234 ? x + 0.1 : x))],
    ['two elements exchanged', golden.map((x, i) => (i === 7 ? golden[8] ?? 0 : i === 8 ? golden[7] ?? 0 : x))],
    ['noisy', golden.map((x) => x + 0.001 * (random() - 0.5))],
    ['not a number in one place', golden.map((x, i) => (i === 3 ? NaN : x))],
  ])('%s: is that of the elements, within a factor of 3', (_, changed) => {
    const exact = Math.hypot(...changed.map((x, i) => x - (golden[i] ?? 0)));
    const estimated = distance(changed);
    expect(!(estimated <= 1e-4 * norm)).toBe(true);
    if (Number.isNaN(exact)) expect(estimated).toBeNaN();
    else expect(Math.abs(Math.log(estimated / exact))).toBeLessThan(Math.log(3));
  });
});
