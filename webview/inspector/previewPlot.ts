import type { Histogram } from '../../src/protocol/report';
import { say } from '../../src/protocol/words';
import { significant } from '../format';
import { svg } from '../ui/element';
import { commonRange, densities } from './density';

const width = 160;
const height = 32;

/** Both distributions in one picture of one scale: as it is in bars, as it would be as an outline. */
export function previewPlot(before: Histogram | null, after: Histogram): SVGSVGElement {
  const [low, high] = rangeOf(before, after);
  const x = (value: number): number => ((value - low) / (high - low)) * width;
  const heights = [before, after].map((histogram) => (histogram ? densities(histogram) : []));
  // The taller one is cut off where it would flatten the other to a line.
  const peaks = heights.flatMap((list) => (list.length > 0 ? Math.max(...list) : []));
  const peak = Math.min(Math.max(...peaks), 3 * Math.min(...peaks)) || 1;
  const y = (density: number): number => height - 1 - Math.min(1, density / peak) * (height - 3);
  const then = [significant(after.min), significant(after.max)] as const;
  const label = before ? say('now from {2} to {3}, then from {0} to {1}', ...then, significant(before.min), significant(before.max))
    : say('not measured, then from {0} to {1}', ...then);
  return svg('svg', { 'viewBox': `0 0 ${width} ${height}`, 'preserveAspectRatio': 'none', 'class': 'plot', 'role': 'img', 'aria-label': label }, [
    ...(before ? [svg('path', { class: 'bars', d: outline(before, heights[0] ?? [], x, y) })] : []),
    svg('path', { class: 'then', d: outline(after, heights[1] ?? [], x, y) }),
    svg('line', { class: 'axis', x1: 0, x2: width, y1: height - 0.5, y2: height - 0.5 }),
  ]);
}

function rangeOf(before: Histogram | null, after: Histogram): readonly [number, number] {
  const ranges = [before, after].flatMap((histogram) => (histogram ? [commonRange(histogram, null)] : []));
  return [Math.min(...ranges.map(({ low }) => low)), Math.max(...ranges.map(({ high }) => high))];
}

/** The upper edge of a histogram, closed along the axis. */
function outline({ min, max }: Histogram, heights: readonly number[], x: (value: number) => number, y: (density: number) => number): string {
  const step = (max - min) / heights.length;
  const at = (value: number): string => x(value).toFixed(2);
  const tops = heights.map((density, i) => `V${y(density).toFixed(2)}H${at(min + (i + 1) * step)}`);
  return `M${at(min)} ${height}${tops.join('')}V${height}z`;
}
