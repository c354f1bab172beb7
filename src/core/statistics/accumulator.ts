import type { Histogram, WeightStatistics } from '../../protocol/report';

/** Elements that are all the same, which need not be written out to be counted. */
export interface Repeated {
  readonly value: number;
  readonly count: number;
}

/**
 * Mean and variance of numbers as they come, exact to rounding at any magnitude float32 holds: each chunk is centred on its own mean,
 * and chunks are combined by Chan, Golub & LeVeque 1979, eq. 2.1. Squares of float32 data, up to 1e±90, neither overflow nor
 * vanish in doubles; float64 data beyond 1e±150 would.
 */
export class StatisticsAccumulator {
  #count = 0;
  #finite = 0;
  #mean = 0;
  #squares = 0;
  #min = Infinity;
  #max = -Infinity;
  #zeros = 0;

  add(values: ArrayLike<number>): void {
    let finite = 0;
    let sum = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] ?? 0;
      if (value - value !== 0) continue;
      finite++;
      sum += value;
      if (value === 0) this.#zeros++;
      if (value < this.#min) this.#min = value;
      if (value > this.#max) this.#max = value;
    }
    this.#count += values.length;
    if (finite === 0) return;
    const mean = sum / finite;
    let squares = 0;
    for (let i = 0; i < values.length; i++) {
      const distance = (values[i] ?? 0) - mean;
      if (distance - distance === 0) squares += distance * distance;
    }
    const total = this.#finite + finite;
    const shift = mean - this.#mean;
    this.#squares += squares + (shift * shift * this.#finite * finite) / total;
    this.#mean += (shift * finite) / total;
    this.#finite = total;
  }

  /** As many elements of one value. */
  addRepeated({ value, count }: Repeated): void {
    if (count === 0) return;
    this.add([value]);
    this.#count += count - 1;
    if (value - value !== 0) return;
    if (value === 0) this.#zeros += count - 1;
    const total = this.#finite + count - 1;
    const shift = value - this.#mean;
    this.#squares += (shift * shift * this.#finite * (count - 1)) / total;
    this.#mean += (shift * (count - 1)) / total;
    this.#finite = total;
  }

  get min(): number { return this.#min; }
  get max(): number { return this.#max; }
  /** The population's, of the finite elements. */
  get variance(): number { return this.#min === this.#max ? 0 : this.#squares / this.#finite; }

  finish(histogram: Histogram | null): WeightStatistics {
    const nonFinite = this.#count - this.#finite;
    const known = this.#finite > 0;
    const moments = known && nonFinite === 0;
    return {
      count: this.#count,
      mean: moments ? this.#mean : null,
      std: moments ? Math.sqrt(this.variance) : null,
      min: known ? this.#min : null,
      max: known ? this.#max : null,
      zeros: this.#zeros,
      nonFinite,
      ...(histogram ? { histogram } : {}),
    };
  }
}
