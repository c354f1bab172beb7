import { describe, expect, it } from 'vitest';

import { longestDecimal, putFloat32, putFloat64 } from '../../../../src/formats/tensors/shortestDecimal';

const room = new Uint8Array(longestDecimal + 1);
const written = (put: typeof putFloat32, value: number): string => {
  const end = put(value, room, 1);
  expect(end - 1).toBeLessThanOrEqual(longestDecimal);
  return Buffer.from(room.subarray(1, end)).toString('latin1');
};
const text32 = (value: number): string => written(putFloat32, Math.fround(value));
const text64 = (value: number): string => written(putFloat64, value);

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);
function ofBits(code: number): number {
  bits[0] = code;
  return float[0] ?? NaN;
}

const significant = (text: string): number => text.replace(/e.*$/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length;

/** The fewest digits of a decimal next to the number that reads back as it. */
function fewest(value: number): number {
  for (let digits = 1; digits < 9; digits++) if (Math.fround(Number(value.toPrecision(digits))) === value) return significant(value.toPrecision(digits));
  return 9;
}

function check(value: number): void {
  const text = text32(value);
  expect(text).toMatch(/^-?(0|[1-9]\d*)(\.\d+)?(e[-+][1-9]\d*)?$/);
  expect(Object.is(Math.fround(Number(text)), value), `${value} ${text}`).toBe(true);
  expect(significant(text), `${value} ${text}`).toBeLessThanOrEqual(fewest(Math.abs(value)));
}

describe('a float32 as text', () => {
  it('reads back as itself, and is as short as can be, whatever its bits are', () => {
    let state = 12345;
    for (let i = 0; i < 60_000; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const value = ofBits((state ^ (state >>> 15)) >>> 0);
      if (Number.isFinite(value)) check(value);
    }
  });
  it('is so around every power of two, among the subnormal ones and at powers of ten', () => {
    for (let exponent = 0; exponent < 255; exponent++) for (let by = -2; by <= 2; by++) check(ofBits(Math.max(0, exponent * 2 ** 23 + by)));
    for (let code = 1; code < 500; code++) for (const sign of [0, 2 ** 31]) check(ofBits(sign + code));
    for (let power = -45; power <= 38; power++) for (const digit of [1, 2, 3]) check(Math.fround(Number(`${digit}e${power}`)));
    for (let whole = 1; whole < 2 ** 27; whole = Math.ceil(whole * 1.01)) check(Math.fround(whole));
  });
  it('is written as ECMAScript writes numbers, but for whole ones, which stay floats for every reader', () => {
    expect([0, -0, 1, -2, 16777216, 1e20].map(text32)).toEqual(['0.0', '-0.0', '1.0', '-2.0', '16777216.0', '100000000000000000000.0']);
    expect([0.1, -0.5, 0.00001, 0.000001, 1e-7, 1.5e-7, 1e21, 3.4028234663852886e38, 1e-45].map(text32)).toEqual(
      ['0.1', '-0.5', '0.00001', '0.000001', '1e-7', '1.5e-7', '1e+21', '3.4028235e+38', '1e-45']);
  });
  it('is never NaN or Infinity, which JSON does not have', () => {
    for (const value of [NaN, Infinity, -Infinity]) for (const put of [putFloat32, putFloat64]) expect(() => put(value, room, 0)).toThrow('cannot be written');
  });
});

describe('a float64 as text', () => {
  it('reads back as itself', () => {
    const values = [0.1, -1 / 3, 5e-324, 1.7976931348623157e308, 123456789.125, 2 ** -1074 * 3, 1e21, -1e-7];
    for (const value of values) expect(Number(text64(value))).toBe(value);
    expect([0, -0, 3, 1e20, 1e21, -1.5].map(text64)).toEqual(['0.0', '-0.0', '3.0', '100000000000000000000.0', '1e+21', '-1.5']);
  });
});
