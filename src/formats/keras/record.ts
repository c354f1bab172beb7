// The record of recipes in the binary files of Keras: behind an HDF5 file, whose library reads as far as its superblock says, and in a ZIP's comment.

import { recordKey } from '../../core/edits/record';
import type { ByteSource } from '../files/byteSource';
import type { Replacement } from '../files/replacement';
import { replaceBy } from '../files/replacement';
import { readTrailer, trailerOf } from '../files/trailer';

export function recordBehind(source: ByteSource): ReadonlyMap<string, string> {
  const { text } = readTrailer(source);
  return text === null ? new Map() : new Map([[recordKey, text]]);
}

/** Puts it behind everything, in place of the one that is there, or takes that out (null). */
export function recordedBehind(source: ByteSource, record: string | null): readonly Replacement[] {
  const { start } = readTrailer(source);
  const trailer = record === null ? new Uint8Array(0) : trailerOf(record);
  return start === source.size && trailer.length === 0 ? [] : [replaceBy(start, source.size, trailer, 'the record')];
}
