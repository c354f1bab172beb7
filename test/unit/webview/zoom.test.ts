/** What is seen of an axis: about a place, never beyond the ends, and moved where the cursor goes. */
import { describe, expect, it } from 'vitest';
import { labelledIndices } from '../../../webview/panel/layerAxis';
import { createLogScale } from '../../../webview/panel/logScale';
import { between, moved, showing, zoomed } from '../../../webview/panel/zoom';

const whole = { from: 0, to: 100 };

describe('zoom', () => {
  it('keeps the place under the hand where it is', () => {
    const span = zoomed(null, whole, 0.5, 20, 2);
    expect(span).toEqual({ from: 10, to: 60 });
    expect(zoomed(span, whole, 0.5, 20, 2)).toEqual({ from: 15, to: 40 });
  });
  it('never goes beyond the ends, and is none where all is seen', () => {
    expect(zoomed(null, whole, 0.5, 0, 2)).toEqual({ from: 0, to: 50 });
    expect(zoomed({ from: 60, to: 100 }, whole, 2, 60, 2)).toEqual({ from: 20, to: 100 });
    expect(zoomed({ from: 60, to: 100 }, whole, 3, 80, 2)).toBeNull();
  });
  it('shows so much at least', () => {
    expect(zoomed({ from: 10, to: 13 }, whole, 0.1, 11, 2)).toEqual({ from: 11 - 2 / 3, to: 11 + 4 / 3 });
    expect(between(50, 50.5, whole, 2)).toEqual({ from: 49.25, to: 51.25 });
    expect(zoomed(null, { from: 0, to: 1 }, 0.5, 0.5, 2)).toBeNull();
  });
  it('is moved as far as there is something', () => {
    expect(moved({ from: 10, to: 20 }, whole, 5)).toEqual({ from: 15, to: 25 });
    expect(moved({ from: 10, to: 20 }, whole, -50)).toEqual({ from: 0, to: 10 });
    expect(moved({ from: 10, to: 20 }, whole, 500)).toEqual({ from: 90, to: 100 });
    expect(moved(null, whole, 5)).toBeNull();
  });
  it('follows the cursor', () => {
    const span = { from: 10, to: 20 };
    expect(showing(span, whole, 15)).toBe(span);
    expect(showing(span, whole, 30)).toEqual({ from: 20.5, to: 30.5 });
    expect(showing(span, whole, 0)).toEqual({ from: 0, to: 10 });
    expect(showing(null, whole, 30)).toBeNull();
  });
});

describe('axes of which a part is seen', () => {
  it('names the layers that are', () => {
    const names = Array.from({ length: 100 }, (_, i) => `layer${i}`);
    const seen = labelledIndices(names, 500, { from: 40.2, to: 47.9 });
    expect([seen[0], seen.at(-1)]).toEqual([41, 47]);
    expect(labelledIndices(names, 500, { from: 47.2, to: 47.9 })).toEqual([]);
  });
  it('has the powers of ten that are', () => {
    const scale = createLogScale([1e-30, 1]);
    expect(scale.ticks(300, { from: -12.5, to: -8.9 }).map(({ value }) => value)).toEqual([-12, -11, -10, -9]);
    expect(scale.ticks(300).map(({ value }) => value)).toEqual([-30, -27, -24, -21, -18, -15, -12, -9, -6, -3, 0]);
  });
});
