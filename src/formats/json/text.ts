// Strings of a JSON text: where they end, and what they say if they are short.

import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { foundAt, syntaxError } from './position';
import type { Span } from './value';
import { byte } from './value';
import type { ByteWindow } from './window';
import { latin1 } from './window';

/** Longer ones hold payloads, and stay where they are. */
export const longestText = 1 << 16;
/** Of the strings that are keys or names most are shorter, and plain. */
const shortest = 256;

/** Takes a string, quotes included; null where it is long. */
export function takeString(window: ByteWindow): string | null {
  const { source } = window;
  const start = window.position;
  window.fill(shortest);
  const { bytes, at } = window;
  const plain = endOfPlain(bytes, at + 1);
  if (bytes[plain] === byte.quote) {
    window.at = plain + 1;
    return plain - at > longestText ? null : latin1(bytes, at + 1, plain);
  }
  window.at = plain;
  skipString(window, start);
  const length = window.position - start;
  return length > longestText ? null : decode(source, start, length);
}

/** The position of the first byte that is not simply a character. */
function endOfPlain(bytes: Uint8Array, from: number): number {
  let at = from;
  for (; at < bytes.length; at++) {
    const code = bytes[at] ?? 0;
    if (code === byte.quote || code === byte.backslash || code < byte.space || code >= 0x80) break;
  }
  return at;
}

/** Goes on to behind the quote that ends the string. */
function skipString(window: ByteWindow, start: number): void {
  const { source } = window;
  for (;;) {
    const code = window.peek();
    if (code === byte.quote) break;
    if (code < 0) throw syntaxError(source, start, say('a text that never ends: the file stops within it'));
    if (code < byte.space) {
      throw syntaxError(source, window.position, say('{0} inside of a text, where JSON needs it escaped', foundAt(source, window.position)));
    }
    window.at++;
    if (code === byte.backslash) skipEscape(window);
    else window.at = endOfPlain(window.bytes, window.at);
  }
  window.at++;
}

const escapes = new Set(Array.from('"\\/bfnrt', (each) => each.charCodeAt(0)));
const isHexadecimal = (code: number): boolean => (
  (code >= byte.zero && code <= byte.nine) || ((code | byte.space) >= 0x61 && (code | byte.space) <= byte.lowerF));

/** What is behind a backslash (RFC 8259, section 7). */
function skipEscape(window: ByteWindow): void {
  const { source } = window;
  const code = window.peek();
  if (code !== byte.lowerU && !escapes.has(code)) {
    throw syntaxError(source, window.position, say('{0} behind a backslash, where JSON has one of "\\/bfnrtu', foundAt(source, window.position)));
  }
  window.at++;
  for (let i = 0; code === byte.lowerU && i < 4; i++, window.at++) {
    if (isHexadecimal(window.peek())) continue;
    throw syntaxError(source, window.position, say('{0} where a hexadecimal digit was expected', foundAt(source, window.position)));
  }
}

/** What a string says that was found, however long it is. */
export function readText(source: ByteSource, { start, end }: Span): string {
  return decode(source, start, end - start);
}

function decode(source: ByteSource, start: number, length: number): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(source.read(start, length));
  } catch {
    throw syntaxError(source, start, say('a text that is not UTF-8'), say('Save the file as UTF-8.'));
  }
  return text.includes('\\') ? String(JSON.parse(text)) : text.slice(1, -1);
}
