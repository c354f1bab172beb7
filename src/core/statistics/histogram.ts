import type { Histogram } from '../../protocol/report';
import type { Repeated } from './accumulator';
import type { Span } from './outliers';
import { SpreadSample } from './outliers';

/** Counts values into equal bins between bounds known beforehand, and those outside. */
export class HistogramBuilder {
  readonly #min: number;
  readonly #max: number;
  readonly #counts: number[];
  readonly #range: Span;
  #below = 0;
  #above = 0;

  /** `range` is that of all finite values, where the bins do not reach so far. */
  constructor(min: number, max: number, bins: number, range: Span = { min, max }) {
    this.#range = range;
    // A constant needs a bin of some width around it.
    const margin = min === max ? Math.max(Math.abs(min) * 0.5, Number.MIN_VALUE * 2 ** 60) : 0;
    this.#min = min - margin;
    this.#max = max + margin;
    this.#counts = Array.from({ length: bins }, () => 0);
  }

  add(values: ArrayLike<number>): void {
    const scale = this.#counts.length / (this.#max - this.#min);
    for (let i = 0; i < values.length; i++) this.#count(values[i] ?? 0, 1, scale);
  }

  addRepeated({ value, count }: Repeated): void {
    this.#count(value, count, this.#counts.length / (this.#max - this.#min));
  }

  #count(value: number, times: number, scale: number): void {
    if (!(value >= this.#min && value <= this.#max)) {
      if (value - value !== 0) return;
      if (value < this.#min) this.#below += times;
      else this.#above += times;
      return;
    }
    const bin = Math.min(this.#counts.length - 1, Math.floor((value - this.#min) * scale));
    this.#counts[bin] = (this.#counts[bin] ?? 0) + times;
  }

  finish(): Histogram {
    const [below, above] = [this.#below, this.#above];
    const outside = below + above === 0 ? {} : { outside: { below, above, lowest: this.#range.min, highest: this.#range.max } };
    return { min: this.#min, max: this.#max, counts: this.#counts, ...outside };
  }
}

/** Histogram of the finite values of a list; null if there are none. */
export function histogramOf(values: ArrayLike<number>, bins: number): Histogram | null {
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (value - value !== 0) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (min > max) return null;
  const sample = new SpreadSample();
  sample.add(values);
  const span = sample.spanWithin({ min, max });
  const builder = new HistogramBuilder(span.min, span.max, bins, { min, max });
  builder.add(values);
  return builder.finish();
}
