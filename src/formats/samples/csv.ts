// A table in a CSV file: a sample per row, features in columns, and a column of labels or of targets where there is one more.

import { readFileSync } from 'node:fs';

import { parse } from 'csv-parse/sync';

import { Failure } from '../../protocol/failure';
import { openFile, reasonOf } from '../files/byteSource';
import { freeMemory } from '../files/freeMemory';

export interface Table {
  /** [rows, features] */
  readonly features: Float32Array;
  readonly rows: number;
  /** Null where the columns are as many as the features. */
  readonly target: Target | null;
}

export interface Target {
  readonly column: string;
  /** Of each row: its class by number, where there are names; the number that is there otherwise. */
  readonly values: Float32Array;
  /** Names of the classes in the order of their numbers; null where the file has numbers. */
  readonly names: readonly string[] | null;
}

/** Headings under which tables have what is to be learned; where none is there, the last column is it. */
const targetHeadings = new Set(['label', 'labels', 'target', 'targets', 'class', 'y', 'species', 'category', 'output']);
/** Bytes of memory per byte of text: texts of cells are there beside their numbers. */
const growth = 12;

/** Of so many features; headings may be there or not. */
export function readCsv(path: string, width: number): Table {
  const rows = readRows(path);
  const [first = []] = rows;
  const isHeaded = first.some((cell) => !isNumber(cell)) && rows.length > 1 && (rows[1] ?? []).some(isNumber);
  const headings = isHeaded ? first : first.map((_, i) => `column ${i + 1}`);
  const body = isHeaded ? rows.slice(1) : rows;
  if (body.length === 0 || (headings.length !== width && headings.length !== width + 1)) {
    const found = `${path} has ${body.length} rows of ${headings.length} columns`;
    throw new Failure('invalid-input', `${found}; ${width} are expected for the input, and one more for a label, the last or called "label".`);
  }
  const named = headings.findIndex((heading) => targetHeadings.has(heading.trim().toLowerCase()));
  const at = headings.length === width ? -1 : named < 0 ? headings.length - 1 : named;
  const features = new Float32Array(body.length * width);
  body.forEach((row, i) => {
    const line = i + (isHeaded ? 2 : 1);
    if (row.length !== headings.length) {
      throw new Failure('invalid-input', `${path}, line ${line}: ${row.length} cells are there, and ${headings.length} in the lines before.`);
    }
    row.filter((_, column) => column !== at).forEach((cell, k) => {
      features[i * width + k] = readNumber(path, line, headings[at < 0 || k < at ? k : k + 1] ?? '', cell);
    });
  });
  return { features, rows: body.length, target: at < 0 ? null : targetOf(headings[at] ?? '', body.map((row) => (row[at] ?? '').trim())) };
}

function targetOf(column: string, cells: readonly string[]): Target {
  const names = cells.every(isNumber) ? null : [...new Set(cells)].sort();
  return { column, names, values: Float32Array.from(cells, (cell) => (names ? names.indexOf(cell) : Number(cell))) };
}

function readRows(path: string): readonly (readonly string[])[] {
  const source = openFile(path);
  const { size } = source;
  source.close();
  if (size * growth > freeMemory()) {
    throw new Failure('out-of-memory', `${path} has ${(size / 1e6).toFixed(0)} MB, more than memory is free for. Give fewer rows.`);
  }
  try {
    return parse(readFileSync(path), { bom: true, delimiter: [',', ';', '\t'], relax_column_count: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    throw new Failure('invalid-input', `${path} cannot be read as CSV: ${reasonOf(error)}.`);
  }
}

const isNumber = (cell: string): boolean => cell.trim() !== '' && !Number.isNaN(Number(cell));

function readNumber(path: string, line: number, heading: string, cell: string): number {
  const value = Number(cell);
  if (cell.trim() !== '' && Number.isFinite(value)) return value;
  const found = cell.trim() === '' ? 'nothing' : `"${cell.slice(0, 40)}"`;
  throw new Failure('invalid-input', `${path}, line ${line}: ${heading} is ${found}, and a number is needed. Fill it in, or leave the row out.`);
}
