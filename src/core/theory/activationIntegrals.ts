// Everything that is asked of an activation under a normal law, in one pass over the points: moments of f and f′, and their Hermite coefficients.

import { normalNodes } from '../ops/quadrature';
import type { Activation } from '../ops/spec';
import { sameFunction } from './sameFunction';

export interface ActivationIntegrals {
  /** E f */
  readonly mean: number;
  /** E f² */
  readonly second: number;
  /** E f′² */
  readonly slope: number;
  /** E f(u) f(v) of two such variables of that correlation. */
  readonly between: (correlation: number) => number;
  /** E f′(u) f′(v). */
  readonly slopesBetween: (correlation: number) => number;
}

/** Hermite coefficients of f and of f′ that are computed; what is behind them is of the next power. */
const count = 32;
const rootOf = Float64Array.from({ length: count + 1 }, (_, k) => Math.sqrt(k));
/** In a row: E f, E f², E f′², squared coefficients of f, those of f′. */
const width = 3 + 2 * count;

/** For x ~ N(mean, σ²). */
export function activationIntegrals(activation: Activation, sigma: number, mean: number): ActivationIntegrals {
  const rows = rowsOf(activation);
  const numbers = mean === 0 ? centred(activation, sigma, rows)
    : known(rows, `${sigma.toPrecision(7)} ${mean.toPrecision(7)}`, () => integrate(activation, sigma, mean));
  const [first = 0, second = 0, slope = 0] = numbers;
  return {
    mean: first, second, slope,
    between: (correlation) => series(numbers, 3, second, correlation), slopesBetween: (correlation) => series(numbers, 3 + count, slope, correlation),
  };
}

/** Σ a_k² ρᵏ (Daniely, Frostig & Singer 2016, section 5: the dual activation). */
function series(numbers: Float64Array, from: number, whole: number, correlation: number): number {
  let [sum, power, rest] = [0, 1, whole];
  for (let k = 0; k < count; k++) {
    const square = numbers[from + k] ?? 0;
    sum += square * power;
    rest -= square;
    power *= correlation;
  }
  return sum + Math.max(0, rest) * power;
}

/** Between grid points of ln σ numbers are those of the cubic through four of them: the functions of ln σ are smooth. */
const step = 0.05;
/** Below this σ a function is as good as made of two straight pieces, beyond e⁹ it is integrated where it is asked for. */
const [least, most] = [-11, 9];

function centred(activation: Activation, sigma: number, rows: Rows): Float64Array {
  const log = Math.log(sigma);
  if (!(log <= most)) return integrate(activation, sigma, 0);
  if (log < least) return straightened(activation, sigma, rows);
  const at = Math.floor(log / step);
  const t = log / step - at;
  const weights = [-t * (t - 1) * (t - 2) / 6, (t + 1) * (t - 1) * (t - 2) / 2, -(t + 1) * t * (t - 2) / 2, (t + 1) * t * (t - 1) / 6];
  const result = new Float64Array(width);
  weights.forEach((weight, i) => {
    const point = at - 1 + i;
    const row = known(rows, String(point), () => integrate(activation, Math.exp(point * step), 0));
    for (let j = 0; j < width; j++) result[j] = (result[j] ?? 0) + weight * (row[j] ?? 0);
  });
  return result;
}

/** f(0) and two straight pieces, which grow as σ does. */
function straightened(activation: Activation, sigma: number, rows: Rows): Float64Array {
  const edge = Math.exp(least);
  const row = known(rows, 'edge', () => integrate(activation, edge, 0));
  const [ratio, offset] = [sigma / edge, activation.f(0)];
  const [mean = 0, second = 0, slope = 0] = row;
  const [straight, bent] = [(mean - offset) * ratio, (second - 2 * offset * mean + offset ** 2) * ratio ** 2];
  const result = Float64Array.from(row);
  result.set([offset + straight, offset ** 2 + 2 * offset * straight + bent, slope]);
  for (let k = 1; k < count; k++) result[3 + k] = (row[3 + k] ?? 0) * ratio ** 2;
  result[3] = (offset + straight) ** 2;
  return result;
}

type Rows = Map<string, Float64Array>;

const kept = new WeakMap<Activation, Rows>();
const mostKept = 2048;

function rowsOf(activation: Activation): Rows {
  const one = sameFunction(activation);
  const rows = kept.get(one) ?? new Map<string, Float64Array>();
  kept.set(one, rows);
  return rows;
}

function known(rows: Rows, key: string, make: () => Float64Array): Float64Array {
  const found = rows.get(key) ?? make();
  if (rows.size < mostKept) rows.set(key, found);
  return found;
}

/** h₀ = 1, h₁ = z, √(k+1) h_{k+1} = z h_k − √k h_{k−1}. */
function integrate(activation: Activation, sigma: number, mean: number): Float64Array {
  const { f, df } = activation;
  const result = new Float64Array(width);
  if (sigma === 0) {
    result.set([f(mean), f(mean) ** 2, df(mean) ** 2, f(mean) ** 2]);
    result[3 + count] = df(mean) ** 2;
    return result;
  }
  const [own, slopes] = [new Float64Array(count), new Float64Array(count)];
  let [first, second, slope] = [0, 0, 0];
  const { z, weight } = normalNodes(activation, sigma, mean);
  for (let i = 0; i < z.length; i++) {
    const [at, share] = [z[i] ?? 0, weight[i] ?? 0];
    const [value, rise] = [f(mean + sigma * at), df(mean + sigma * at)];
    first += share * value;
    second += share * value * value;
    slope += share * rise * rise;
    let [before, here] = [0, 1];
    for (let k = 0; k < count; k++) {
      own[k] = (own[k] ?? 0) + share * value * here;
      slopes[k] = (slopes[k] ?? 0) + share * rise * here;
      const next = (at * here - (rootOf[k] ?? 0) * before) / (rootOf[k + 1] ?? 1);
      before = here;
      here = next;
    }
  }
  result.set([first, second, slope]);
  for (let k = 0; k < count; k++) {
    result[3 + k] = (own[k] ?? 0) ** 2;
    result[3 + count + k] = (slopes[k] ?? 0) ** 2;
  }
  return result;
}
