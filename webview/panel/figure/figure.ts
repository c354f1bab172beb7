// A chart as a figure to take away: the same lines, with a title, a legend and a caption. Chart.js draws pixels, and what turns its drawing into SVG sets
// inline styles, which the page's policy refuses; so the figure is written, and the picture in pixels is made from it.

import { distinctNames, axisLabel, labelledIndices } from '../layerAxis';
import { findGaps } from '../gaps';
import { scaleOf, type ValueScale } from '../valueScale';
import type { Palette } from '../../ui/theme';
import type { ChartContent } from '../varianceChart';
import { say } from '../../../src/protocol/words';
import { axisRoom, writeAxes, type PlotEdges } from './axes';
import { figureSize, framed, lineHeight, type FigureWords } from './frame';
import { legendEntry, legendRows } from './legend';
import { seriesLines, type Places } from './lines';
import { pixel, tag, text } from './xml';

const left = axisRoom.before;
const right = figureSize.width - 24;

type Frame = Places & PlotEdges;

export function writeFigure(content: ChartContent, words: FigureWords, palette: Palette): string {
  const scale = scaleOf(content);
  const legend = legendRows(content, left, right - left);
  const margin = Math.max(0.4, content.layers.length * 0.015);
  const last = Math.max(1, content.layers.length - 1) + margin;
  return framed(words, palette, (area) => {
    const top = area.top + legend.length * lineHeight;
    const bottom = area.top + area.height - axisRoom.under;
    const frame: Frame = {
      left, right, top, bottom, x: (layer) => left + ((layer + margin) / (last + margin)) * (right - left),
      y: (value) => bottom - ((scale.position(value) - scale.min) / (scale.max - scale.min)) * (bottom - top),
    };
    return [
      ...legend.flatMap((row, at) => row.map((entry) => legendEntry(content, entry, area.top + at * lineHeight, palette))),
      ...axes(content.layers, words, scale, frame, palette), ...gaps(content, frame, palette),
      ...content.series.map((series) => seriesLines(series, frame, palette)),
    ].join('\n');
  }, left);
}

function axes(layers: readonly string[], { axis }: FigureWords, scale: ValueScale, frame: Frame, palette: Palette): readonly string[] {
  const { top, bottom, x, y } = frame;
  const labels = distinctNames(layers);
  const names = labelledIndices(labels, right - left).map((at) => ({ at: x(at), label: axisLabel(labels[at] ?? '') }));
  const levels = scale.ticks(bottom - top).map(({ value, label }) => ({
    at: bottom - ((value - scale.min) / (scale.max - scale.min)) * (bottom - top), label, isDotted: value === scale.floor || value === scale.ceiling,
  }));
  return [
    ...writeAxes(frame, { across: { title: say('layer'), marks: names }, up: { title: axis, marks: levels } }, palette),
    ...(scale.floor === null ? [] : [
      text(say('exactly zero'), { 'x': left + 24, 'y': pixel(y(0) - 8), 'fill': palette.muted, 'font-size': 11 }),
    ]),
  ];
}

function gaps({ series, layers, unsupported }: ChartContent, { top, bottom, x }: Frame, palette: Palette): readonly string[] {
  return findGaps(series, layers, unsupported).map(({ first, last, label }) => {
    const [from, to] = [Math.max(left, x(first - 0.5)), Math.min(right, x(last + 0.5))];
    return tag('rect', { 'x': pixel(from), 'y': top, 'width': pixel(to - from), 'height': bottom - top, 'fill': palette.muted, 'fill-opacity': 0.12 })
      + text(label, { 'x': 0, 'y': 0, 'fill': palette.muted, 'text-anchor': 'middle', 'font-size': 11,
        'transform': `translate(${pixel((from + to) / 2)} ${pixel((top + bottom) / 2)}) rotate(-90)` });
  });
}
