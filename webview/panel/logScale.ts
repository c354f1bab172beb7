import { powerOfTen } from '../format';
import type { Series } from './series';
import type { Span } from './zoom';

/** A logarithmic axis that also has a place for what a logarithm cannot show: 0 on a floor, NaN and infinity on a ceiling. */
export interface LogScale {
  readonly min: number;
  readonly max: number;
  readonly floor: number | null;
  readonly ceiling: number | null;
  /** Where a value is drawn. */
  position(value: number): number;
  /** Positions of the marks that fit into `height` pixels, with their labels; of a part of it, those between its ends. */
  ticks(height: number, part?: Span | null): readonly { readonly value: number; readonly label: string }[];
}

const pixelsPerTick = 26;
/** Labels closer than this run into each other. */
const leastPixels = 13;
/** A network that keeps its variance should look flat: less than this many decades are never stretched over the axis. */
const leastDecades = 3;

export function createLogScale(values: Iterable<number>): LogScale {
  let smallest = Infinity;
  let largest = -Infinity;
  let hasZero = false;
  let hasNonFinite = false;
  for (const value of values) {
    if (!Number.isFinite(value)) hasNonFinite = true;
    else if (value <= 0) hasZero = true;
    else {
      smallest = Math.min(smallest, value);
      largest = Math.max(largest, value);
    }
  }
  let low = smallest > largest ? -1 : Math.floor(Math.log10(smallest) + 1e-9);
  let high = smallest > largest ? 1 : Math.ceil(Math.log10(largest) - 1e-9);
  while (high - low < leastDecades) {
    if ((high + low) % 2 === 0) low -= 1;
    else high += 1;
  }
  const distance = (high - low) * 0.12;
  const margin = (high - low) * 0.04;
  const floor = hasZero ? low - distance : null;
  const ceiling = hasNonFinite ? high + distance : null;
  const min = (floor ?? low) - margin;
  const max = (ceiling ?? high) + margin;
  const span = max - min;
  return {
    floor, ceiling, min, max,
    position(value) {
      if (!Number.isFinite(value)) return ceiling ?? high;
      return value <= 0 ? floor ?? low : Math.log10(value);
    },
    ticks(height, part) {
      const room = Math.max(2, Math.floor(height / pixelsPerTick));
      const step = niceStep((part ? part.to - part.from : high - low) / room);
      const ticks = floor === null ? [] : [{ value: floor, label: '0' }];
      const crowded = (leastPixels / height) * (part ? part.to - part.from : span);
      for (let exponent = Math.ceil(low / step) * step; exponent <= high; exponent += step) {
        if (ceiling !== null && ceiling - exponent < crowded) continue;
        if (floor !== null && exponent - floor < crowded) continue;
        ticks.push({ value: exponent, label: powerOfTen(exponent) });
      }
      if (ceiling !== null) ticks.push({ value: ceiling, label: 'NaN, ∞' });
      return part ? ticks.filter(({ value }) => value >= part.from && value <= part.to) : ticks;
    },
  };
}

function niceStep(rough: number): number {
  return [1, 2, 3, 5, 10, 20, 30, 50, 100].find((step) => step >= rough) ?? 200;
}

export function* drawnValues(all: readonly Series[]): Generator<number> {
  for (const series of all) {
    for (const point of series.points) {
      if (!point) continue;
      yield point.low;
      yield point.median;
      yield point.high;
    }
  }
}
