import { describe, expect, it } from 'vitest';

import { tooltipPlace } from '../../../webview/panel/tooltipPlace';

const chart = { left: 40, top: 10, width: 400, height: 200 };
const size = { width: 120, height: 60 };
const line = (y: (x: number) => number) => Array.from({ length: 41 }, (_, i) => ({ x: 40 + 10 * i, y: y(i / 40) }));
const hidden = (place: { x: number; y: number }, points: readonly { x: number; y: number }[]): number => (
  points.filter(({ x, y }) => x >= place.x && x <= place.x + size.width && y >= place.y && y <= place.y + size.height).length);

describe('a tooltip', () => {
  it.each([
    ['falling', (t: number) => 10 + 200 * t], ['rising', (t: number) => 210 - 200 * t], ['flat, in the middle', () => 110], ['flat, on top', () => 12],
  ])('hides nothing of a line that is %s', (_, y) => {
    const points = line(y);
    for (const at of points) {
      const place = tooltipPlace(size, chart, at, points);
      expect(hidden(place, points)).toBe(0);
      expect(place.x > at.x || place.x + size.width < at.x).toBe(true);
      expect(place.y).toBeGreaterThanOrEqual(chart.top);
      expect(place.y + size.height).toBeLessThanOrEqual(chart.top + chart.height);
    }
  });
  it('hides as little as it can where all of the chart is drawn on, and stays inside', () => {
    const points = line((t) => 10 + 200 * t).flatMap(({ x }) => Array.from({ length: 21 }, (_, i) => ({ x, y: 10 + 10 * i })));
    for (const wide of [120, 390, 600]) {
      const place = tooltipPlace({ width: wide, height: 60 }, chart, { x: 240, y: 100 }, points);
      expect(place.x).toBeGreaterThanOrEqual(0);
      expect(place.y + 60).toBeLessThanOrEqual(chart.top + chart.height);
    }
  });
});
