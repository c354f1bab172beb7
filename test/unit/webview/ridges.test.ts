/** Distributions as ridges: outlines from histograms, axes that show the widest, rows that fit, and nothing lost on the way into markup. */
import { describe, expect, it } from 'vitest';
import type { Moments } from '../../../src/protocol/simulation';
import { inDeviations, reachOf, ridgeOf, roundBelow } from '../../../webview/panel/distributions/ridge';
import { drawRidges, layerAt, rowsOf, type RidgeContent } from '../../../webview/panel/distributions/ridges';
import { tag, text } from '../../../webview/panel/figure/xml';
import { printPalette } from '../../../webview/panel/figure/printPalette';

function moments(deviation: number, counts: readonly number[] = [1, 4, 1]): Moments {
  return {
    count: 6, mean: 0, variance: deviation ** 2, min: -2 * deviation, max: 2 * deviation, zeros: 0, nonFinite: 0,
    histogram: { min: -2 * deviation, max: 2 * deviation, counts },
  };
}
const layers = Array.from({ length: 200 }, (_, i) => `block.${i}.weight`);
const area = { left: 0, top: 0, width: 600, height: 300 };
const content = (count: number, scale: RidgeContent['scale'] = 'common'): RidgeContent => ({
  layers: layers.slice(0, count), scale, quantity: 'activation', hiddenBy: new Map([['block.1.weight', 'NonZero']]),
  columns: [{
    scheme: 'current', title: 'Current', earlier: [],
    ridges: Array.from({ length: count }, (_, i) => (i === 1 ? null : ridgeOf(moments(2 ** -i, Array.from({ length: 64 }, (_each, at) => at + 1))))),
  }],
});

describe('a ridge', () => {
  it('is as high as its fullest bin, and ends at the ends of what it shows', () => {
    expect(ridgeOf(moments(1))?.outline).toEqual([[-2, 0], [expect.closeTo(-4 / 3), 0.25], [0, 1], [expect.closeTo(4 / 3), 0.25], [2, 0]]);
  });
  it('is a needle where all elements are alike, and none where they are not finite or not pictured', () => {
    const alike = { ...moments(0), mean: 3, min: 3, max: 3, histogram: { min: 3, max: 3, counts: [6] } };
    expect(ridgeOf(alike)?.outline).toEqual([[3, 0], [3, 1], [3, 0]]);
    expect(ridgeOf({ ...moments(1), variance: null, mean: null })).toBeNull();
    expect(ridgeOf(null)).toBeNull();
  });
  it('stands over its own standard deviations, where it has some', () => {
    const ridge = ridgeOf(moments(0.01));
    expect(ridge && inDeviations(ridge).map(([x]) => x)).toEqual([
      expect.closeTo(-2), expect.closeTo(-4 / 3), expect.closeTo(0), expect.closeTo(4 / 3), expect.closeTo(2),
    ]);
  });
  it('shares an axis that shows the widest one', () => {
    expect(reachOf([ridgeOf(moments(1)), ridgeOf(moments(1e-20)), null])).toBe(2);
    expect(reachOf([])).toBe(1);
    expect(roundBelow(0.0734)).toBeCloseTo(0.05);
  });
});

describe('ridges of a network', () => {
  it('have rows that fit, of many layers every so many-th', () => {
    expect(rowsOf(8, area).shown).toHaveLength(8);
    const { shown, baseline, spacing } = rowsOf(200, area);
    expect(shown.length).toBeLessThan(30);
    expect(spacing).toBeGreaterThanOrEqual(10);
    expect(baseline(shown.at(-1) ?? 0)).toBeLessThanOrEqual(area.height);
  });
  it('are found under the pointer', () => {
    const { baseline, shown } = rowsOf(200, area);
    for (const layer of shown) expect(Math.abs((layerAt(baseline(layer) - 2, 200, area) ?? -99) - layer)).toBeLessThanOrEqual(3);
    expect([layerAt(-50, 5, area), layerAt(999, 5, area), layerAt(10, 0, area)]).toEqual([0, 4, null]);
  });
  it('have all corners of every outline, and a word where nothing is known', () => {
    const markup = drawRidges(content(8), area, printPalette);
    const outline = /<path d="(M[^"]+)"[^>]*data-layer="0"/.exec(markup)?.[1] ?? '';
    expect(outline.split('L')).toHaveLength(66);
    expect(markup).toContain('NonZero');
    expect([...markup.matchAll(/data-variance="([^"]+)"/g)].map(([, value]) => Number(value))).toEqual([0, 2, 3, 4, 5, 6, 7].map((i) => (2 ** -i) ** 2));
  });
  it('have an axis whose labels keep off each other, and off the edge', () => {
    const wide = (deviation: number, width: number): readonly string[] => {
      const columns = [1, 2].map(() => ({ scheme: 'current' as const, title: 'Recommended', earlier: [], ridges: [ridgeOf(moments(deviation))] }));
      const markup = drawRidges({ ...content(1), columns }, { ...area, width }, printPalette);
      return [...markup.matchAll(/<text x="([^"]+)"[^>]*text-anchor="middle" font-size="11">([^<]+)<\/text>/g)]
        .filter(([, , said]) => /^[-\d]/.test(said ?? '')).map(([, x, said]) => `${said}@${x}`);
    };
    for (const deviation of [1, 1.2e27, 3e-9, 0.4]) {
      for (const width of [60, 150, 300, 600]) {
        const labels = wide(deviation, width).map((each) => {
          const [said = '', x = ''] = each.split('@');
          return { from: Number(x) - said.length * 3.2, to: Number(x) + said.length * 3.2 };
        });
        expect(labels.length % 2).toBe(0);
        labels.forEach(({ from, to }, at) => {
          expect(to).toBeLessThanOrEqual(width);
          expect(from).toBeGreaterThanOrEqual(labels[at - 1]?.to ?? 0);
        });
      }
    }
    expect(wide(1.2e27, 600).map((each) => each.split('@')[0])).toEqual(['-2e27', '0', '2e27', '-2e27', '0', '2e27']);
  });
  it('have titles whose beginning is seen where there is little room', () => {
    const columns = [{ scheme: 'recommended' as const, title: 'Recommended', earlier: [], ridges: [ridgeOf(moments(1))] }];
    expect(drawRidges({ ...content(1), columns }, { ...area, width: 70 }, printPalette)).toContain('>Recommen…</text>');
  });
});

describe('markup', () => {
  it('shortens text, and nothing else', () => {
    const path = 'M0 0'.repeat(200);
    expect(tag('path', { d: path })).toBe(`<path d="${path}"/>`);
    expect(text('a'.repeat(500), {}).length).toBeLessThan(330);
    expect(tag('g', { 'data-layer': '"><script>' })).toBe('<g data-layer="&quot;&gt;&lt;script&gt;"/>');
  });
});
