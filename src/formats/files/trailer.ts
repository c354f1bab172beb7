// A text behind everything else in a binary file, for formats whose readers look no further than their own end, and know no better place for it.

import { deflateRawSync, inflateRawSync } from 'node:zlib';

import type { ByteSource } from './byteSource';

/** Behind the text come its length in so many digits, and what says that there is one: a reader begins at the end. */
const mark = ':initscope\n';
const digits = 8;
/** Longest text that is unpacked: the record of 100,000 tensors has half of it. */
const longest = 1 << 26;

export interface Trailer {
  /** Where it begins; the end of the file where there is none. */
  readonly start: number;
  readonly text: string | null;
}

export function readTrailer(source: ByteSource): Trailer {
  const none = { start: source.size, text: null };
  const foot = source.size - mark.length - digits;
  if (foot < 0) return none;
  const [written, said] = [source.read(foot, digits), source.read(foot + digits, mark.length)].map((bytes) => Buffer.from(bytes).toString('latin1'));
  const length = Number.parseInt(written ?? '', 16);
  if (said !== mark || !(length <= Math.min(foot, longest))) return none;
  const packed = Buffer.from(Buffer.from(source.read(foot - length, length)).toString('latin1'), 'base64');
  try {
    return { start: foot - length, text: inflateRawSync(packed, { maxOutputLength: longest }).toString('utf8') };
  } catch {
    return none;
  }
}

/** In digits, so that nothing in it can be taken for the signature of another record. */
export function trailerOf(text: string): Uint8Array {
  const packed = deflateRawSync(Buffer.from(text)).toString('base64');
  return Buffer.from(`${packed}${packed.length.toString(16).padStart(digits, '0')}${mark}`, 'latin1');
}
