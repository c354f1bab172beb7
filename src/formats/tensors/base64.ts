// Elements in base64 (RFC 4648, section 4) in a JSON text: strings of it, whatever quotes, commas, spaces and escapes are between its characters.

import type { TensorPlace } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';

/** Bytes of text read at a time. */
const windowBytes = 1 << 18;
/** Bytes that come out at a time: a whole number of elements of every width. */
const chunkBytes = 3 << 18;

const alphabet = Uint8Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', (each) => each.charCodeAt(0));
/** What a byte is: one of 64 digits, or one of these. */
const [between, escape, padding] = [64, 65, 66];
const kinds = new Uint8Array(256).fill(between);
for (const [digit, code] of alphabet.entries()) kinds[code] = digit;
// Section 5 has two other characters, which some decoders take as well.
for (const [character, kind] of [['-', 62], ['_', 63], ['\\', escape], ['=', padding]] as const) kinds[character.charCodeAt(0)] = kind;
const [solidus, unicode] = ['/', 'u'].map((each) => each.charCodeAt(0));
/** The four digits behind "\u". */
const unicodeDigits = 4;

/** Within an escape that is not over. */
const waiting = -1;

/** Takes a text byte by byte, and tells which digit ends with it. */
class Digits {
  readonly #source: ByteSource;
  readonly #offset: number;
  /** Bytes of an escape. */
  held: number[] = [];
  #isPadded = false;

  constructor(source: ByteSource, { offset }: TensorPlace) {
    this.#source = source;
    this.#offset = offset;
  }

  take(code: number): number {
    const digit = this.held.length > 0 || kinds[code] === escape ? this.#escaped(code) : kinds[code] ?? between;
    if (digit === padding) this.#isPadded = true;
    else if (digit >= 0 && digit < between && this.#isPadded) {
      throw new Failure('broken-file', say('{0} goes on behind the padding of base64 from byte {1} on. Export it again.', this.#source.name, this.#offset));
    }
    return digit;
  }

  #escaped(code: number): number {
    this.held.push(code);
    if (this.held.length === 1 || (this.held[1] === unicode && this.held.length < 2 + unicodeDigits)) return waiting;
    if (this.held[1] !== unicode) return code === solidus ? kinds[solidus] ?? between : between;
    return kinds[parseInt(String.fromCharCode(...this.held.slice(2)), 16)] ?? between;
  }
}

function* textOf(source: ByteSource, { offset, length }: TensorPlace): Generator<Uint8Array> {
  const room = new Uint8Array(windowBytes);
  for (let at = 0; at < length; at += windowBytes) yield source.read(offset + at, Math.min(windowBytes, length - at), room);
}

/** The bytes that a text stands for, a bounded number at a time. */
export function* base64Bytes(source: ByteSource, place: TensorPlace): Generator<Uint8Array> {
  const digits = new Digits(source, place);
  let chunk = new Uint8Array(Math.min(chunkBytes, place.length));
  let [filled, bits, count] = [0, 0, 0];
  for (const text of textOf(source, place)) {
    for (let i = 0; i < text.length; i++) {
      const digit = digits.take(text[i] ?? 0);
      if (digit !== waiting && digits.held.length > 0) digits.held = [];
      if (digit < 0 || digit >= between) continue;
      bits = (bits << 6) | digit;
      count += 6;
      if (count < 8) continue;
      count -= 8;
      chunk[filled++] = bits >>> count;
      if (filled < chunkBytes) continue;
      yield chunk;
      chunk = new Uint8Array(chunkBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield chunk.subarray(0, filled);
}

/** How many bytes a text stands for, if nothing but digits is in it. */
export function plainLength(source: ByteSource, { offset, length }: TensorPlace): number {
  const tail = source.read(offset + Math.max(0, length - 2), Math.min(2, length));
  const digits = length - tail.filter((code) => kinds[code] === padding).length;
  return Math.floor((digits * 6) / 8);
}

/** How many bytes a text stands for. */
export function base64Length(source: ByteSource, place: TensorPlace): number {
  let bytes = 0;
  for (const chunk of base64Bytes(source, place)) bytes += chunk.length;
  return bytes;
}

/** The text with other digits, everything between them as it is; each chunk is valid until the next. */
export function* withDigits(source: ByteSource, place: TensorPlace, next: () => number): Generator<Uint8Array> {
  const digits = new Digits(source, place);
  // An escape that is no digit is written when it is over, which may be in the next window.
  const written = new Uint8Array(windowBytes + 2 + unicodeDigits);
  for (const text of textOf(source, place)) {
    let filled = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text[i] ?? 0;
      const digit = digits.take(code);
      if (digit === waiting) continue;
      const isDigit = digit < between;
      if (isDigit) written[filled++] = alphabet[next()] ?? 0;
      else if (digits.held.length === 0) written[filled++] = code;
      if (digits.held.length === 0) continue;
      if (!isDigit) for (const each of digits.held) written[filled++] = each;
      digits.held = [];
    }
    yield written.subarray(0, filled);
  }
}

/** Bytes as digits of six bits, the last filled up with zeros. */
export class SixBits {
  readonly #chunks: Iterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  #bits = 0;
  #count = 0;

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  next(): number {
    if (this.#count < 6) {
      this.#bits = ((this.#bits & 0x3f) << 8) | this.#byte();
      this.#count += 8;
    }
    this.#count -= 6;
    return (this.#bits >>> this.#count) & 0x3f;
  }

  #byte(): number {
    while (this.#at >= this.#chunk.length) {
      const next = this.#chunks.next();
      if (next.done === true) return 0;
      this.#chunk = next.value;
      this.#at = 0;
    }
    return this.#chunk[this.#at++] ?? 0;
  }
}

/** Bytes as padded text, a bounded number at a time. */
export function* base64Text(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array(0);
  for (const chunk of chunks) {
    const joined = Buffer.concat([rest, chunk]);
    const whole = joined.length - (joined.length % 3);
    rest = joined.subarray(whole);
    if (whole > 0) yield Buffer.from(joined.subarray(0, whole).toString('base64'), 'latin1');
  }
  if (rest.length > 0) yield Buffer.from(Buffer.from(rest).toString('base64'), 'latin1');
}
