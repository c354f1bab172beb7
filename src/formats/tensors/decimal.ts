// Elements that are decimals in a JSON text, as bytes.

import type { DType } from '../../core/graph/dtype';
import { bytesPerElement, isFloat } from '../../core/graph/dtype';
import type { TensorPlace } from '../../core/graph/tensor';
import { encodeFloats } from '../../core/initializers/sampling';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import type { TokenWindow } from '../json/tokens';
import { numberTokens } from '../json/tokens';
import { byte } from '../json/value';
import { latin1 } from '../json/window';
import { longestDecimal } from './shortestDecimal';

/** Elements in order, little-endian, a bounded number at a time. What JSON.stringify made null of is NaN. */
export function* decimalBytes(source: ByteSource, { offset, length }: TensorPlace, dtype: DType): Generator<Uint8Array> {
  for (const window of numberTokens(source, offset, length)) {
    if (dtype === 'float32') yield asFloat32(window);
    else if (isFloat(dtype)) yield encodeFloats(asFloat64(window), dtype);
    else yield asWhole(window, dtype);
  }
}

function asFloat32({ bytes, starts, ends, count }: TokenWindow): Uint8Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = readFloat32(bytes, starts[i] ?? 0, ends[i] ?? 0);
  return new Uint8Array(values.buffer);
}

function asFloat64({ bytes, starts, ends, count }: TokenWindow): Float64Array {
  const values = new Float64Array(count);
  for (let i = 0; i < count; i++) values[i] = readFloat64(bytes, starts[i] ?? 0, ends[i] ?? 0);
  return values;
}

function asWhole({ position, bytes, starts, ends, count }: TokenWindow, dtype: DType): Uint8Array {
  const width = bytesPerElement(dtype);
  const values = new DataView(new ArrayBuffer(count * 8));
  for (let i = 0; i < count; i++) {
    const text = latin1(bytes, starts[i] ?? 0, ends[i] ?? 0);
    if (!/^-?\d+$/.test(text)) {
      throw new Failure('broken-file',
        say('The text has {0} at byte {1} where a whole number was expected. Export it again.', text, position + (starts[i] ?? 0)));
    }
    values.setBigInt64(i * width, BigInt.asIntN(64, BigInt(text)), true);
  }
  return new Uint8Array(values.buffer, 0, count * width);
}

/** Powers of ten that a float64 holds exactly. */
const powers = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);
const mostDigits = 15;

/** The number that was taken apart last: ± mantissa · 10^exponent, but for digits that were left out. */
const parts = { mantissa: 0, exponent: 0, isCut: false };

/** Takes a decimal apart; false where it is none. */
function takeApart(bytes: Uint8Array, start: number, end: number): boolean {
  let at = bytes[start] === byte.minus ? start + 1 : start;
  parts.mantissa = 0;
  parts.isCut = false;
  let left = mostDigits;
  const whole = at;
  at = takeDigits(bytes, at, end, left);
  left -= parts.mantissa === 0 ? 0 : Math.min(left, at - whole);
  // Digits that are left out in front of the point count all the same.
  parts.exponent = Math.max(0, at - whole - mostDigits);
  if (bytes[at] === byte.point && at < end) {
    let first = at + 1;
    while (parts.mantissa === 0 && bytes[first] === byte.zero) first++;
    const behind = at;
    at = takeDigits(bytes, first, end, left);
    if (left > 0) parts.exponent -= Math.min(at - behind - 1, first - behind - 1 + left);
  }
  if (at === end) return true;
  if (((bytes[at] ?? 0) | byte.space) !== byte.lowerE) return false;
  parts.exponent += Number(latin1(bytes, at + 1, end));
  return true;
}

/** Adds digits to the mantissa, so many at most, and passes over the others. */
function takeDigits(bytes: Uint8Array, start: number, end: number, most: number): number {
  let { mantissa } = parts;
  let at = start;
  let digit = (bytes[at] ?? 0) - byte.zero;
  const last = Math.min(end, start + most);
  while (at < last && digit >= 0 && digit <= 9) {
    mantissa = 10 * mantissa + digit;
    digit = (bytes[++at] ?? 0) - byte.zero;
  }
  parts.mantissa = mantissa;
  while (at < end && digit >= 0 && digit <= 9) {
    if (digit > 0) parts.isCut = true;
    digit = (bytes[++at] ?? 0) - byte.zero;
  }
  return at;
}

/** Correctly rounded where fifteen digits and an exact power of ten tell (Clinger, How to read floating point numbers accurately, 1990). */
function readFloat64(bytes: Uint8Array, start: number, end: number): number {
  const isQuick = takeApart(bytes, start, end) && !parts.isCut && Math.abs(parts.exponent) < powers.length;
  return isQuick ? signed(bytes, start, quotient()) : Number(latin1(bytes, start, end));
}

/** Fifteen digits and two roundings err by less than this. */
const relativeError = 1.5e-14;

/** The float32 next to the float64, as readers round it: digits behind the fifteenth rarely matter. */
function readFloat32(bytes: Uint8Array, start: number, end: number): number {
  if (!takeApart(bytes, start, end) || Math.abs(parts.exponent) >= powers.length) return Number(latin1(bytes, start, end));
  const value = quotient();
  if (!parts.isCut) return signed(bytes, start, value);
  const rounded = Math.fround(value * (1 - relativeError));
  return rounded === Math.fround(value * (1 + relativeError)) ? signed(bytes, start, rounded) : Number(latin1(bytes, start, end));
}

function quotient(): number {
  const { mantissa, exponent } = parts;
  return exponent < 0 ? mantissa / (powers[-exponent] ?? NaN) : mantissa * (powers[exponent] ?? NaN);
}

const signed = (bytes: Uint8Array, start: number, value: number): number => (bytes[start] === byte.minus ? -value : value);

/**
 * The text with other numbers, everything between them as it is; each chunk is valid until the next. `put` writes the next number and returns
 * where it ends; it takes at most `longestDecimal` bytes.
 */
export function* withNumbers(source: ByteSource, { offset, length }: TensorPlace, put: (text: Uint8Array, at: number) => number): Generator<Uint8Array> {
  let written = new Uint8Array(0);
  for (const { bytes, starts, ends, count } of numberTokens(source, offset, length)) {
    const most = bytes.length + count * longestDecimal;
    if (written.length < most) written = new Uint8Array(most);
    let [filled, from] = [0, 0];
    for (let i = 0; i < count; i++) {
      const start = starts[i] ?? 0;
      while (from < start) written[filled++] = bytes[from++] ?? 0;
      filled = put(written, filled);
      from = ends[i] ?? 0;
    }
    while (from < bytes.length) written[filled++] = bytes[from++] ?? 0;
    yield written.subarray(0, filled);
  }
}
