// What is drawn as numbers: a table for spreadsheets, and everything for programs. All digits are there.

import type { ChartContent } from '../varianceChart';
import type { FigureWords } from './frame';

/** RFC 4180: a row for each layer, three columns for each line. */
export function toCsv({ layers, series, titleOf }: ChartContent): string {
  const head = ['number', 'layer', ...series.flatMap((each) => ['median', 'low', 'high'].map((part) => `${titleOf(each)} ${part}`))];
  const rows = layers.map((layer, at) => [
    String(at), layer, ...series.flatMap(({ points }) => {
      const point = points[at];
      return point ? [point.median, point.low, point.high].map(String) : ['', '', ''];
    }),
  ]);
  return csvOf([head, ...rows]);
}

export const csvOf = (rows: readonly (readonly string[])[]): string => rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('');

/** What a spreadsheet would take for a formula gets a quote in front. */
function cell(value: string): string {
  const isNumber = value !== '' && !Number.isNaN(Number(value));
  const safe = !isNumber && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function toJson(content: ChartContent, { title, caption }: FigureWords): string {
  const { layers, quantity } = content;
  return jsonOf({ title, caption, quantity, layers, series: linesOf(content) });
}

/** The lines of a chart, each with its points by layer. */
export const linesOf = ({ layers, series, titleOf }: ChartContent): readonly object[] => series.map((each) => ({
  scheme: each.scheme, kind: each.kind, title: titleOf(each), seeds: each.seeds,
  points: layers.map((layer, at) => ({ layer, ...(each.points[at] ?? { median: null, low: null, high: null }) })),
}));

/** NaN and infinities, which JSON does not have, are strings. */
export const jsonOf = (all: unknown): string => (
  `${JSON.stringify(all, (_, value: unknown) => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value), 2)}\n`);
