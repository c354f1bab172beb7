// The shortest decimal that reads back as the same number, as JSON writes it.

import { byte } from '../json/value';

/** No number takes more characters: a sign, 17 digits, a point, and an exponent or the zeros in front. */
export const longestDecimal = 32;

/** 10^k, correctly rounded, for every k that scales a float32 to nine digits. */
const lowestPower = -31;
const powers = Float64Array.from({ length: 86 }, (_, i) => Number(`1e${i + lowestPower}`));
const power = (exponent: number): number => powers[exponent - lowestPower] ?? NaN;
/** ⌊log10 2^(biased − 127)⌋ of every exponent of a float32 that is not subnormal. */
const decades = Int8Array.from({ length: 256 }, (_, biased) => Math.floor((biased - 127) * Math.LOG10E * Math.LN2));

/** Half of the distance to the next larger float32, by the same exponent. */
const halves = Float64Array.from({ length: 256 }, (_, biased) => 2 ** (Math.max(biased, 1) - 151));

/** Two roundings of numbers below 2e9 err by less, and midpoints are nearer than this to a decimal once in a million times. */
const slack = 1e-6;
/** Where numbers are written with an exponent (ECMA-262, Number::toString). */
const [fewestPlaces, mostPlaces] = [-6, 21];

const floats = new Float32Array(1);
const codes = new Uint32Array(floats.buffer);

/** Digits of a number, and the power of ten that they are to be multiplied by. */
const found = { digits: 0, exponent: 0 };

/** Writes a number that is a float32; returns where the text ends. */
export function putFloat32(value: number, text: Uint8Array, at: number): number {
  if (!Number.isFinite(value)) throw new Error(`${value} cannot be written.`);
  let end = at;
  if (value < 0 || Object.is(value, -0)) text[end++] = byte.minus;
  const size = Math.abs(value);
  if (size < 1 << 24 && Number.isInteger(size)) find(size, 0);
  else findShortest(size);
  return put(text, end);
}

/** The same of a float64: its shortest digits are those of ECMA-262, Number::toString. */
export function putFloat64(value: number, text: Uint8Array, at: number): number {
  if (!Number.isFinite(value)) throw new Error(`${value} cannot be written.`);
  const shortest = Object.is(value, -0) ? '-0' : String(value);
  const whole = Number.isInteger(value) && !shortest.includes('e') ? `${shortest}.0` : shortest;
  for (let i = 0; i < whole.length; i++) text[at + i] = whole.charCodeAt(i);
  return at + whole.length;
}

function find(digits: number, exponent: number): void {
  found.digits = digits | 0;
  found.exponent = exponent | 0;
}

/**
 * Every decimal between the midpoints to its neighbours reads back as the float32 (IEEE 754, 4.3.1). Both are exact in float64; they are scaled
 * to nine digits, and of the numbers between them the multiple of the largest power of ten is the shortest, the nearest of those the best
 * (Steele and White, How to print floating-point numbers accurately, 1990).
 */
function findShortest(value: number): void {
  floats[0] = value;
  const code = codes[0] ?? 0;
  const biased = code >>> 23;
  const half = halves[biased] ?? 0;
  // Below a power of two the neighbours are half as far.
  const isPower = (code & 0x7fffff) === 0 && biased > 1;
  let scale = 8 - (biased === 0 ? Math.floor(Math.log10(value)) : decades[biased] ?? 0);
  if (value * power(scale) >= 1e9) scale--;
  const factor = power(scale);
  const middle = value * factor;
  const low = (value - (isPower ? half / 2 : half)) * factor;
  const high = (value + half) * factor;
  let best = Math.round(middle);
  let step = 1;
  let zeros = 0;
  for (let next = 10; next <= 1e9; next *= 10) {
    const last = Math.floor((high + slack) / next) * next;
    if (last < low - slack) break;
    const nearest = Math.round(middle / next) * next;
    const chosen = nearest > low - slack && nearest < high + slack ? nearest : last;
    if (chosen < low + slack || chosen > high - slack) {
      findByTrial(value);
      return;
    }
    best = chosen;
    step = next;
    zeros++;
  }
  find(best / step, zeros - scale);
}

/** Where a decimal is all but a midpoint, or the midpoint itself, reading it tells which float32 it is. */
function findByTrial(value: number): void {
  for (let places = 0; ; places++) {
    const text = value.toExponential(places);
    if (Math.fround(Number(text)) !== value && places < 8) continue;
    const [mantissa = '', power = ''] = text.split('e');
    find(Number(mantissa.replace('.', '')), Number(power) - places);
    return;
  }
}

/** Writes the digits as Number::toString of ECMA-262 would, and a whole number with ".0", so that no reader takes it for an integer. */
function put(text: Uint8Array, start: number): number {
  const { digits, exponent } = found;
  let count = 1;
  for (let limit = 10; digits >= limit; limit *= 10) count++;
  const point = count + exponent;
  if (point <= fewestPlaces || point > mostPlaces) return putExponent(text, putDigits(text, start, count, 1), point - 1);
  let at = start;
  if (point <= 0) {
    text[at++] = byte.zero;
    text[at++] = byte.point;
    for (let i = point; i < 0; i++) text[at++] = byte.zero;
    return putDigits(text, at, count, count);
  }
  at = putDigits(text, at, count, point);
  if (point < count) return at;
  for (let i = count; i < point; i++) text[at++] = byte.zero;
  text[at++] = byte.point;
  text[at++] = byte.zero;
  return at;
}

/** With a point behind the first `whole` of them, where more follow. */
function putDigits(text: Uint8Array, at: number, count: number, whole: number): number {
  const end = at + count + (whole < count ? 1 : 0);
  let left = found.digits;
  for (let i = end - 1; i >= at; i--) {
    if (whole < count && i === at + whole) {
      text[i] = byte.point;
      continue;
    }
    const rest = (left / 10) | 0;
    text[i] = byte.zero + left - 10 * rest;
    left = rest;
  }
  return end;
}

function putExponent(text: Uint8Array, start: number, power: number): number {
  let at = start;
  text[at++] = byte.lowerE;
  text[at++] = power < 0 ? byte.minus : byte.plus;
  const size = Math.abs(power);
  if (size >= 10) text[at++] = byte.zero + Math.floor(size / 10);
  text[at++] = byte.zero + (size % 10);
  return at;
}
