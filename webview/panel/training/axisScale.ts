// Axes of numbers, linear and logarithmic, with ticks that people would choose.

import { grouped, powerOfTen, significant, trimmed } from '../../format';

export interface AxisTick {
  readonly value: number;
  readonly label: string;
}

/** Positions are what the chart's own linear axis is given. */
export interface AxisScale {
  readonly min: number;
  readonly max: number;
  position(value: number): number;
  valueAt(position: number): number;
  ticks(pixels: number): readonly AxisTick[];
}

/** Room that a tick takes, along the axis. */
const heightPerTick = 28;
const decimals = 1e-9;

function niceStep(rough: number): number {
  const decade = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((digit) => digit * decade >= rough * (1 - decimals)) ?? 10) * decade;
}

export function linearScale(min: number, max: number, { pixelsPerTick = heightPerTick, isWhole = false, label = significantOrWhole } = {}): AxisScale {
  const top = max > min ? max : min + 1;
  return {
    min, max: top,
    position: (value) => value,
    valueAt: (position) => position,
    ticks(pixels) {
      const rough = (top - min) / Math.max(1, Math.floor(pixels / pixelsPerTick));
      const step = isWhole ? Math.max(1, niceStep(rough)) : niceStep(rough);
      const first = Math.ceil(min / step - decimals);
      const count = Math.floor(top / step + decimals) - first + 1;
      return Array.from({ length: Math.max(0, count) }, (_, at) => (first + at) * step).map((value) => ({ value, label: label(value) }));
    },
  };
}

const significantOrWhole = (value: number): string => (Number.isInteger(value) ? grouped(value) : trimmed(value));

export const percent = (value: number): string => `${trimmed(100 * value)} %`;

/** From the least to the most of the values that have a logarithm. */
export function logarithmicScale(values: Iterable<number>, pixelsPerTick = heightPerTick): AxisScale {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (!(value > 0) || !Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = [0.1, 10];
  const [least, most] = [Math.log10(low), Math.log10(high)];
  const margin = Math.max(0.05, (most - least) * 0.04);
  const [min, max] = [least - margin, most + margin];
  return {
    min, max,
    position: (value) => (value > 0 ? Math.log10(value) : min),
    valueAt: (position) => 10 ** position,
    ticks: (pixels) => logarithmicTicks(min, max, Math.max(2, Math.floor(pixels / pixelsPerTick))),
  };
}

/** The most digits of every decade that there is room for, or else some of the decades. */
function logarithmicTicks(min: number, max: number, room: number): readonly AxisTick[] {
  const decades = Array.from({ length: Math.max(0, Math.floor(max) - Math.floor(min) + 1) }, (_, at) => Math.floor(min) + at);
  const within = (value: number): boolean => Math.log10(value) >= min && Math.log10(value) <= max;
  for (const digits of [[1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 2, 5], [1, 3]]) {
    const values = decades.flatMap((exponent) => digits.map((digit) => digit * 10 ** exponent)).filter(within);
    if (values.length <= room && values.length > 1) return values.map((value) => ({ value: Math.log10(value), label: significantShort(value) }));
  }
  const each = Math.ceil((max - min) / room);
  const found = decades.filter((exponent) => exponent >= min && exponent <= max && exponent % each === 0);
  return found.map((exponent) => ({ value: exponent, label: powerOfTen(exponent) }));
}

const significantShort = (value: number): string => (value >= 1e-3 && value < 1e4 ? trimmed(value) : significant(value).replace('.00', ''));
