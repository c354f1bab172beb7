import { describe, expect, it } from 'vitest';

import { RankSample } from '../../../../src/core/statistics/rank';
import { createRandom } from '../../support/random';

const random = createRandom(5);
const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Units × inputs, as rows or as columns, given in pieces. */
function rankOf(units: number, inputs: number, of: (unit: number, input: number) => number, byRows = true): ReturnType<RankSample['finish']> {
  const sample = RankSample.create({ inner: byRows ? inputs : 1, count: units }, units * inputs);
  const element = (at: number): number => (byRows ? of(Math.floor(at / inputs), at % inputs) : of(at % units, Math.floor(at / units)));
  const values = Array.from({ length: units * inputs }, (_, at) => element(at));
  for (let at = 0; at < values.length; at += 700) sample?.add(values.slice(at, at + 700));
  return sample?.finish() ?? null;
}

describe('the rank of a kernel', () => {
  it.each([true, false])('is told of one whose units are multiples of one another (by rows: %s)', (byRows) => {
    const [left, right] = [Array.from({ length: 128 }, normal), Array.from({ length: 96 }, normal)];
    const found = rankOf(128, 96, (unit, input) => (left[unit] ?? 0) * (right[input] ?? 0), byRows);
    expect(found?.stable).toBeCloseTo(1, 6);
    expect(found?.drawn).toBeCloseTo(8, 9);
  });
  it('is not told of a draw, of the identity, and of what is too small to tell', () => {
    for (let i = 0; i < 20; i++) expect(rankOf(64, 64, normal)).toBeNull();
    expect(rankOf(64, 64, (unit, input) => (unit === input ? 1 : 0))).toBeNull();
    expect(RankSample.create({ inner: 3, count: 64 }, 192)).toBeNull();
    expect(RankSample.create(null, 4096)).toBeNull();
  });
  it('is none of a kernel of zeros', () => expect(rankOf(64, 64, () => 0)).toBeNull());
});
