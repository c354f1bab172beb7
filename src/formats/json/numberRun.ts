// The fast path: numbers one after the other are checked and counted, and not read.

import { say } from '../../protocol/words';
import { foundAt, syntaxError } from './position';
import { byte } from './value';
import type { ByteWindow } from './window';
import { latin1 } from './window';

/** Longer numbers stand in no model, whatever wrote it. */
const longestNumber = 1024;
const margin = longestNumber + 2;

/** Numbers of a list so far. */
export interface Tally {
  count: number;
  /** Of those: written as null, which JSON.stringify makes of NaN and Infinity. */
  nulls: number;
  /** Of those: NaN, Infinity or −Infinity, as Python writes them. */
  specials: number;
}

export const isSpace = (code: number): boolean => code === byte.space || code === byte.lineFeed || code === byte.carriageReturn || code === byte.tab;
const isDigit = (code: number): boolean => code >= byte.zero && code <= byte.nine;
export const startsNumber = (code: number): boolean => isDigit(code) || code === byte.minus || code === byte.upperN || code === byte.upperI;

export function skipSpace(window: ByteWindow): number {
  let code = window.peek();
  while (isSpace(code)) {
    window.at++;
    code = window.peek();
  }
  return code;
}

/** Takes numbers (and nulls) with the commas between them as far as they go. Returns whether the last that was taken is a comma. */
export function takeNumbers(window: ByteWindow, tally: Tally): boolean {
  for (;;) {
    takeNumber(window, tally);
    let { at } = window;
    const { bytes } = window;
    // Nearly always there is a number in sight behind each comma.
    for (;;) {
      while (isSpace(bytes[at] ?? 0)) at++;
      if (bytes[at] !== byte.comma) break;
      let next = at + 1;
      while (isSpace(bytes[next] ?? 0)) next++;
      const end = bytes.length - next < margin ? -1 : endOfNumber(bytes, next);
      if (end < 0 || end - next > longestNumber) break;
      tally.count++;
      at = end;
    }
    window.at = at;
    if (skipSpace(window) !== byte.comma) return false;
    window.at++;
    const code = skipSpace(window);
    if (!startsNumber(code) && code !== byte.lowerN) return true;
  }
}

const words: readonly { readonly text: string; readonly value: number; readonly adds: 'nulls' | 'specials' }[] = [
  { text: 'NaN', value: NaN, adds: 'specials' }, { text: 'Infinity', value: Infinity, adds: 'specials' },
  { text: '-Infinity', value: -Infinity, adds: 'specials' }, { text: 'null', value: NaN, adds: 'nulls' },
];

function takeNumber(window: ByteWindow, tally: Tally): void {
  window.fill(margin);
  const { bytes, at } = window;
  const end = endOfNumber(bytes, at);
  const found = end < 0 ? wordAt(bytes, at) : null;
  tally.count++;
  if (found) tally[found.adds]++;
  window.at = found ? at + found.text.length : endOrFailure(window, end);
}

/** Takes one number, and says what it is. */
export function takeValue(window: ByteWindow): number {
  window.fill(margin);
  const { bytes, at } = window;
  const end = endOfNumber(bytes, at);
  const found = end < 0 ? wordAt(bytes, at) : null;
  window.at = found ? at + found.text.length : endOrFailure(window, end);
  return found ? found.value : Number(latin1(bytes, at, window.at));
}

function wordAt(bytes: Uint8Array, at: number): (typeof words)[number] | undefined {
  return words.find(({ text }) => latin1(bytes, at, at + text.length) === text);
}

function endOrFailure(window: ByteWindow, end: number): number {
  const { source, base, at, position } = window;
  if (end < 0) {
    const wrong = base - end - 1;
    throw syntaxError(source, wrong, say('{0} where {1} was expected', foundAt(source, wrong), wrong === position ? say('a value') : say('a digit')));
  }
  if (end - at > longestNumber) {
    throw syntaxError(source, position, say('a number of more than {0} characters, where a model has none of these', longestNumber));
  }
  return end;
}

/** Position after the number that begins there (RFC 8259, section 6); −1 − the position of what cannot stand in one. */
function endOfNumber(bytes: Uint8Array, start: number): number {
  let at = start;
  let code = bytes[at] ?? 0;
  if (code === byte.minus) code = bytes[++at] ?? 0;
  if (code === byte.zero) code = bytes[++at] ?? 0;
  else if (isDigit(code)) do code = bytes[++at] ?? 0; while (isDigit(code));
  else return -1 - at;
  if (code === byte.point) {
    code = bytes[++at] ?? 0;
    if (!isDigit(code)) return -1 - at;
    do code = bytes[++at] ?? 0; while (isDigit(code));
  }
  if (code === byte.lowerE || code === byte.upperE) {
    code = bytes[++at] ?? 0;
    if (code === byte.plus || code === byte.minus) code = bytes[++at] ?? 0;
    if (!isDigit(code)) return -1 - at;
    do code = bytes[++at] ?? 0; while (isDigit(code));
  }
  return at;
}
