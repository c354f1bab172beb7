// A table in a CSV file: a sample per row, features in columns, and a column of labels or of targets where there is one more.

import { readFileSync } from 'node:fs';

import { parse } from 'csv-parse/sync';

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
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
  /** Of each row: its class by number, where there are names; the number that is there otherwise; NaN of what is missing. */
  readonly values: Float32Array;
  /** Names of the classes in the order of their numbers; null where the file has numbers. */
  readonly names: readonly string[] | null;
}

interface Row {
  /** Trimmed. */
  readonly cells: readonly string[];
  readonly line: number;
}

/** Headings under which tables have what is to be learned; where none is there, the last column is it. */
const targetHeadings = new Set(['label', 'labels', 'target', 'targets', 'class', 'y', 'species', 'category', 'output']);
/** Bytes of memory per byte of text: texts of cells are there beside their numbers. */
const growth = 12;

/** Of so many features; headings may be there or not. */
export function readCsv(path: string, width: number): Table {
  const rows = readRows(path);
  const isHeaded = hasHeadings(rows);
  const first = rows[0]?.cells ?? [];
  const headings = isHeaded ? first : first.map((_, i) => say('column {0}', i + 1));
  const body = isHeaded ? rows.slice(1) : rows;
  if (isHeaded && body.length === 0) throw new Failure('invalid-input', say('{0} has headings and no rows below them. Give a row for each sample.', path));
  if (body.length === 0 || (headings.length !== width && headings.length !== width + 1)) {
    const found = body.length === 1 ? say('{0} has 1 row of {1} columns', path, headings.length)
      : say('{0} has {2} rows of {1} columns', path, headings.length, body.length);
    throw new Failure('invalid-input', say('{0}; {1} are expected for the input, and one more for a label, the last or called "label".', found, width));
  }
  const named = headings.findIndex(isTargetHeading);
  const at = headings.length === width ? -1 : named < 0 ? headings.length - 1 : named;
  const features = new Float32Array(body.length * width);
  body.forEach(({ cells, line }, i) => {
    if (cells.length !== headings.length) {
      throw new Failure('invalid-input',
        say('{0}, line {1}: {2} cells are there, and {3} in the lines before.', path, line, cells.length, headings.length));
    }
    cells.filter((_, column) => column !== at).forEach((cell, k) => {
      features[i * width + k] = readNumber(path, line, headings[at < 0 || k < at ? k : k + 1] ?? '', cell);
    });
  });
  return { features, rows: body.length, target: at < 0 ? null : targetOf(headings[at] ?? '', body.map(({ cells }) => cells[at] ?? '')) };
}

/** Of the first row as headings: names above numbers in most columns, or one that says where the label is; classes by name alone make no headings. */
function hasHeadings([first, second]: readonly Row[]): boolean {
  if (!first) return false;
  if (first.cells.some(isTargetHeading)) return true;
  const names = first.cells.filter(isName).length;
  if (2 * names < first.cells.length) return false;
  return second ? first.cells.some((cell, i) => isName(cell) && isNumber(second.cells[i] ?? '')) : names === first.cells.length;
}

function targetOf(column: string, cells: readonly string[]): Target {
  const known = cells.filter((cell) => !isMissing(cell));
  const names = known.every(isNumber) ? null : [...new Set(known)].sort();
  return { column, names, values: Float32Array.from(cells, (cell) => (isMissing(cell) ? NaN : names ? names.indexOf(cell) : Number(cell))) };
}

function readRows(path: string): readonly Row[] {
  const source = openFile(path);
  const { size } = source;
  source.close();
  if (size * growth > freeMemory()) {
    throw new Failure('out-of-memory', say('{0} has {1} MB, more than memory is free for. Give fewer rows.', path, (size / 1e6).toFixed(0)));
  }
  const bytes = readFileSync(path);
  try {
    const lines: number[] = [];
    const records = parse(bytes, {
      bom: true, delimiter: separatorOf(bytes), relax_column_count: true, skip_empty_lines: true, trim: true,
      on_record(record: string[], { lines: line }) {
        lines.push(line);
        return record;
      },
    });
    return records.map((cells, i) => ({ cells, line: lines[i] ?? 0 }));
  } catch (error) {
    throw new Failure('invalid-input', say('{0} cannot be read as CSV: {1}.', path, reasonOf(error)));
  }
}

/** The one that the first line has most of: where semicolons separate cells, commas may be in numbers. */
function separatorOf(bytes: Buffer): string {
  const text = bytes.toString('latin1', 0, 1 << 16).trimStart();
  const end = text.search(/[\r\n]/);
  const count = (separator: string): number => text.slice(0, end < 0 ? undefined : end).split(separator).length;
  return [',', ';', '\t'].reduce((most, each) => (count(each) > count(most) ? each : most));
}

const isNumber = (cell: string): boolean => cell !== '' && !Number.isNaN(Number(cell));
/** As tables say that a value is not there. */
const isMissing = (cell: string): boolean => /^(|nan|na|n\/a|null|none|\?)$/i.test(cell);
const isName = (cell: string): boolean => !isNumber(cell) && !isMissing(cell);
const isTargetHeading = (heading: string): boolean => targetHeadings.has(heading.toLowerCase());

function readNumber(path: string, line: number, heading: string, cell: string): number {
  const value = Number(cell);
  if (cell !== '' && Number.isFinite(value)) return value;
  const found = cell === '' ? say('nothing') : `"${cell.slice(0, 40)}"`;
  const help = /^[-+]?\d+,\d+(e[-+]?\d+)?$/i.test(cell) ? say('Write it with a point.') : say('Fill it in, or leave the row out.');
  throw new Failure('invalid-input', say('{0}, line {1}: {2} is {3}, and a number is needed. {4}', path, line, heading, found, help));
}
