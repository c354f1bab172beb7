import type { Histogram, Recommendation } from '../../src/protocol/report';
import { say, sayOf } from '../../src/protocol/words';
import { significant } from '../format';
import { element, svg } from '../ui/element';
import { commonRange, densities, expectedOf, type Expected } from './density';

const width = 360;
const height = 96;
const samples = 160;
/** A recommended peak may rise this far above the present one before it is cut off: the bars must stay readable. */
const headroom = 2.5;

/** Histogram of the present values with the recommended density over it, in one unit of density. */
export function distributionPlot(histogram: Histogram | null, recommendation: Recommendation | null): HTMLElement | null {
  const expected = recommendation ? expectedOf(recommendation) : null;
  if (!histogram && !expected) return null;
  const range = commonRange(histogram, expected);
  const x = (value: number): number => ((value - range.low) / (range.high - range.low)) * width;
  const heights = histogram && histogram.max > histogram.min ? densities(histogram) : null;
  const peak = verticalPeak(heights, expected);
  const y = (density: number): number => height - Math.min(1, density / peak) * (height - 4);

  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: 'none', class: 'plot', 'aria-hidden': 'true' });
  if (histogram) picture.append(...(heights ? [bars(histogram, heights, x, y)] : [verticalLine(x(histogram.min), 'present-line')]));
  if (expected) picture.append(expected.kind === 'line' ? verticalLine(x(expected.at), 'expected') : curve(expected, x, y));
  picture.append(svg('line', { class: 'axis', x1: 0, x2: width, y1: height - 0.5, y2: height - 0.5 }));

  return element('figure', { class: 'distribution', role: 'img', label: summary(histogram, recommendation), testid: 'weight-histogram' }, [
    picture,
    element('div', { class: 'scale number muted' }, [
      element('span', { text: significant(range.low), title: String(range.low) }),
      range.low < 0 && range.high > 0 ? element('span', { text: '0' }) : null,
      element('span', { text: significant(range.high), title: String(range.high) }),
    ]),
    histogram?.outside ? element('p', { class: 'outside muted', testid: 'outside', text: outsideSentence(histogram.outside) }) : null,
    element('div', { class: 'legend muted' }, [
      histogram ? element('span', { class: 'key present', text: say('present') }) : null,
      expected ? element('span', { class: 'key recommended', text: say('recommended') }) : null,
    ]),
  ]);
}

function verticalPeak(heights: readonly number[] | null, expected: Expected | null): number {
  const present = heights ? Math.max(...heights) : 0;
  const wanted = expected?.kind === 'curve' ? expected.density(0) : 0;
  if (present === 0) return wanted || 1;
  return Math.max(present, Math.min(wanted, present * headroom));
}

function bars(histogram: Histogram, heights: readonly number[], x: (value: number) => number, y: (density: number) => number): SVGElement {
  const step = (histogram.max - histogram.min) / heights.length;
  const path = heights.map((density, index) => {
    if (density === 0) return '';
    const left = x(histogram.min + index * step);
    const right = x(histogram.min + (index + 1) * step);
    const top = Math.min(y(density), height - 1);
    return `M${left.toFixed(2)} ${height}V${top.toFixed(2)}H${Math.max(right, left + 0.5).toFixed(2)}V${height}z`;
  }).join('');
  return svg('path', { class: 'bars', d: path });
}

function curve(expected: Extract<Expected, { kind: 'curve' }>, x: (value: number) => number, y: (density: number) => number): SVGElement {
  const { low, high } = expected.support;
  const points = Array.from({ length: samples + 1 }, (_, index) => {
    const value = low + ((high - low) * index) / samples;
    return `${x(value).toFixed(2)} ${y(expected.density(value)).toFixed(2)}`;
  });
  return svg('path', { class: 'expected', d: `M${x(low).toFixed(2)} ${height}L${points.join('L')}L${x(high).toFixed(2)} ${height}` });
}

function verticalLine(at: number, kind: string): SVGElement {
  return svg('line', { class: kind, x1: at, x2: at, y1: 2, y2: height });
}

/** "3 values outside, from -5.00 to 1,000" */
function outsideSentence({ below, above, lowest, highest }: NonNullable<Histogram['outside']>): string {
  const [count, low, high] = [below + above, significant(lowest), significant(highest)];
  if (below === 0) return sayOf(count, '{0} value outside, up to {1}', '{0} values outside, up to {1}', high);
  if (above === 0) return sayOf(count, '{0} value outside, down to {1}', '{0} values outside, down to {1}', low);
  return sayOf(count, '{0} value outside, from {1} to {2}', '{0} values outside, from {1} to {2}', low, high);
}

function summary(histogram: Histogram | null, recommendation: Recommendation | null): string {
  const whole = histogram ? say('Histogram of the present values from {0} to {1}', significant(histogram.min), significant(histogram.max))
    : say('Not measured yet');
  const present = histogram?.outside ? `${whole}, ${outsideSentence(histogram.outside)}` : whole;
  return recommendation ? say('{0}, with {1} (σ {2}) over it', present, recommendation.title, significant(recommendation.std)) : present;
}
