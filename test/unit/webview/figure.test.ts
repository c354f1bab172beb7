/** Figures to take away: what is drawn is in them, whatever layers are called. */
import { describe, expect, it } from 'vitest';

import { writeFigure } from '../../../webview/panel/figure/figure';
import { figureSize } from '../../../webview/panel/figure/frame';
import { toCsv, toJson } from '../../../webview/panel/figure/numbers';
import { printPalette } from '../../../webview/panel/figure/printPalette';
import { createLogScale, drawnValues } from '../../../webview/panel/logScale';
import type { Series } from '../../../webview/panel/series';
import type { ChartContent } from '../../../webview/panel/varianceChart';

const point = (median: number, spread = 1): { readonly median: number; readonly low: number; readonly high: number } => (
  { median, low: median / spread, high: median * spread });
const current: Series = { scheme: 'current', kind: 'measured', seeds: 3, points: [point(1, 2), point(0.01, 2), null, point(0), point(NaN)] };
const theory: Series = { scheme: 'current', kind: 'theory', seeds: 0, points: [point(1), point(0.01), point(0.001), null, null] };
const content: ChartContent = {
  layers: ['fc1', '=cmd()', 'hidden', '<b>"&', 'fc5'], series: [theory, current], quantity: 'variance σ²',
  unsupported: [{ node: 'n', op: 'Foo', reason: 'it has no rule', hides: ['hidden'] }],
  titleOf: ({ kind }) => (kind === 'theory' ? 'Current, theory' : 'Current'),
};
const words = { title: 'Variance of gradients', axis: 'variance σ², logarithmic', caption: ['net.onnx: seeds 0 to 2.', 'Initscope.'] };
const svg = writeFigure(content, words, printPalette);

/** Every number of every path that is a line in that colour. */
function linesIn(markup: string, colour: string): readonly (readonly (readonly number[])[])[] {
  return [...markup.matchAll(/<path d="M([^"]*)" fill="none" stroke="([^"]*)"/g)].filter(([, , stroke]) => stroke === colour)
    .map(([, way = '']) => way.split('L').map((pair) => pair.split(' ').map(Number)));
}

describe('a figure', () => {
  it('says what it shows, of what, and in which unit', () => {
    for (const said of [words.title, words.axis, ...words.caption, 'layer', 'Current', 'exactly zero', 'NaN, ∞', 'Foo']) {
      expect(svg).toContain(`>${said}</text>`);
    }
    expect(svg).not.toContain('Current, theory');
    expect(svg.startsWith(`<svg xmlns="http://www.w3.org/2000/svg" width="${figureSize.width}" height="${figureSize.height}"`)).toBe(true);
  });

  it('takes no name for markup, and sets no style that a policy refuses', () => {
    expect(svg).toContain('&lt;b&gt;&quot;&amp;');
    expect(svg).not.toMatch(/<b>|style=|<script|href=/);
  });

  it('draws each value where its logarithm is, and leaves a gap where nothing is known', () => {
    const scale = createLogScale(drawnValues(content.series));
    const [predicted, first, second] = linesIn(svg, printPalette.foreground);
    expect([predicted?.length, first?.length, second?.length]).toEqual([3, 2, 2]);
    const [[, one = 0] = [], [, hundredth = 0] = []] = first ?? [];
    const [[, zero = 0] = [], [, notFinite = 0] = []] = second ?? [];
    const perDecade = (hundredth - one) / 2;
    expect(perDecade).toBeGreaterThan(0);
    expect((zero - one) / perDecade).toBeCloseTo(-(scale.floor ?? 0), 2);
    expect((notFinite - one) / perDecade).toBeCloseTo(-(scale.ceiling ?? 0), 2);
  });

  it('has the bands of seeds and a marker for each layer', () => {
    expect(svg.match(/Z" fill="#000000" fill-opacity="0.2"/g)).toHaveLength(2);
    // One more is in the legend.
    expect(svg.match(/scale\(0.75\)/g)).toHaveLength(5);
  });
});

describe('its numbers', () => {
  it('are all digits for spreadsheets, in which no name is a formula', () => {
    expect(toCsv(content).split('\r\n')).toEqual([
      'number,layer,"Current, theory median","Current, theory low","Current, theory high",Current median,Current low,Current high',
      '0,fc1,1,1,1,1,0.5,2', "1,'=cmd(),0.01,0.01,0.01,0.01,0.005,0.02", '2,hidden,0.001,0.001,0.001,,,', '3,"<b>""&",,,,0,0,0', '4,fc5,,,,NaN,NaN,NaN', '',
    ]);
  });

  it('are everything for programs', () => {
    const all = JSON.parse(toJson(content, words)) as {
      readonly caption: unknown; readonly series: readonly { readonly seeds: number; readonly points: unknown[] }[];
    };
    expect(all.caption).toEqual(words.caption);
    expect(all.series[1]?.seeds).toBe(3);
    expect(all.series[1]?.points.slice(2)).toEqual([
      { layer: 'hidden', median: null, low: null, high: null }, { layer: '<b>"&', median: 0, low: 0, high: 0 },
      { layer: 'fc5', median: 'NaN', low: 'NaN', high: 'NaN' },
    ]);
  });
});
