// Everything that is asked of an activation under a normal law: moments of f and f′, and what two correlated variables give; from rows that are kept.

import { isStraightFarOut } from '../ops/quadrature';
import type { Activation } from '../ops/spec';
import type { HermiteRow } from './hermiteRow';
import { integrate, mix, narrowed, shift, shiftedMean, widened } from './hermiteRow';
import { sameFunction } from './sameFunction';

export interface ActivationIntegrals {
  /** E f */
  readonly mean: number;
  /** E f² */
  readonly second: number;
  /** E f′² */
  readonly slope: number;
  /** dE f² / dσ² */
  readonly secondSlope: number;
  /** E f⁴ */
  readonly fourth: number;
  /** E f(u) f(v) of two such variables of that correlation. */
  readonly between: (correlation: number) => number;
  /** E f′(u) f′(v). */
  readonly slopesBetween: (correlation: number) => number;
  /** E f″(u) f″(v). */
  readonly bendsBetween: (correlation: number) => number;
}

/** For x ~ N(mean, σ²). */
export function activationIntegrals(activation: Activation, sigma: number, mean: number): ActivationIntegrals {
  return new Integrals(place(rowsOf(activation), sigma, mean), sigma);
}

/** Each is worked out when it is asked for: whoever goes back asks for slopes alone. */
class Integrals implements ActivationIntegrals {
  readonly #place: Place;
  readonly #sigma: number;
  #value: Float64Array | null = null;
  #slopes: Float64Array | null = null;

  constructor(where: Place, sigma: number) {
    [this.#place, this.#sigma] = [where, sigma];
  }

  get mean(): number { return firstOf(this.#place, 'value'); }
  get second(): number { return Math.max(0, firstOf(this.#place, 'squared')); }
  get slope(): number { return Math.max(0, firstOf(this.#place, 'slopeSquared')); }

  get fourth(): number { return Math.max(0, firstOf(this.#place, 'fourth')); }

  /** ½ E (f²)″ by the heat equation, and E h″(σz) = √2 q₂ / σ². */
  get secondSlope(): number {
    return (coefficientsAt(this.#place, 'squared')[2] ?? 0) / (Math.SQRT2 * this.#sigma ** 2);
  }

  between(correlation: number): number {
    if (correlation === 0) return this.mean ** 2;
    if (correlation === 1) return this.second;
    this.#value ??= coefficientsAt(this.#place, 'value');
    return series(this.#value, this.second, correlation);
  }

  slopesBetween(correlation: number): number {
    if (correlation === 0) return firstOf(this.#place, 'slope') ** 2;
    if (correlation === 1) return this.slope;
    this.#slopes ??= coefficientsAt(this.#place, 'slope');
    return series(this.#slopes, this.slope, correlation);
  }

  /** dE f′ f′ / dρ = σ² E f″ f″ (Price 1958). */
  bendsBetween(correlation: number): number {
    this.#slopes ??= coefficientsAt(this.#place, 'slope');
    return this.#slopes.reduce((sum, each, k) => (k === 0 ? sum : sum + k * each ** 2 * correlation ** (k - 1)), 0) / this.#sigma ** 2;
  }
}

const coefficientsAt = ({ rows, shares, by }: Place, name: keyof HermiteRow): Float64Array => shift(mix(rows, shares, name), by);

function firstOf({ rows, shares, by }: Place, name: keyof HermiteRow): number {
  let sum = 0;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]?.[name];
    if (row) sum += (shares[i] ?? 0) * shiftedMean(row, by);
  }
  return sum;
}

/** Σ a_k² ρᵏ (Daniely, Frostig & Singer 2016, section 5: the dual activation). */
function series(coefficients: Float64Array, whole: number, correlation: number): number {
  let sum = 0;
  let power = 1;
  let rest = whole;
  for (let k = 0; k < coefficients.length; k++) {
    const square = (coefficients[k] ?? 0) ** 2;
    sum += square * power;
    rest -= square;
    power *= correlation;
  }
  return sum + Math.max(0, rest) * power;
}

/** Between grid points of ln σ coefficients are those of the cubic through four of them, and from grid points of mean / σ they are shifted. */
const [step, stepOfMean] = [0.05, 0.5];
/** Below this σ a function is as good as made of two straight pieces, and most are beyond e⁹; others are integrated there. */
const [least, most] = [-11, 9];
/** So many σ from 0 there is nothing of the function around 0 to be seen. */
const farthest = 8;

interface Place {
  readonly rows: readonly HermiteRow[];
  readonly shares: readonly number[];
  /** How far from there, in σ. */
  readonly by: number;
}

function place(rows: Rows, sigma: number, mean: number): Place {
  const { activation } = rows;
  const log = Math.log(sigma);
  const steps = Math.round(mean / sigma / stepOfMean);
  const isOutside = !(Math.abs(mean) <= farthest * sigma) || (log > most && rows.farOut === 'bent');
  if (isOutside || !Number.isFinite(log)) {
    return alone(known(rows.elsewhere, `${sigma.toPrecision(7)} ${mean.toPrecision(7)}`, () => integrate(activation, sigma, mean)), 0);
  }
  const by = mean / sigma - steps * stepOfMean;
  if (log < least) return alone(narrowed(rowAt(rows, least / step, steps), sigma / Math.exp(least), activation.f(0)), by);
  if (log > most) return alone(widened(rowAt(rows, most / step, steps), sigma / Math.exp(most), rows.farOut === 'rising'), by);
  const point = Math.floor(log / step);
  const t = log / step - point;
  return {
    rows: [rowAt(rows, point - 1, steps), rowAt(rows, point, steps), rowAt(rows, point + 1, steps), rowAt(rows, point + 2, steps)],
    shares: [-t * (t - 1) * (t - 2) / 6, (t + 1) * (t - 1) * (t - 2) / 2, -(t + 1) * t * (t - 2) / 2, (t + 1) * t * (t - 1) / 6], by,
  };
}

const alone = (row: HermiteRow, by: number): Place => ({ rows: [row], shares: [1], by });

interface Rows {
  readonly activation: Activation;
  /** What wide input sees. */
  readonly farOut: 'rising' | 'flat' | 'bent';
  /** By grid points of ln σ and of the mean; and by both, where no grid is. */
  readonly kept: Map<number, HermiteRow>;
  readonly elsewhere: Map<string, HermiteRow>;
}

const allRows = new WeakMap<Activation, Rows>();
const mostKept = 2048;
/** Where straight pieces have long begun. */
const far = 1e3;
/** More than there are grid points of the mean. */
const manySteps = 64;

function rowsOf(given: Activation): Rows {
  const before = allRows.get(given);
  if (before) return before;
  const activation = sameFunction(given);
  const { f, df } = activation;
  const isRising = [-far, far].some((x) => Math.abs(df(x)) * far > Math.abs(f(x)) / 2 && df(x) !== 0);
  const rows: Rows = allRows.get(activation)
    ?? { activation, farOut: !isStraightFarOut(f) ? 'bent' : isRising ? 'rising' : 'flat', kept: new Map(), elsewhere: new Map() };
  allRows.set(activation, rows);
  allRows.set(given, rows);
  return rows;
}

function rowAt({ activation, kept }: Rows, point: number, steps: number): HermiteRow {
  const there = Math.exp(point * step);
  return known(kept, Math.round(point) * manySteps + steps, () => integrate(activation, there, steps * stepOfMean * there));
}

function known<Key>(kept: Map<Key, HermiteRow>, key: Key, make: () => HermiteRow): HermiteRow {
  const found = kept.get(key);
  if (found) return found;
  const row = make();
  if (kept.size < mostKept) kept.set(key, row);
  return row;
}
