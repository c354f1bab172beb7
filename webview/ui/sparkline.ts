import type { Histogram } from '../../src/protocol/report';
import { svg } from './element';

const width = 44;
const height = 14;
const bars = 15;

/** Rows come and go while a table scrolls; the histograms stay. */
const drawn = new WeakMap<Histogram, string>();

/** The shape of a distribution at the size of a word. */
export function sparkline(histogram: Histogram | undefined): SVGSVGElement {
  const picture = svg('svg', { class: 'sparkline', width, height, viewBox: `0 0 ${width} ${height}`, 'aria-hidden': 'true' });
  if (!histogram || histogram.counts.length === 0) return picture;
  const path = drawn.get(histogram) ?? outline(histogram);
  drawn.set(histogram, path);
  if (path !== '') picture.append(svg('path', { d: path }));
  return picture;
}

function outline(histogram: Histogram): string {
  const counts = histogram.max > histogram.min ? countsOf(histogram) : singleValue();
  const peak = Math.max(...counts);
  if (peak <= 0) return '';
  const step = width / bars;
  return counts.map((count, index) => {
    // A bin that holds anything stays visible.
    const size = count === 0 ? 0 : Math.max(1, (count / peak) * height);
    return size === 0 ? '' : `M${(index * step).toFixed(2)} ${height}v${(-size).toFixed(2)}h${(step - 0.6).toFixed(2)}v${size.toFixed(2)}z`;
  }).join('');
}

/** What is far outside stands apart, at the ends. */
function countsOf({ counts, outside }: Histogram): readonly number[] {
  if (!outside) return rebin(counts, bars);
  const { below, above } = outside;
  return [...(below > 0 ? [below, 0] : []), ...rebin(counts, bars - (below > 0 ? 2 : 0) - (above > 0 ? 2 : 0)), ...(above > 0 ? [0, above] : [])];
}

function singleValue(): readonly number[] {
  return Array.from({ length: bars }, (_, index) => (index === Math.floor(bars / 2) ? 1 : 0));
}

/** Adds neighbouring bins up; a bin that straddles two is shared in proportion. */
export function rebin(counts: readonly number[], length: number): readonly number[] {
  const result = new Array<number>(length).fill(0);
  counts.forEach((count, index) => {
    const from = (index / counts.length) * length;
    const to = ((index + 1) / counts.length) * length;
    for (let bin = Math.floor(from); bin < Math.min(length, Math.ceil(to)); bin += 1) {
      const share = (Math.min(to, bin + 1) - Math.max(from, bin)) / (to - from);
      result[bin] = (result[bin] ?? 0) + count * share;
    }
  });
  return result;
}
