// The numbers of a text one after the other, whatever brackets, commas, quotes, keys and spaces stand between them.

import type { ByteSource } from '../files/byteSource';
import type { JsonNumbers, Span } from './value';
import { byte } from './value';

const windowBytes = 1 << 18;

/** What is behind the last token of `bytes`, or before the first, is not part of one. */
export interface TokenWindow {
  /** Position of the first of the bytes. */
  readonly position: number;
  readonly bytes: Uint8Array;
  /** Where in `bytes` the tokens begin and end: [starts[i], ends[i]) for i below `count`. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly count: number;
}

const isBetween = Uint8Array.from({ length: 256 }, (_, code) => (' \t\r\n,[]{}:"'.includes(String.fromCharCode(code)) ? 1 : 0));

/**
 * The bytes of a text of numbers, a bounded number at a time, with where the numbers are in them; each window is valid until the next. In an
 * object what is in quotes is a key, elsewhere it is a number.
 */
export function* numberTokens(source: ByteSource, offset: number, length: number): Generator<TokenWindow> {
  const room = new Uint8Array(windowBytes);
  const starts = new Uint32Array(windowBytes / 2);
  const ends = new Uint32Array(windowBytes / 2);
  const hasKeys = source.read(offset, 1)[0] === byte.openBrace;
  let [isKey, isEscaped] = [false, false];
  for (let at = 0; at < length;) {
    const bytes = source.read(offset + at, Math.min(windowBytes, length - at), room);
    if (bytes.length === 0) return;
    let [count, i] = [0, 0];
    while (i < bytes.length) {
      const code = bytes[i] ?? 0;
      if (isKey) {
        isKey = isEscaped || code !== byte.quote;
        isEscaped = !isEscaped && code === byte.backslash;
        i++;
        continue;
      }
      if (isBetween[code] === 1) {
        isKey = hasKeys && code === byte.quote;
        i++;
        continue;
      }
      const start = i;
      while (i < bytes.length && isBetween[bytes[i] ?? 0] === 0) i++;
      // The rest of a number may be behind the window.
      if (i === bytes.length && at + i < length && start > 0) {
        i = start;
        break;
      }
      starts[count] = start;
      ends[count++] = i;
    }
    yield { position: offset + at, bytes: bytes.subarray(0, i), starts, ends, count };
    at += i;
  }
}

/** Where consecutive pieces of a list of numbers are, each of so many: from its first number to its last. Fewer where it holds fewer. */
export function cutNumbers(source: ByteSource, { start, end }: JsonNumbers, counts: readonly number[]): readonly Span[] {
  const pieces: Span[] = [];
  let [first, taken] = [start, 0];
  const skipEmpty = (position: number): void => {
    while (counts[pieces.length] === 0) pieces.push({ start: position, end: position });
  };
  skipEmpty(start);
  for (const { position, starts, ends, count } of numberTokens(source, start, end - start)) {
    for (let i = 0; i < count && pieces.length < counts.length; i++) {
      if (taken++ === 0) first = position + (starts[i] ?? 0);
      if (taken !== counts[pieces.length]) continue;
      taken = 0;
      pieces.push({ start: first, end: position + (ends[i] ?? 0) });
      skipEmpty(position + (ends[i] ?? 0));
    }
  }
  return pieces;
}
