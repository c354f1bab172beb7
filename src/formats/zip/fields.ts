/** Little-endian fields of a ZIP's records, and how it is said that they are wrong. */

import { Failure } from '../../protocol/failure';
import type { ByteSource } from '../files/byteSource';

/** A part of an archive, with its place. */
export interface Record {
  readonly start: number;
  readonly bytes: Uint8Array;
  readonly view: DataView;
}

/** Bytes [start, start + length) as a record. Throws where the archive ends before. */
export function recordAt(source: ByteSource, start: number, length: number, what: string): Record {
  const bytes = start + length <= source.size ? source.read(start, length) : new Uint8Array(0);
  if (bytes.length < length) throw broken(source, `${what} at byte ${start} runs past its end (${source.size} bytes)`);
  return { start, bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** A field of 8 bytes: exact to 2^53, and no file is longer. */
export function long(view: DataView, at: number): number {
  return Number(view.getBigUint64(at, true));
}

export function broken(source: ByteSource, what: string): Failure {
  return new Failure('broken-file', `${source.name} is not a readable ZIP archive: ${what}. Save or copy it again.`);
}

export function unsupported(source: ByteSource, what: string): Failure {
  return new Failure('unsupported', `${source.name} cannot be read: ${what}. Pack it again as an ordinary ZIP archive.`);
}
