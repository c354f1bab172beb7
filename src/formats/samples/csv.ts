// A table in a CSV file: a sample per row, features in columns, and a column of labels or of targets.

import { readFileSync } from 'node:fs';

import { parse } from 'csv-parse/sync';

import { Failure } from '../../protocol/failure';
import { openFile, reasonOf } from '../files/byteSource';
import { freeMemory } from '../files/freeMemory';

export interface Table {
  /** [rows, columns], without the one below. */
  readonly features: Float32Array;
  readonly rows: number;
  readonly columns: number;
  /** The target of each row: its class by number, where there are names or whole numbers from 0 up. */
  readonly target: Float32Array;
  /** Names of the classes in the order of their numbers; null where the file has numbers. */
  readonly names: readonly string[] | null;
  readonly targetColumn: string;
}

/** Headings under which tables have what is to be learned; where none is there, the last column is it. */
const targetHeadings = new Set(['label', 'labels', 'target', 'targets', 'class', 'y', 'species', 'category', 'output']);
/** Bytes of memory per byte of text: texts of cells are there beside their numbers. */
const growth = 12;

export function readCsv(path: string): Table {
  const rows = readRows(path);
  const [first = []] = rows;
  const isHeaded = first.some((cell) => !isNumber(cell)) && rows.length > 1 && (rows[1] ?? []).some(isNumber);
  const headings = isHeaded ? first : first.map((_, i) => `column ${i + 1}`);
  const body = isHeaded ? rows.slice(1) : rows;
  if (body.length === 0 || headings.length < 2) {
    throw new Failure('invalid-input', `${path} has ${body.length} rows of ${headings.length} columns; give features in columns, and the label in the last.`);
  }
  const named = headings.findIndex((heading) => targetHeadings.has(heading.trim().toLowerCase()));
  const at = named < 0 ? headings.length - 1 : named;
  const columns = headings.length - 1;
  const features = new Float32Array(body.length * columns);
  body.forEach((row, i) => {
    const line = i + (isHeaded ? 2 : 1);
    if (row.length !== headings.length) {
      throw new Failure('invalid-input', `${path}, line ${line}: ${row.length} cells are there, and ${headings.length} in the lines before.`);
    }
    row.filter((_, column) => column !== at).forEach((cell, k) => {
      features[i * columns + k] = readNumber(path, line, headings[k < at ? k : k + 1] ?? '', cell);
    });
  });
  const cells = body.map((row) => (row[at] ?? '').trim());
  const areNumbers = cells.every(isNumber);
  const names = areNumbers ? null : [...new Set(cells)].sort();
  const target = Float32Array.from(cells, (cell) => (names ? names.indexOf(cell) : Number(cell)));
  return { features, rows: body.length, columns, target, names, targetColumn: headings[at] ?? '' };
}

function readRows(path: string): readonly (readonly string[])[] {
  const source = openFile(path);
  const { size } = source;
  source.close();
  if (size * growth > freeMemory()) {
    throw new Failure('out-of-memory', `${path} has ${(size / 1e6).toFixed(0)} MB, more than memory is free for. Give fewer rows.`);
  }
  try {
    return parse(readFileSync(path), { bom: true, relax_column_count: true, skip_empty_lines: true, trim: true });
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
