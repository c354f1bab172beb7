// What is kept of an activation at one scale of its input: coefficients of f, f′, their squares and f⁴ in the Hermite polynomials of z, for x = σ (z + u).

import { normalNodes } from '../ops/quadrature';
import type { Activation } from '../ops/spec';

/** Σ a_k h_k(z), the polynomials being normalised: E h_j h_k = δ_jk. */
export interface HermiteRow {
  readonly value: Float64Array;
  readonly slope: Float64Array;
  readonly squared: Float64Array;
  readonly slopeSquared: Float64Array;
  readonly fourth: Float64Array;
}

/** Coefficients of f and of f′ that are computed; what is behind them is of the next power. */
const count = 32;
/** Of squares, which are asked for nothing but their mean near by. */
const few = 16;
const rootOf = Float64Array.from({ length: count + 1 }, (_, k) => Math.sqrt(k));

export function integrate({ f, df, kinks }: Activation, sigma: number, mean: number): HermiteRow {
  const [value, slope] = [new Float64Array(count), new Float64Array(count)];
  const row = { value, slope, squared: new Float64Array(few), slopeSquared: new Float64Array(few), fourth: new Float64Array(few) };
  if (sigma === 0) {
    const [at, rise] = [f(mean), df(mean)];
    const firsts = [[value, at], [slope, rise], [row.squared, at ** 2], [row.slopeSquared, rise ** 2], [row.fourth, at ** 4]] as const;
    for (const [part, first] of firsts) part[0] = first;
    return row;
  }
  const { z, weight } = normalNodes({ f, df, kinks }, sigma, mean);
  const polynomials = new Float64Array(count);
  for (let i = 0; i < z.length; i++) {
    const [at, share] = [z[i] ?? 0, weight[i] ?? 0];
    fillPolynomials(polynomials, at);
    const [made, rise] = [f(mean + sigma * at), df(mean + sigma * at)];
    addTo(value, polynomials, share * made);
    addTo(slope, polynomials, share * rise);
    addTo(row.squared, polynomials, share * made * made);
    addTo(row.fourth, polynomials, share * made ** 4);
    addTo(row.slopeSquared, polynomials, share * rise * rise);
  }
  return row;
}

/** h₀ = 1, h₁ = z, √(k+1) h_{k+1} = z h_k − √k h_{k−1}. */
function fillPolynomials(polynomials: Float64Array, z: number): void {
  let [before, here] = [0, 1];
  for (let k = 0; k < count; k++) {
    polynomials[k] = here;
    const next = (z * here - (rootOf[k] ?? 0) * before) / (rootOf[k + 1] ?? 1);
    before = here;
    here = next;
  }
}

function addTo(sum: Float64Array, what: Float64Array, times: number): void {
  for (let k = 0; k < Math.min(sum.length, what.length); k++) sum[k] = (sum[k] ?? 0) + times * (what[k] ?? 0);
}

/** One part of several rows, weighed and added up. */
export function mix(rows: readonly HermiteRow[], shares: readonly number[], name: keyof HermiteRow): Float64Array {
  const result = new Float64Array(count);
  rows.forEach((row, i) => addTo(result, row[name], shares[i] ?? 0));
  return result;
}

/** Powers of a shift by at most a quarter that count. */
const most = 10;

/** Coefficients of g(z + u) from those of g: b_k = Σ_j a_{k+j} √((k+j)! / k!) uʲ / j! (Cameron & Martin 1944). */
export function shift(part: Float64Array, by: number): Float64Array {
  return by === 0 ? part : part.map((_, k) => shiftedAt(part, by, k));
}

/** E g(z + u). */
export const shiftedMean = (part: Float64Array, by: number): number => (by === 0 ? part[0] ?? 0 : shiftedAt(part, by, 0));

function shiftedAt(part: Float64Array, by: number, k: number): number {
  let sum = part[k] ?? 0;
  let factor = 1;
  const last = Math.min(most, part.length - 1 - k);
  for (let j = 1; j <= last; j++) {
    factor *= by * (rootOf[k + j] ?? 0) / j;
    sum += (part[k + j] ?? 0) * factor;
  }
  return sum;
}

/** Narrow input sees f(0) and two straight pieces: deviations from there grow as `ratio` does. */
export function narrowed(row: HermiteRow, ratio: number, atZero: number): HermiteRow {
  const value = row.value.map((each, k) => (k === 0 ? atZero + (each - atZero) * ratio : each * ratio));
  const squared = row.squared.map((each, k) => {
    const [own, offset] = [k === 0 ? atZero ** 2 : 0, k === 0 ? atZero : 0];
    const cross = 2 * atZero * ((row.value[k] ?? 0) - offset);
    return own + cross * ratio + (each - own - cross) * ratio ** 2;
  });
  const fourth = atZero === 0 ? row.fourth.map((each) => each * ratio ** 4) : row.fourth;
  return { ...row, value, squared, fourth };
}

/** Wide input sees two straight pieces: where one of them rises f grows as `ratio` does; else f stays, and f′ is left to a part of 1 / ratio. */
export function widened(row: HermiteRow, ratio: number, rises: boolean): HermiteRow {
  const scaled = (part: Float64Array, factor: number): Float64Array => part.map((each) => each * factor);
  return rises ? { ...row, value: scaled(row.value, ratio), squared: scaled(row.squared, ratio ** 2), fourth: scaled(row.fourth, ratio ** 4) }
    : { ...row, slope: scaled(row.slope, 1 / ratio), slopeSquared: scaled(row.slopeSquared, 1 / ratio) };
}
