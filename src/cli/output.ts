import { plainText } from '../protocol/plainText';

export { toJson } from '../core/report/exports';

/** Of a cell, in characters: more of a name than that pushes the others out of sight. */
const widest = 120;
const longestLine = 2000;

/** What may hold names of a model, as one line. */
export const line = (text: string): string => plainText(text, longestLine);

/** Three significant digits. */
export function short(value: number | null): string {
  if (value === null) return '–';
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  return magnitude >= 1e-3 && magnitude < 1e5 ? String(Number(value.toPrecision(3))) : value.toExponential(2);
}

/** "all 1" of numbers that do not vary, whose σ of 0 says nothing of them. */
export function spread(std: number | null, value: number | null): string {
  return std === 0 && value !== null ? `all ${Number(value.toPrecision(3))}` : short(std);
}

/** Rows as columns of equal width, numbers to the right; the first row is the header. `paint` colours a cell that has its width. */
export function table(rows: readonly (readonly string[])[], paint: (text: string, row: number, column: number) => string = (text) => text): string {
  const plain = rows.map((row) => row.map((cell) => plainText(cell, widest)));
  const widths = (plain[0] ?? []).map((_, column) => plain.reduce((most, row) => Math.max(most, (row[column] ?? '').length), 0));
  const numeric = widths.map((_, column) => plain.slice(1).every((row) => /^(all )?[-–−\d.e+×]*(Infinity|NaN)?$/.test(row[column] ?? '')));
  const pad = (cell: string, column: number): string => (numeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0));
  return plain.map((row, at) => row.map((cell, column) => paint(pad(cell, column), at, column)).join('  ').trimEnd()).join('\n');
}
