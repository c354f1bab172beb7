// How a text is laid out, so that what is put into it looks as if whoever wrote the rest had written it.

import type { JsonDocument } from './scan';
import type { JsonObject, JsonValue, Span } from './value';

/** Longer values are looked at up to there. */
const longest = 1 << 16;

const textIn = ({ source }: JsonDocument, { start, end }: Span): string => (
  Buffer.from(source.read(start, Math.min(end - start, longest))).toString('utf8'));

/** JSON on one line, or on as many as the value that it takes the place of, indented as that was. `isWide`: with spaces inside of braces. */
export function laidOut(document: JsonDocument, known: Span | undefined, value: unknown, isWide = false): string {
  const before = known ? textIn(document, known) : '';
  const lines = before.split('\n');
  if (lines.length < 2) return onOneLine(value, isWide);
  const [inner = '', outer = ''] = [lines[1], lines.at(-1)].map((line) => /^[ \t]*/.exec(line ?? '')?.[0] ?? '');
  const step = inner.slice(outer.length) || '  ';
  const newline = before.includes('\r\n') ? '\r\n' : '\n';
  return JSON.stringify(value, null, step).split('\n').join(`${newline}${outer}`);
}

function onOneLine(value: unknown, isWide: boolean): string {
  const text = JSON.stringify(value, null, 1).replace(/\n\s*/g, ' ').replace(/(\[) | (\])/g, '$1$2');
  return isWide ? text : text.replace(/(\{) | (\})/g, '$1$2');
}

/** Whether an object has spaces inside of its braces. */
export function isWide(document: JsonDocument, { start }: Pick<JsonValue, 'start'>): boolean {
  return /^\{\s/.test(textIn(document, { start, end: start + 2 }));
}

/** What stands before the last key of an object: a line break and its indentation, or a space. */
export function spaceIn(document: JsonDocument, object: JsonObject): string {
  const last = [...object.entries.values()].at(-1);
  const before = last ? textIn(document, { start: Math.max(object.start, last.key.start - longestIndentation), end: last.key.start }) : '';
  return /[,{]([\r\n][\r\n \t]*)$/.exec(before)?.[1] ?? ' ';
}

const longestIndentation = 1 << 10;
