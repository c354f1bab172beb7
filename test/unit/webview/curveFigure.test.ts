/** Curves of a training as figures: all points, where the chart has them, and their numbers; and the linear axis of values. */
import { describe, expect, it } from 'vitest';
import { curvesCsv, curvesJson, writeCurves } from '../../../webview/panel/figure/curveFigure';
import { printPalette } from '../../../webview/panel/figure/printPalette';
import { linearScale } from '../../../webview/panel/training/axisScale';
import type { CurveContent } from '../../../webview/panel/training/curveChart';
import { createLinearScale } from '../../../webview/panel/valueScale';

const content: CurveContent = {
  curves: [{
    key: 'he-normal', seeds: 3, marks: [],
    points: Array.from({ length: 101 }, (_, x) => ({ x, median: 2 - x / 100, low: 1.9 - x / 100, high: 2.1 - x / 100 })),
  }, { key: 'zeros', seeds: 1, marks: [], points: [] }],
  x: linearScale(0, 100, { isWhole: true }), y: linearScale(0, 2.3), xTitle: 'step', yTitle: 'cost', reference: { y: 2.3, label: 'knows nothing' },
  titleOf: ({ key }) => key, styleOf: () => ({ colour: '#123456', shape: 'circle', filled: true, dash: [] }), nameOf: String,
  valueOf: ({ median }) => String(median),
};
const figure = { title: 'Learning over steps', axis: '', caption: ['a.onnx: seeds 0 to 2.'] };

describe('curves as a figure', () => {
  it('have every point, a band, a legend and the line of who knows nothing', () => {
    const svg = writeCurves(content, figure, printPalette);
    const line = [...svg.matchAll(/<path d="(M[^"]+)" fill="none" stroke="#123456"/g)].map(([, d]) => d ?? '');
    expect(line).toHaveLength(1);
    expect(line[0]?.split('L')).toHaveLength(101);
    expect(line[0]?.startsWith('M84 ')).toBe(true);
    expect(svg).toContain('fill-opacity="0.2"');
    const words = ['>he-normal</text>', '>zeros</text>', '>knows nothing</text>', '>step</text>', '>cost</text>', 'a.onnx: seeds 0 to 2.'];
    for (const said of words) expect(svg).toContain(said);
  });
  it('are numbers, too', () => {
    const rows = curvesCsv(content).split('\r\n');
    expect(rows.slice(0, 2)).toEqual(['curve,step,median,low,high', 'he-normal,0,2,1.9,2.1']);
    expect(rows).toHaveLength(103);
    expect(JSON.parse(curvesJson(content, figure))).toMatchObject({ title: 'Learning over steps', curves: [{ title: 'he-normal', seeds: 3 }, { points: [] }] });
  });
});

describe('a linear axis', () => {
  it('begins at 0, and has a place for what is not finite', () => {
    const scale = createLinearScale([0, 0.5, 2, NaN]);
    expect([scale.position(0), scale.position(2), scale.floor]).toEqual([0, 2, null]);
    expect(scale.position(NaN)).toBe(scale.ceiling);
    expect(scale.position(Infinity)).toBeGreaterThan(2);
    expect(scale.ticks(200).map(({ label }) => label)).toEqual(['0', '0.5', '1', '1.5', '2', 'NaN, ∞']);
  });
  it('names what is seen of it', () => {
    const scale = createLinearScale([2]);
    const seen = scale.ticks(200, { from: 0.5, to: 0.8 }).map(({ value }) => value);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(0.5);
    expect(Math.max(...seen)).toBeLessThanOrEqual(0.8 + 1e-9);
    expect(seen.length).toBeGreaterThan(2);
    expect(createLinearScale([]).max).toBeGreaterThan(1);
  });
});
