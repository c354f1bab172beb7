// The lines of a chart as markup: band, median and markers of each series.

import type { Palette } from '../../ui/theme';
import { lineStyle, markerPaths } from '../schemeStyle';
import type { Point, Series } from '../series';
import { pixel, tag } from './xml';

const markerEvery = 24;

/** Where layers and values are, in pixels. */
export interface Places {
  readonly x: (layer: number) => number;
  readonly y: (value: number) => number;
}

/** The band of the seeds, the line of their median, and its markers. */
export function seriesLines(series: Series, frame: Places, palette: Palette): string {
  const { colour } = lineStyle(series.scheme, palette);
  const runs = unbroken(series.points);
  const way = (of: readonly (readonly [number, Point])[], value: (point: Point) => number): string => (
    of.map(([at, point]) => `${pixel(frame.x(at))} ${pixel(frame.y(value(point)))}`).join('L'));
  const isWide = series.kind !== 'before' && series.points.some((point) => point !== null && point.low < point.high);
  const band = { 'fill': colour, 'fill-opacity': series.kind === 'theory' ? 0.1 : 0.2 };
  const bands = !isWide ? [] : runs.map((run) => (
    tag('path', { d: `M${way(run, ({ high }) => high)}L${way(run.toReversed(), ({ low }) => low)}Z`, ...band })));
  const lines = runs.map((run) => tag('path', { d: `M${way(run, ({ median }) => median)}`, fill: 'none', ...stroke(series, palette) }));
  const every = Math.max(1, Math.ceil(series.points.length / markerEvery));
  const markers = series.kind !== 'measured' ? [] : runs.flat().filter(([at]) => at % every === 0 || runs.some(([only, ...others]) => (
    others.length === 0 && only?.[0] === at))).map(([at, point]) => markerAt(series, frame.x(at), frame.y(point.median), palette));
  return tag('g', {}, [...bands, ...lines, ...markers].join('\n'));
}

/** Layers beside each other of which something is known. */
function unbroken(points: Series['points']): readonly (readonly (readonly [number, Point])[])[] {
  const runs: (readonly [number, Point])[][] = [];
  points.forEach((point, at) => {
    if (!point) return;
    if (points[at - 1] && runs.length > 0) runs.at(-1)?.push([at, point]);
    else runs.push([[at, point]]);
  });
  return runs;
}

export function stroke({ kind, scheme }: Series, palette: Palette): Readonly<Record<string, string | number | undefined>> {
  const { colour, dash } = lineStyle(scheme, palette);
  const dashes = kind === 'measured' ? dash : kind === 'before' ? [3, 4] : [2, 2];
  return {
    'stroke': colour, 'stroke-width': kind === 'theory' ? 1 : 1.75, 'stroke-dasharray': dashes.length === 0 ? undefined : dashes.join(' '),
    'stroke-opacity': kind === 'measured' ? undefined : kind === 'before' ? 0.55 : 0.8,
  };
}

export function markerAt({ scheme }: Series, x: number, y: number, palette: Palette): string {
  const { colour, shape, filled } = lineStyle(scheme, palette);
  return tag('path', {
    'd': markerPaths[shape], 'transform': `translate(${pixel(x - 4.5)} ${pixel(y - 4.5)}) scale(0.75)`, 'stroke': colour, 'stroke-width': 1.75,
    'fill': filled ? colour : palette.background,
  });
}
