// Distributions layer by layer, as ridges one before the other, a column for each scheme (Glorot & Bengio 2010, figures 6 and 7, draw them so). One drawing
// for the page and for paper.

import type { SimulatedScheme } from '../../../src/protocol/schemes';
import { say } from '../../../src/protocol/words';
import { significant, trimmed } from '../../format';
import type { Palette } from '../../ui/theme';
import type { Area } from '../figure/frame';
import { pixel, tag, text } from '../figure/xml';
import { distinctNames } from '../layerAxis';
import { lineStyle } from '../schemeStyle';
import { inDeviations, reachOf, roundBelow, seenDeviations, type Ridge, type RidgeScale } from './ridge';

export interface RidgeColumn {
  readonly scheme: SimulatedScheme;
  readonly title: string;
  /** By layer, in the order of the plan. */
  readonly ridges: readonly (Ridge | null)[];
  /** Of an earlier run, drawn behind. */
  readonly earlier: readonly (Ridge | null)[];
}

export interface RidgeContent {
  readonly layers: readonly string[];
  readonly columns: readonly RidgeColumn[];
  readonly scale: RidgeScale;
  /** "activation", as the axis names it. */
  readonly quantity: string;
  /** Why nothing is known, by layer. */
  readonly hiddenBy: ReadonlyMap<string, string>;
}

export interface Rows {
  /** Layers that are drawn: of many every so many-th. */
  readonly shown: readonly number[];
  /** Of the layers' baselines, in pixels. */
  readonly baseline: (layer: number) => number;
  readonly spacing: number;
}

const leastSpacing = 11;
const mostSpacing = 44;
/** A ridge may reach over so many rows behind it. */
const overlap = 1.9;
const headHeight = 20;
/** Of the numbers, and of what they are of, for which there is room in a large picture. */
const numbersHeight = 18;
const quantityHeight = 16;
const large = 200;
/** Of letters of 11 pixels, about. */
const perCharacter = 5.8;
const perTitleCharacter = 7.6;
const columnGap = 12;
/** Of a name, so that the cursor does not strike it out. */
const aboveLine = 3;

export function rowsOf(layers: number, { top, height }: Pick<Area, 'top' | 'height'>): Rows {
  const room = Math.max(leastSpacing, height - headHeight - numbersHeight - (height < large ? 0 : quantityHeight));
  const fitting = Math.max(1, Math.floor(room / leastSpacing - (overlap - 1)));
  const step = Math.max(1, Math.ceil(layers / fitting));
  const count = Math.max(1, Math.ceil(layers / step));
  const spacing = Math.min(mostSpacing, room / (count - 1 + overlap));
  const first = top + headHeight + spacing * overlap;
  return {
    shown: Array.from({ length: Math.ceil(layers / step) }, (_, at) => at * step), spacing,
    baseline: (layer) => first + (layer / step) * spacing,
  };
}

/** The layer whose row is nearest to a height in pixels. */
export function layerAt(y: number, layers: number, area: Pick<Area, 'top' | 'height'>): number | null {
  if (layers === 0) return null;
  const { baseline } = rowsOf(layers, area);
  const perLayer = layers > 1 ? baseline(1) - baseline(0) : 1;
  // A ridge stands over its baseline.
  return Math.max(0, Math.min(layers - 1, Math.round((y - baseline(0)) / perLayer + 0.35)));
}

/** Markup of an SVG. */
export function drawRidges(content: RidgeContent, area: Area, palette: Palette): string {
  const { layers, columns, scale, hiddenBy, quantity } = content;
  const rows = rowsOf(layers.length, area);
  const labels = distinctNames(layers);
  const labelWidth = labelRoom(labels, area.width);
  const width = (area.width - labelWidth - columnGap * (columns.length - 1)) / Math.max(1, columns.length);
  const reach = scale === 'own' ? seenDeviations : reachOf(columns.flatMap(({ ridges, earlier }) => [...ridges, ...earlier]));
  const bottom = rows.baseline(rows.shown.at(-1) ?? 0);
  const names = rows.shown.filter((_, at) => at % Math.ceil(13 / rows.spacing) === 0).map((layer) => (
    text(cut(labels[layer] ?? '', labelWidth), {
      'x': area.left + labelWidth - 8, 'y': pixel(rows.baseline(layer) - aboveLine), 'fill': palette.muted, 'text-anchor': 'end', 'font-size': 11,
    })));
  const [middle, room] = [area.left + (labelWidth + area.width) / 2, area.width - labelWidth];
  // Once below all columns, which are of one quantity.
  const title = area.height < large ? [] : [
    text(cut(quantity, room), { 'x': pixel(middle), 'y': pixel(bottom + 30), 'fill': palette.muted, 'text-anchor': 'middle', 'font-size': 11 }),
  ];
  return [
    ...labelWidth > 0 ? names : [], ...title,
    ...columns.map((column, at) => {
      const left = area.left + labelWidth + at * (width + columnGap);
      const x = (value: number): number => left + width / 2 + Math.max(-1.001, Math.min(1.001, value / reach)) * (width / 2);
      const parts = [
        text(headOf(column.title, width), { 'x': left + width / 2, 'y': area.top + 12, 'fill': palette.foreground, 'text-anchor': 'middle', 'font-size': 12 }),
        tag('line', { x1: pixel(x(0)), x2: pixel(x(0)), y1: area.top + headHeight, y2: pixel(bottom), stroke: palette.grid, 'stroke-dasharray': '1 3' }),
        ...rows.shown.map((layer) => drawRow(column, layer, { x, left, width, rows, scale, palette, hidden: hiddenBy.get(layers[layer] ?? '') })),
        ...axis(scale, { width, bottom, reach, x }, palette),
      ];
      return tag('g', { 'data-scheme': column.scheme }, parts.join(''));
    }),
  ].join('\n');
}

interface Place {
  readonly x: (value: number) => number;
  readonly left: number;
  readonly width: number;
  readonly rows: Rows;
  readonly scale: RidgeScale;
  readonly palette: Palette;
  readonly hidden: string | undefined;
}

function drawRow({ scheme, ridges, earlier }: RidgeColumn, layer: number, { x, left, width, rows, scale, palette, hidden }: Place): string {
  const { colour } = lineStyle(scheme, palette);
  const base = rows.baseline(layer);
  const height = rows.spacing * overlap;
  const y = pixel(base);
  const line = tag('line', { 'x1': pixel(left), 'x2': pixel(left + width), 'y1': y, 'y2': y, 'stroke': palette.grid, 'stroke-opacity': 0.6 });
  const way = (ridge: Ridge): string => (scale === 'own' ? inDeviations(ridge) : ridge.outline)
    .map(([value, share]) => `${pixel(x(value))} ${pixel(base - share * height)}`).join('L');
  const before = earlier[layer];
  const behind = before ? tag('path', {
    'd': `M${way(before)}`, 'fill': 'none', 'stroke': colour, 'stroke-opacity': 0.7, 'stroke-dasharray': '3 3', 'stroke-linejoin': 'round',
  }) : '';
  const ridge = ridges[layer];
  if (!ridge) {
    const said = hidden ?? (ridge === null && ridges.some((each) => each !== null) ? '–' : '');
    return line + behind + text(said, { 'x': pixel(left + width / 2), 'y': pixel(base - 2), 'fill': palette.muted, 'text-anchor': 'middle', 'font-size': 10 });
  }
  const d = `M${way(ridge)}`;
  const { moments: { variance, mean } } = ridge;
  const isNeedle = variance === 0;
  return line + tag('path', { 'd': `${d}Z`, 'fill': palette.background, 'fill-opacity': 0.75 })
    + tag('path', { 'd': `${d}Z`, 'fill': colour, 'fill-opacity': 0.28, 'data-layer': layer, 'data-variance': variance ?? undefined })
    + behind + tag('path', { d, 'fill': 'none', 'stroke': colour, 'stroke-width': isNeedle ? 2 : 1.2, 'stroke-linejoin': 'round' })
    + (isNeedle ? text(say('all {0}', significant(mean)), {
      'x': pixel(Math.min(left + width - 30, x(mean ?? 0) + 4)), 'y': pixel(base - 3), 'fill': palette.muted, 'font-size': 10,
    }) : '');
}

interface Axis {
  readonly width: number;
  readonly bottom: number;
  readonly reach: number;
  readonly x: (value: number) => number;
}

function axis(scale: RidgeScale, { width, bottom, reach, x }: Axis, palette: Palette): readonly string[] {
  const unit = (value: number): string => (scale === 'own' && value !== 0 ? `${value}σ` : trimmed(value).replace('e+', 'e'));
  const round = endMark(scale === 'own' ? [3] : [0.9, 0.7, 0.5, 0.35].map((share) => roundBelow(reach * share)), reach, width, unit);
  const said = { 'fill': palette.muted, 'text-anchor': 'middle', 'font-size': 11 };
  return (round === null ? [0] : [-round, 0, round]).map((value) => text(unit(value), { x: pixel(x(value)), y: pixel(bottom + 15), ...said }));
}

/** The first whose label ends within the column and leaves room for that of zero; null where none does. */
function endMark(values: readonly number[], reach: number, width: number, unit: (value: number) => string): number | null {
  return values.find((value) => {
    const [at, half] = [value / reach * width / 2, unit(-value).length * perCharacter / 2];
    return at + half <= width / 2 && at - half >= perCharacter;
  }) ?? null;
}

/** Names take a quarter at most; where that is too little, the cursor says them. */
function labelRoom(labels: readonly string[], width: number): number {
  const wanted = labels.reduce((most, label) => Math.max(most, label.length), 0) * perCharacter + 12;
  const most = width / 4;
  return most < 40 ? 0 : Math.min(wanted, most);
}

function cut(said: string, width: number): string {
  const most = Math.max(1, Math.floor((width - 8) / perCharacter));
  return said.length <= most ? said : `…${said.slice(said.length - most + 1)}`;
}

/** Of a title, whose beginning tells it apart. */
function headOf(title: string, width: number): string {
  const most = Math.max(1, Math.floor(width / perTitleCharacter));
  return title.length <= most ? title : `${title.slice(0, most - 1)}…`;
}
