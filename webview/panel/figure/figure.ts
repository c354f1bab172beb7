// A chart as a figure to take away: the same lines, with a title, a legend and a caption. Chart.js draws pixels, and what turns its drawing into SVG sets
// inline styles, which the page's policy refuses; so the figure is written, and the picture in pixels is made from it.

import { distinctNames, axisLabel, labelledIndices } from '../layerAxis';
import { findGaps } from '../gaps';
import { scaleOf, type ValueScale } from '../valueScale';
import type { Palette } from '../../ui/theme';
import type { ChartContent } from '../varianceChart';
import { say } from '../../../src/protocol/words';
import { figureSize, framed, lineHeight, type FigureWords } from './frame';
import { legendEntry, legendRows } from './legend';
import { seriesLines, type Places } from './lines';
import { pixel, tag, text } from './xml';

const left = 84;
const right = 24;
const axisHeight = 46;

interface Frame extends Places {
  readonly top: number;
  readonly bottom: number;
}

export function writeFigure(content: ChartContent, words: FigureWords, palette: Palette): string {
  const { width } = figureSize;
  const scale = scaleOf(content);
  const legend = legendRows(content, left, width - left - right);
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
      ...content.series.map((series) => seriesLines(series, frame, palette)),
    ].join('\n');
  }, left);
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
