import { describe, expect, it } from 'vitest';

import { fromBfloat16, fromFloat16, toBfloat16, toFloat16 } from '../../../../src/core/graph/halfFloat';

const all = Array.from({ length: 65536 }, (_, bits) => bits);

describe.each([
  { name: 'binary16', from: fromFloat16, to: toFloat16, infinity: 0x7c00, smallest: 2 ** -24, largest: 65504 },
  { name: 'bfloat16', from: fromBfloat16, to: toBfloat16, infinity: 0x7f80, smallest: 2 ** -133, largest: 2 ** 127 * (2 - 2 ** -7) },
])('$name', ({ from, to, infinity, smallest, largest }) => {
  it('goes to a double and back for every one of its values, signs of zero included', () => {
    const changed = all.filter((bits) => (Number.isNaN(from(bits)) ? !Number.isNaN(from(to(from(bits)))) : to(from(bits)) !== bits));
    expect(changed).toEqual([]);
  });
  it('is a NaN where exponent and fraction say so, and nowhere else', () => {
    expect(all.filter((bits) => Number.isNaN(from(bits)) !== ((bits & 0x7fff) > infinity))).toEqual([]);
    expect(Number.isNaN(from(to(NaN)))).toBe(true);
  });
  it('has its smallest, largest and infinite values', () => {
    expect([from(1), from(infinity - 1), from(infinity), from(infinity | 0x8000)]).toEqual([smallest, largest, Infinity, -Infinity]);
  });
  it('rounds every tie between neighbours to the even one, and what is off the tie to the nearer one', () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < infinity - 1; bits++) {
      const [low, high] = [from(bits), from(bits + 1)];
      const tie = (low + high) / 2;
      const nudge = Math.max((high - low) * 2 ** -30, Number.MIN_VALUE);
      const even = bits % 2 === 0 ? bits : bits + 1;
      const rounds = to(tie) === even && to(tie - nudge) === bits && to(tie + nudge) === bits + 1 && to(-tie) === (even | 0x8000);
      if (!rounds) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });
  it('overflows from halfway beyond its largest value on', () => {
    const halfway = largest + (largest - from(infinity - 2)) / 2;
    expect([to(halfway), to(halfway * (1 - 2 ** -40)), to(-1e300), to(Infinity)]).toEqual([infinity, infinity - 1, infinity | 0x8000, infinity]);
  });
  it('keeps the sign of what is too small for it', () => {
    expect([to(1e-300), to(-1e-300), to(smallest / 2), to(smallest * 0.51)]).toEqual([0, 0x8000, 0, 1]);
  });
});
