/** The signal propagation plot: what is drawn of runs, theory and earlier runs, where, and what is said where there are no blocks. */
import { describe, expect, it } from 'vitest';
import type { SchemeDescription } from '../../../src/protocol/schemes';
import { defaultOptions, type ChannelMoments, type JoinRun, type SchemeTheory, type SimulationRun } from '../../../src/protocol/simulation';
import { blockAt, drawBlocks, markBlock, plotsOf } from '../../../webview/panel/blocks/blockDrawing';
import { blockFigure } from '../../../webview/panel/blocks/blockFigure';
import { blocksOf, together } from '../../../webview/panel/blocks/blocks';
import type { Shown } from '../../../webview/panel/chartContents';
import { toCsv } from '../../../webview/panel/figure/numbers';
import { printPalette } from '../../../webview/panel/figure/printPalette';
import { reportedCharts } from '../../../webview/panel/figure/reportedCharts';
import type { ModelState } from '../../../webview/panel/modelState';
import { present } from '../support/graphs';

const schemeDescriptions: readonly SchemeDescription[] = [
  { id: 'current', title: 'Current', group: 'Current', formula: '', when: '', source: '', options: [] },
];
const moments = (squaredMean: number | null, variance: number | null): ChannelMoments => ({ channels: 4, squaredMean, variance });
const join = (name: string, layer: string, sum: ChannelMoments | null, branch: ChannelMoments | null): JoinRun => ({ name, layer, sum, branch });

function run(seed: number, variances: readonly number[], of: Partial<SimulationRun> = {}): SimulationRun {
  const joins = variances.map((variance, at) => join(`add${at}`, `block${at}.last`, moments(variance / 10, variance), moments(0, 1)));
  return { scheme: 'current', seed, loss: null, layers: [], joins, ...of };
}

function shown(runs: readonly SimulationRun[], theory: readonly SchemeTheory[] = [], earlier: ModelState['earlier'] = null): Shown {
  const state: ModelState = {
    kind: 'model', file: 'm.onnx', revision: 1, options: defaultOptions, schemes: schemeDescriptions, plan: null, runs: [], verdict: null, earlier,
    status: { kind: 'finished', elapsedMs: 1 }, readOnly: null,
    conditions: { batchNorm: false, dropout: false, input: true, block: null }, dimensions: [], behind: null,
    lecture: null,
  };
  return { state, runs, theory, layers: ['stem', 'block0.last', 'block1.last', 'block2.last'], isLinear: false };
}
const area = { left: 0, top: 0, width: 900, height: 500 };

describe('what a signal propagation plot draws', () => {
  it('is the median over seeds of each block, between the least and the largest', () => {
    const { blocks, plots } = blocksOf(shown([run(0, [1, 2, 4]), run(1, [1, 3, 8]), run(2, [1, 4, 5])]));
    expect(blocks.map(({ layer }) => layer)).toEqual(['block0.last', 'block1.last', 'block2.last']);
    expect(plots.map(({ id, content: { series } }) => [id, series.map(({ kind, points }) => [kind, points.map((point) => point?.median)])])).toEqual([
      ['squared-mean', [['measured', [0.1, 0.3, 0.5]]]], ['variance', [['measured', [1, 3, 5]]]], ['branch', [['measured', [1, 1, 1]]]],
    ]);
    expect(plots[1]?.content.series[0]?.points[2]).toEqual({ median: 5, low: 4, high: 8 });
  });
  it('is linear where numbers are near each other, and logarithmic where they are not', () => {
    const isLinear = (variances: readonly number[]): boolean[] => blocksOf(shown([run(0, variances)])).plots.map(({ content }) => content.isLinear === true);
    expect(isLinear([1, 2, 3])).toEqual([true, true, true]);
    expect(isLinear([1, 2, 1e-48])).toEqual([false, false, false]);
  });
  it('is zero of a mean that is nothing but rounding, NaN of what is not finite, and nothing of what is not known', () => {
    const joins = [join('add0', 'block0.last', moments(2e-15, 2), null), join('add1', 'block1.last', moments(null, null), moments(0, 1))];
    const { plots } = blocksOf(shown([run(0, [], { joins })]));
    expect(plots.map(({ content: { series } }) => series[0]?.points.map((point) => point?.median ?? null))).toEqual([[0, NaN], [2, NaN], [null, 1]]);
  });
  it('has theory beside it, and an earlier run behind it', () => {
    const theory: SchemeTheory = { scheme: 'current', layers: [], unpredicted: [], joins: run(0, [1, 2, 3]).joins ?? [] };
    const { plots } = blocksOf(shown([run(0, [1, 2, 4])], [theory], { name: 'before', runs: [run(0, [1, 1, 1])] }));
    expect(plots[1]?.content.series.map(({ kind, points }) => [kind, points[2]?.median])).toEqual([['theory', 3], ['before', 1], ['measured', 4]]);
  });
  it('is nothing where a network has no blocks, and a report then has no such charts', () => {
    const none = shown([run(0, [], { joins: [] })]);
    expect(blocksOf(none).blocks).toEqual([]);
    expect(reportedCharts(none)).toHaveLength(3);
    expect(reportedCharts(shown([run(0, [1, 2])])).slice(3).map(({ title }) => title)).toEqual([
      'Residual blocks: Average channel squared mean', 'Residual blocks: Average channel variance',
      'Residual blocks: Average channel variance at the end of the branch',
    ]);
  });
});

describe('the drawing of it', () => {
  const content = blocksOf(shown([run(0, [1, 2, 4])]));
  it('has each point where its number is', () => {
    const markup = drawBlocks(content, area, printPalette);
    const [, plot] = plotsOf(content, area);
    const { x, y, top, bottom } = present(plot);
    const way = [1, 2, 4].map((value, at) => `${Number(x(at).toFixed(2))} ${Number(y(value).toFixed(2))}`).join('L');
    expect(markup).toContain(`d="M${way}"`);
    expect(y(4)).toBeGreaterThan(top);
    expect(y(1) - y(2)).toBeCloseTo((y(2) - y(4)) / 2, 6);
    expect(y(1)).toBeLessThan(bottom);
    for (const title of ['Average channel squared mean', 'Average channel variance', 'Average channel variance at the end of the branch']) {
      expect(markup).toContain(`>${title}</text>`);
    }
  });
  it.each([[area, 1], [{ ...area, height: 180 }, 3], [{ left: 0, top: 0, width: 300, height: 260 }, 1]] as const)(
    'finds the block under a place, however it is arranged: %j', (of, columns) => {
      const plots = plotsOf(content, of);
      expect(new Set(plots.map(({ left }) => left)).size).toBe(columns);
      for (const { x, top } of plots) for (const block of [0, 1, 2]) expect(blockAt({ x: x(block) + 1, y: top + 5 }, content, of)).toBe(block);
    });
  it('has a legend, title and caption where it is taken away, and takes no name for markup', () => {
    const odd = blocksOf(shown([run(0, [], { joins: [join('add', '<b>"&', moments(1, 2), moments(0, 1))] })]));
    const svg = blockFigure(odd, { title: 'Signal propagation', axis: '', caption: ['net.onnx: seed 0.'] }, printPalette);
    for (const said of ['Current', 'Signal propagation', 'net.onnx: seed 0.', '&lt;b&gt;&quot;&amp;']) expect(svg).toContain(`>${said}</text>`);
    expect(svg).not.toMatch(/ style=|<b>/);
  });
  it('says the numbers of the block under the cursor', () => {
    expect(markBlock(content, 2, true, area, printPalette)).toMatch(/>Current 4\.00<\/text>/);
    expect(markBlock(content, 2, false, area, printPalette)).not.toContain('<text');
  });
  it('is a table with a column for each line, and a row for each block', () => {
    expect(toCsv(present(together(content))).split('\r\n')[2]).toBe('1,block1.last,0.2,0.2,0.2,2,2,2,1,1,1');
  });
});
