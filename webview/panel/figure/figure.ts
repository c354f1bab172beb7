// A chart as a figure to take away: the same lines, with a title, a legend and a caption. Chart.js draws pixels, and what turns its drawing into SVG sets
// inline styles, which the page's policy refuses; so the figure is written, and the picture in pixels is made from it.

import { distinctNames, axisLabel, labelledIndices } from '../layerAxis';
import { findGaps } from '../gaps';
import { lineStyle, markerPaths } from '../schemeStyle';
import type { Point, Series } from '../series';
import { scaleOf, type ValueScale } from '../valueScale';
import type { Palette } from '../../ui/theme';
import type { ChartContent } from '../varianceChart';
import { say } from '../../../src/protocol/words';
import { figureSize, framed, lineHeight, type FigureWords } from './frame';
import { pixel, tag, text } from './xml';

const left = 84;
const right = 24;
const axisHeight = 46;
/** Pixels of a character of 12 pixels, about: text cannot be measured here. */
const perCharacter = 6.6;
const markerEvery = 24;

interface Frame {
  readonly top: number;
  readonly bottom: number;
  readonly x: (layer: number) => number;
  readonly y: (value: number) => number;
}

export function writeFigure(content: ChartContent, words: FigureWords, palette: Palette): string {
  const { width } = figureSize;
  const scale = scaleOf(content);
  const legend = legendRows(content, width - left - right);
  const margin = Math.max(0.4, content.layers.length * 0.015);
  const last = Math.max(1, content.layers.length - 1) + margin;
  return framed(words, palette, (area) => {
    const top = area.top + legend.length * lineHeight;
    const bottom = area.top + area.height - axisHeight;
    const frame: Frame = {
      top, bottom, x: (layer) => left + ((layer + margin) / (last + margin)) * (width - left - right),
      y: (value) => bottom - ((scale.position(value) - scale.min) / (scale.max - scale.min)) * (bottom - top),
    };
    return [
      ...legend.flatMap((row, at) => row.map((entry) => legendEntry(content, entry, area.top + at * lineHeight, palette))),
      axes(content.layers, words, scale, frame, palette), ...gaps(content, frame, palette),
      ...content.series.map((series) => drawn(series, frame, palette)),
    ].join('\n');
  }, left);
}

interface LegendEntry {
  readonly series: Series;
  readonly x: number;
}

/** As many beside each other as there is room for. Theory has the colour of what is measured, and the caption says how it is drawn. */
function legendRows({ series, titleOf }: ChartContent, room: number): readonly (readonly LegendEntry[])[] {
  const named = series.filter(({ kind, scheme }) => kind !== 'theory' || !series.some((other) => other.kind === 'measured' && other.scheme === scheme));
  const rows: LegendEntry[][] = [];
  let at = room;
  for (const each of named) {
    const width = 44 + titleOf(each).length * perCharacter;
    if (at + width > room) {
      rows.push([]);
      at = 0;
    }
    rows.at(-1)?.push({ series: each, x: left + at });
    at += width;
  }
  return rows;
}

function legendEntry({ titleOf }: ChartContent, { series, x }: LegendEntry, y: number, palette: Palette): string {
  return tag('g', {}, tag('line', { x1: x, x2: x + 22, y1: y, y2: y, ...stroke(series, palette) })
    + (series.kind === 'measured' ? markerAt(series, x + 11, y, palette) : '')
    + text(titleOf(series), { x: x + 28, y: y + 4, fill: palette.foreground }));
}

function axes(layers: readonly string[], { axis }: FigureWords, scale: ValueScale, { top, bottom, x, y }: Frame, palette: Palette): string {
  const end = figureSize.width - right;
  const labels = distinctNames(layers);
  const middle = (top + bottom) / 2;
  const levels = scale.ticks(bottom - top).map(({ value, label }) => {
    const at = pixel(bottom - ((value - scale.min) / (scale.max - scale.min)) * (bottom - top));
    const isEdge = value === scale.floor || value === scale.ceiling;
    const line = { 'stroke': palette.grid, 'stroke-opacity': 0.5, 'stroke-dasharray': isEdge ? '1 3' : undefined };
    return tag('line', { x1: left, x2: end, y1: at, y2: at, ...line })
      + text(label, { 'x': left - 8, 'y': Number(at) + 4, 'fill': palette.muted, 'text-anchor': 'end' });
  });
  const names = labelledIndices(labels, end - left).map((at) => (
    text(axisLabel(labels[at] ?? ''), { 'x': pixel(x(at)), 'y': bottom + 18, 'fill': palette.muted, 'text-anchor': 'middle' })));
  return [
    ...levels, ...names,
    tag('path', { d: `M${left} ${top}V${bottom}H${end}`, fill: 'none', stroke: palette.muted }),
    text(say('layer'), { 'x': (left + end) / 2, 'y': bottom + 38, 'fill': palette.muted, 'text-anchor': 'middle' }),
    text(axis, { 'x': 0, 'y': 0, 'fill': palette.muted, 'text-anchor': 'middle', 'transform': `translate(18 ${pixel(middle)}) rotate(-90)` }),
    ...(scale.floor === null ? [] : [
      text(say('exactly zero'), { 'x': left + 24, 'y': pixel(y(0) - 8), 'fill': palette.muted, 'font-size': 11 }),
    ]),
  ].join('\n');
}

function gaps({ series, layers, unsupported }: ChartContent, { top, bottom, x }: Frame, palette: Palette): readonly string[] {
  return findGaps(series, layers, unsupported).map(({ first, last, label }) => {
    const [from, to] = [Math.max(left, x(first - 0.5)), Math.min(figureSize.width - right, x(last + 0.5))];
    return tag('rect', { 'x': pixel(from), 'y': top, 'width': pixel(to - from), 'height': bottom - top, 'fill': palette.muted, 'fill-opacity': 0.12 })
      + text(label, { 'x': 0, 'y': 0, 'fill': palette.muted, 'text-anchor': 'middle', 'font-size': 11,
        'transform': `translate(${pixel((from + to) / 2)} ${pixel((top + bottom) / 2)}) rotate(-90)` });
  });
}

/** The band of the seeds, the line of their median, and its markers. */
function drawn(series: Series, frame: Frame, palette: Palette): string {
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

function stroke({ kind, scheme }: Series, palette: Palette): Readonly<Record<string, string | number | undefined>> {
  const { colour, dash } = lineStyle(scheme, palette);
  const dashes = kind === 'measured' ? dash : kind === 'before' ? [3, 4] : [2, 2];
  return {
    'stroke': colour, 'stroke-width': kind === 'theory' ? 1 : 1.75, 'stroke-dasharray': dashes.length === 0 ? undefined : dashes.join(' '),
    'stroke-opacity': kind === 'measured' ? undefined : kind === 'before' ? 0.55 : 0.8,
  };
}

function markerAt({ scheme }: Series, x: number, y: number, palette: Palette): string {
  const { colour, shape, filled } = lineStyle(scheme, palette);
  return tag('path', {
    'd': markerPaths[shape], 'transform': `translate(${pixel(x - 4.5)} ${pixel(y - 4.5)}) scale(0.75)`, 'stroke': colour, 'stroke-width': 1.75,
    'fill': filled ? colour : palette.background,
  });
}
