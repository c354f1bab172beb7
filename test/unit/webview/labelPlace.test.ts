/** The label of what knowing nothing costs stands where it hides no curve. */
import { describe, expect, it } from 'vitest';

import type { Box, Spot } from '../../../webview/panel/training/labelPlace';
import { labelPlace } from '../../../webview/panel/training/labelPlace';

const area: Box = { left: 40, top: 10, width: 300, height: 100 };
const size = { width: 120, height: 12 };
const line = (of: (x: number) => number): readonly Spot[] => Array.from({ length: 31 }, (_, i) => ({ x: 40 + 10 * i, y: of(40 + 10 * i) }));
const place = (y: number, ...curves: readonly (readonly Spot[])[]): readonly number[] => {
  const { left, top } = labelPlace(y, size, area, curves);
  return [left, top];
};

describe('the label of a line', () => {
  it('is above it at the right, and below it where there is no room above', () => {
    expect(place(60)).toEqual([216, 46]);
    expect(place(20)).toEqual([216, 22]);
  });

  it('makes way for a curve that runs along the line, or comes down to it at the right', () => {
    expect(place(60, line(() => 58))).toEqual([216, 62]);
    expect(place(60, line((x) => 60 + 3 * Math.sin(x)))).toEqual([216, 39]);
    expect(place(60, [{ x: 40, y: 15 }, { x: 340, y: 55 }])).toEqual([44, 46]);
  });

  it('sees what goes through it between two points, straight up too', () => {
    expect(place(60, [{ x: 300, y: 0 }, { x: 300, y: 110 }])).toEqual([44, 46]);
    expect(place(60, [{ x: 299, y: 0 }, { x: 301, y: 110 }])).toEqual([44, 46]);
  });

  it('takes the place with the fewest curves where none is free', () => {
    const all = Array.from({ length: 20 }, (_, i) => line(() => 10 + 5 * i));
    const [left, top] = place(60, ...all);
    expect([left, (top ?? 0) >= area.top && (top ?? 0) + size.height <= area.top + area.height]).toEqual([216, true]);
  });
});
