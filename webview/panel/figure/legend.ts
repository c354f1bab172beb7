// What tells the lines of a figure apart, in as many rows as it takes.

import type { Palette } from '../../ui/theme';
import type { Series } from '../series';
import type { ChartContent } from '../varianceChart';
import { markerAt, stroke } from './lines';
import { tag, text } from './xml';

/** Pixels of a character of 12 pixels, about: text cannot be measured here. */
const perCharacter = 6.6;

type Titled = Pick<ChartContent, 'series' | 'titleOf'>;

export interface LegendEntry {
  readonly series: Series;
  readonly x: number;
}

/** As many beside each other as there is room for. Theory has the colour of what is measured, and the caption says how it is drawn. */
export function legendRows({ series, titleOf }: Titled, left: number, room: number): readonly (readonly LegendEntry[])[] {
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

export function legendEntry({ titleOf }: Titled, { series, x }: LegendEntry, y: number, palette: Palette): string {
  return tag('g', {}, tag('line', { x1: x, x2: x + 22, y1: y, y2: y, ...stroke(series, palette) })
    + (series.kind === 'measured' ? markerAt(series, x + 11, y, palette) : '')
    + text(titleOf(series), { x: x + 28, y: y + 4, fill: palette.foreground }));
}
