// A signal propagation plot: three small plots over the residual blocks, beside each other or one below the other. One drawing for the page and for paper.

import { say } from '../../../src/protocol/words';
import { significant } from '../../format';
import type { Palette } from '../../ui/theme';
import type { Area } from '../figure/frame';
import { seriesLines, type Places } from '../figure/lines';
import { pixel, tag, text } from '../figure/xml';
import { axisLabel, distinctNames, labelledIndices } from '../layerAxis';
import { lineStyle } from '../schemeStyle';
import { scaleOf, type ValueScale } from '../valueScale';
import type { BlockContent, BlockPlot } from './blocks';

interface Plot extends Places {
  readonly plot: BlockPlot;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly scale: ValueScale;
  /** Names are under it. */
  readonly isNamed: boolean;
}

const gutter = { left: 46, right: 8, title: 20, names: 18, axis: 16 };
/** Lower than that, and wide enough, they stand beside each other. */
const [lowest, widest] = [330, 560];
const perTitleCharacter = 7;
const lineHeight = 15;
/** Of letters of 11 pixels, at most. */
const perCharacter = 7.2;
/** Pixels at an end of the axis, in blocks. */
const margin = 0.4;

/** Where each of them is. */
export function plotsOf({ blocks, plots }: BlockContent, { left, top, width, height }: Area): readonly Plot[] {
  const isBeside = height < lowest && width >= widest;
  const count = Math.max(1, plots.length);
  // The name of the axis is under the last, where there is room.
  const axis = height < 200 ? 0 : gutter.axis;
  const rowHeight = isBeside ? height - axis : (height - gutter.names - axis) / count;
  const columnWidth = isBeside ? width / count : width;
  return plots.map((plot, at) => {
    const scale = scaleOf(plot.content);
    const from = left + (isBeside ? at * columnWidth : 0);
    const isNamed = isBeside || at === count - 1;
    const [plotLeft, plotRight] = [from + gutter.left, from + columnWidth - gutter.right];
    const plotTop = top + (isBeside ? 0 : at * rowHeight) + gutter.title;
    const plotBottom = top + (isBeside ? rowHeight - gutter.names : (at + 1) * rowHeight - 4);
    const last = Math.max(1, blocks.length - 1) + margin;
    return {
      plot, scale, isNamed, left: plotLeft, right: plotRight, top: plotTop, bottom: plotBottom,
      x: (block) => plotLeft + ((block + margin) / (last + margin)) * (plotRight - plotLeft),
      y: (value) => plotBottom - ((scale.position(value) - scale.min) / (scale.max - scale.min)) * (plotBottom - plotTop),
    };
  });
}

/** The block that is nearest to a place. */
export function blockAt({ x, y }: { readonly x: number; readonly y: number }, content: BlockContent, area: Area): number | null {
  const { blocks: { length } } = content;
  const plots = plotsOf(content, area);
  const own = plots.find(({ right, bottom }) => x <= right + gutter.right && (y <= bottom + gutter.names || bottom === plots.at(-1)?.bottom)) ?? plots.at(-1);
  if (!own || length === 0) return null;
  const step = length > 1 ? own.x(1) - own.x(0) : 1;
  return Math.max(0, Math.min(length - 1, Math.round((x - own.x(0)) / step)));
}

/** Markup of an SVG. */
export function drawBlocks(content: BlockContent, area: Area, palette: Palette): string {
  const plots = plotsOf(content, area);
  const [first, last] = [plots[0], plots.at(-1)];
  const axis = !first || !last || area.height < 200 ? '' : text(say('residual block, by the layer that ends its branch'), {
    'x': pixel((first.left + last.right) / 2), 'y': pixel(area.top + area.height - 4), 'fill': palette.muted, 'text-anchor': 'middle', 'font-size': 11,
  });
  return [...plots.map((plot) => drawPlot(content, plot, palette)), axis].join('\n');
}

function drawPlot({ blocks }: BlockContent, plot: Plot, palette: Palette): string {
  const { plot: { id, title, short, content }, scale, isNamed, left, right, top, bottom, x } = plot;
  const muted = { 'fill': palette.muted, 'font-size': 11 };
  const levels = scale.ticks(bottom - top).map(({ value, label }) => {
    const at = pixel(bottom - ((value - scale.min) / (scale.max - scale.min)) * (bottom - top));
    return tag('line', { 'x1': pixel(left), 'x2': pixel(right), 'y1': at, 'y2': at, 'stroke': palette.grid, 'stroke-opacity': 0.5 })
      + text(label, { 'x': pixel(left - 6), 'y': Number(at) + 4, 'text-anchor': 'end', ...muted });
  });
  const labels = distinctNames(blocks.map(({ layer }) => layer));
  const names = !isNamed ? [] : labelledIndices(labels, right - left).map((at) => {
    const name = axisLabel(labels[at] ?? '');
    // None is cut off at the end.
    const isLate = x(at) + name.length * perCharacter / 2 > right + gutter.right;
    return text(name, { 'x': pixel(isLate ? right + gutter.right : x(at)), 'y': pixel(bottom + 14), 'text-anchor': isLate ? 'end' : 'middle', ...muted });
  });
  return tag('g', { 'data-plot': id }, [
    text(title.length * perTitleCharacter > right - left ? short : title,
      { 'x': pixel(left), 'y': pixel(top - 7), 'fill': palette.foreground, 'font-size': 12 }),
    ...levels, ...names,
    tag('path', { d: `M${pixel(left)} ${pixel(top)}V${pixel(bottom)}H${pixel(right)}`, fill: 'none', stroke: palette.muted }),
    ...content.series.map((series) => tag('g', { 'data-scheme': series.scheme, 'data-kind': series.kind }, seriesLines(series, plot, palette) || ' ')),
  ].join('\n'));
}

/** The block under the cursor in each plot, and beside it its numbers, where they are asked for. */
export function markBlock(content: BlockContent, block: number, withNumbers: boolean, area: Area, palette: Palette): string {
  return plotsOf(content, area).map(({ plot: { content: { series, titleOf } }, left, right, top, bottom, x, y }) => {
    const at = x(block);
    const line = tag('line', { x1: pixel(at), x2: pixel(at), y1: pixel(top), y2: pixel(bottom), stroke: palette.focus });
    const said = series.flatMap((each) => {
      const value = each.kind === 'measured' ? each.points[block]?.median : undefined;
      return value === undefined ? [] : [{ words: `${titleOf(each)} ${significant(value)}`, colour: lineStyle(each.scheme, palette).colour, height: y(value) }];
    }).slice(0, Math.max(0, Math.floor((bottom - top - 6) / lineHeight)));
    if (said.length === 0 || !withNumbers) return line;
    const height = said.length * lineHeight + 6;
    // Where the lines are not.
    const isUnder = said.reduce((sum, each) => sum + each.height / said.length, 0) < (top + bottom) / 2;
    const start = isUnder ? bottom - height - 2 : top + 2;
    const width = Math.max(...said.map(({ words }) => words.length)) * perCharacter + 12;
    const isLate = at + 8 + width > right && at - 8 - width >= left;
    const from = isLate ? at - 8 - width : Math.min(at + 8, Math.max(left, right - width));
    const box = tag('rect', {
      'x': pixel(from), 'y': pixel(start), 'width': pixel(width), height, 'rx': 2, 'fill': palette.hoverBackground,
      'stroke': palette.hoverBorder,
    });
    return line + box + said.map(({ words, colour }, i) => (
      text(words, { 'x': pixel(from + 6), 'y': pixel(start + 13 + i * lineHeight), 'fill': colour, 'font-size': 11 }))).join('');
  }).join('\n');
}
