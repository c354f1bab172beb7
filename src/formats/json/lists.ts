// An array while it is scanned: as long as it holds nothing but numbers, or lists of them, only what they come to is kept.

import type { Tally } from './numberRun';
import type { JsonArray, JsonNumbers, JsonValue } from './value';

/** Lists of numbers in a list. */
interface Rows {
  count: number;
  /** Of every one of them so far; null where they differ. */
  shape: readonly number[] | null;
}

/** All its numbers are in the tally, until something else is found: then there are `items`. */
export interface List {
  readonly start: number;
  readonly tally: Tally;
  rows: Rows | null;
  items: JsonValue[] | null;
}

export const emptyList = (start: number): List => ({ start, tally: { count: 0, nulls: 0, specials: 0 }, rows: null, items: null });

/** Whether numbers may simply follow. */
export const isFlat = ({ rows, items }: List): boolean => !rows && !items;

/** Whether an array in that list is one of its rows. */
export function isRow({ rows, items, tally }: List, value: JsonValue): value is JsonNumbers | JsonArray {
  if (items || (!rows && tally.count > 0)) return false;
  return value.kind === 'numbers' || (value.kind === 'array' && value.items.length === 0);
}

export function addRow(list: List, value: JsonNumbers | JsonArray): void {
  const { count, shape, strange } = value.kind === 'numbers' ? value : { count: 0, shape: [0], strange: 0 };
  list.tally.count += count;
  list.tally.specials += strange;
  const { rows } = list;
  if (!rows) list.rows = { count: 1, shape };
  else {
    rows.count++;
    if (rows.shape?.join() !== shape?.join()) rows.shape = null;
  }
}

/** What it has come to; null where it is no list of numbers. */
export function asNumbers({ start, tally, rows, items }: List, end: number): JsonNumbers | null {
  if (items || tally.count === 0) return null;
  const shape = rows ? rows.shape && [rows.count, ...rows.shape] : [tally.count];
  return { kind: 'numbers', start, end, count: tally.count, shape, strange: tally.nulls + tally.specials };
}
