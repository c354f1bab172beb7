// Where something is in a text, for people: its line and column, and a failure that names them.

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { byte } from './value';

const chunkBytes = 1 << 18;
/** A text may begin with one (U+FEFF in UTF-8), which no editor shows. */
export const byteOrderMark = [0xef, 0xbb, 0xbf] as const;

/** From 1, columns in UTF-16 units, as editors count. */
export function lineAndColumn(source: ByteSource, position: number): { readonly line: number; readonly column: number } {
  let [line, column, before] = [1, 1, 0];
  for (let from = startOf(source); from < position; from += chunkBytes) {
    const bytes = source.read(from, Math.min(chunkBytes, position - from));
    for (let i = 0; i < bytes.length; i++) {
      const code = bytes[i] ?? 0;
      if (code === byte.carriageReturn || (code === byte.lineFeed && before !== byte.carriageReturn)) line++;
      if (code === byte.carriageReturn || code === byte.lineFeed) column = 1;
      // Bytes that continue a character count nothing, and what takes four of them is a pair of surrogates (RFC 3629, section 3).
      else column += code >= 0xf0 ? 2 : code >= 0xc0 || code < 0x80 ? 1 : 0;
      before = code;
    }
  }
  return { line, column };
}

/** Where the text itself begins. */
export function startOf(source: ByteSource): number {
  const head = source.read(0, byteOrderMark.length);
  return byteOrderMark.every((each, i) => head[i] === each) ? byteOrderMark.length : 0;
}

export function placeOf(source: ByteSource, position: number): string {
  const { line, column } = lineAndColumn(source, position);
  return say('line {0}, column {1}', line, column);
}

/** `problem` says what was found and what was expected, `remedy` what to do, as a sentence. */
export function syntaxError(source: ByteSource, position: number, problem: string, remedy = say('Export it again, or copy it anew.')): Failure {
  return new Failure('broken-file', say('{0} is not valid JSON: {1} has {2}. {3}', source.name, placeOf(source, position), problem, remedy));
}

/** What stands there, as messages name it. */
export function foundAt(source: ByteSource, position: number): string {
  const bytes = source.read(position, 4);
  const [first] = bytes;
  if (first === undefined) return say('the end of the file');
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  const text = Buffer.from(bytes.subarray(0, length)).toString('utf8');
  const isShown = first > byte.space && first !== 0x7f && !text.includes('\ufffd');
  return isShown ? `"${text}"` : say('the byte {0}', `0x${first.toString(16).padStart(2, '0').toUpperCase()}`);
}
