// The axis of values: logarithmic, so that what vanishes is seen, or linear, so that differences are.

import { createLogScale, drawnValues, type LogScale } from './logScale';
import { linearScale } from './training/axisScale';
import type { ChartContent } from './varianceChart';

export type ValueScale = LogScale;

/** Of all that a chart draws. */
export function scaleOf({ series, healthy, isLinear }: Pick<ChartContent, 'series' | 'healthy' | 'isLinear'>): ValueScale {
  const values = [...drawnValues(series), ...(healthy ? [healthy.low, healthy.high] : [])];
  return isLinear ? createLinearScale(values) : createLogScale(values);
}

/** From 0 to the largest; what is not finite has a place over it. */
export function createLinearScale(values: Iterable<number>): ValueScale {
  let largest = 0;
  let hasNonFinite = false;
  for (const value of values) {
    if (Number.isFinite(value)) largest = Math.max(largest, value);
    else hasNonFinite = true;
  }
  const top = largest > 0 ? largest : 1;
  const ceiling = hasNonFinite ? top * 1.12 : null;
  return {
    floor: null, ceiling, min: -0.04 * top, max: (ceiling ?? top) + 0.04 * top,
    position: (value) => (Number.isFinite(value) ? value : ceiling ?? top),
    ticks(height, part) {
      const [from, to] = [Math.max(0, part?.from ?? 0), Math.min(top, part?.to ?? top)];
      const marks = to > from ? linearScale(from, to).ticks(height * (to - from) / ((part?.to ?? ceiling ?? top) - (part?.from ?? 0))) : [];
      const isSeen = ceiling !== null && (!part || ceiling <= part.to);
      return [...marks, ...(isSeen ? [{ value: ceiling, label: 'NaN, ∞' }] : [])];
    },
  };
}
