/** How far a histogram reaches. */
export interface Span {
  readonly min: number;
  readonly max: number;
}

/** Interquartile ranges beyond the quartiles that are shown in any case: 6 σ of a normal distribution (Tukey's "far out" begins at 3). */
const reach = 4;
/** Values are left out of the picture where they would make it this many times wider. */
const tolerated = 1.5;
/** Elements that tell the quartiles well enough. */
const most = 1 << 13;

/** A bounded selection of numbers as they come, evenly spread over all of them. */
export class SpreadSample {
  #values: number[] = [];
  #stride = 1;
  #next = 0;

  add(values: ArrayLike<number>): void {
    for (; this.#next < values.length; this.#next += this.#stride) {
      const value = values[this.#next] ?? NaN;
      if (value - value !== 0) continue;
      this.#values.push(value);
      if (this.#values.length < most) continue;
      this.#values = this.#values.filter((_, i) => i % 2 === 0);
      this.#stride *= 2;
    }
    this.#next -= values.length;
  }

  /** What of the range to show, so that a few values far away do not flatten all others into one bar. */
  spanWithin({ min, max }: Span): Span {
    const sorted = Float64Array.from(this.#values).sort();
    const quartile = (part: number): number => sorted[Math.floor(part * (sorted.length - 1))] ?? NaN;
    const [lower, upper] = [quartile(0.25), quartile(0.75)];
    const width = upper - lower;
    // Where most values are one, the others are what there is to see.
    if (!(width > 0)) return { min, max };
    const span = { min: Math.max(min, lower - reach * width), max: Math.min(max, upper + reach * width) };
    return max - min > tolerated * (span.max - span.min) ? span : { min, max };
  }
}
