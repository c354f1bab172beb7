import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import type { Replacement } from '../files/replacement';
import { replaceBy } from '../files/replacement';
import { WireCursor, wire } from './wire';

/** A field of a message in a file: its number, and where it, its length and what it holds lie. */
export interface WireField {
  readonly number: number;
  readonly type: number;
  readonly start: number;
  /** Where its length begins if it is delimited, else its value. */
  readonly lengthAt: number;
  readonly body: number;
  readonly end: number;
}

/** The fields of the message in [start, end), in order. */
export function* fieldsIn(source: ByteSource, start: number, end: number): Generator<WireField> {
  const cursor = new WireCursor(source);
  cursor.position = start;
  while (cursor.position < end) yield nextField(cursor, end);
}

/** The field that begins at `start`. */
export function fieldAt(source: ByteSource, start: number): WireField {
  const cursor = new WireCursor(source);
  cursor.position = start;
  return nextField(cursor, source.size);
}

function nextField(cursor: WireCursor, end: number): WireField {
  const start = cursor.position;
  const { field: number, type } = cursor.tag(end);
  const lengthAt = cursor.position;
  if (type === wire.delimited) {
    const length = cursor.length(end);
    const body = cursor.position;
    cursor.position += length;
    return { number, type, start, lengthAt, body, end: cursor.position };
  }
  cursor.skip(type, end);
  return { number, type, start, lengthAt, body: lengthAt, end: cursor.position };
}

/** Little-endian groups of seven bits (protobuf encoding, "Base 128 Varints"), in at least so many bytes. */
export function varint(value: number, atLeast = 1): Uint8Array {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length < atLeast; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) & 0x7f;
  return Uint8Array.from(bytes);
}

/** Messages inside messages deeper than this are not followed; the reader refuses them earlier. */
const deepest = 128;

/**
 * Corrects the lengths of the messages around the replacements, each of which is of whole fields; the replacements have to be in order.
 * Only what changes its length is looked for, so that a walk skips everything else unread.
 */
export function withLengths(source: ByteSource, replacements: readonly Replacement[]): readonly Replacement[] {
  const lengths: Replacement[] = [];
  new LengthFixer(source, lengths).fix(0, source.size, replacements, 0);
  return lengths;
}

class LengthFixer {
  readonly #source: ByteSource;
  readonly #found: Replacement[];

  constructor(source: ByteSource, found: Replacement[]) {
    this.#source = source;
    this.#found = found;
  }

  /** Returns by how many bytes the message grows. */
  fix(start: number, end: number, replacements: readonly Replacement[], depth: number): number {
    if (depth > deepest) throw new Failure('broken-file', say('{0}: messages are nested more than {1} deep. Export it again.', this.#source.name, deepest));
    let growth = 0;
    let next = 0;
    for (const field of fieldsIn(this.#source, start, end)) {
      if (next === replacements.length) break;
      const first = next;
      while ((replacements[next]?.start ?? Infinity) < field.end) next++;
      const own = replacements.slice(first, next);
      const whole = own.filter((each) => each.start <= field.start);
      const inside = own.filter((each) => each.start > field.start);
      growth += whole.reduce((sum, each) => sum + each.length - (each.end - each.start), 0);
      if (inside.length > 0) growth += this.#fixInside(field, inside, depth);
    }
    return growth;
  }

  #fixInside(field: WireField, inside: readonly Replacement[], depth: number): number {
    if (field.type !== wire.delimited || inside.some((each) => each.start < field.body || each.end > field.end)) {
      throw new Failure('broken-file',
        say('{0}: the file is not built as it was when it was read (at byte {1}). Read it again.', this.#source.name, field.start));
    }
    const growth = this.fix(field.body, field.end, inside, depth + 1);
    if (growth === 0) return 0;
    const length = field.end - field.body;
    const width = field.body - field.lengthAt;
    // A writer that pads its lengths finds them padded again.
    const bytes = varint(length + growth, width > varint(length).length ? width : 1);
    this.#found.push(replaceBy(field.lengthAt, field.body, bytes, 'a length'));
    return growth + bytes.length - width;
  }
}
