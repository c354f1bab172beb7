// The comment of a ZIP, which ends it (APPNOTE 6.3.10, 4.3.16): its end may be a text of ours, and what else it says is left as it is.

import type { ByteSource } from '../files/byteSource';
import type { Replacement } from '../files/replacement';
import { replaceBy } from '../files/replacement';
import { readTrailer, trailerOf } from '../files/trailer';
import { commentAt, longestComment } from './directory';

export interface CommentChange {
  readonly replacements: readonly Replacement[];
  /** The text is too long for it, and is left out. */
  readonly isFull: boolean;
}

/** Puts a text at the end of the comment, in place of the one that is there, or takes that out. */
export function replaceComment(source: ByteSource, text: string | null, owner: string): CommentChange {
  const { lengthAt, start } = commentAt(source);
  const { start: from } = readTrailer(source);
  const wanted = text === null ? new Uint8Array(0) : trailerOf(text);
  const fits = from - start + wanted.length <= longestComment;
  const trailer = fits ? wanted : new Uint8Array(0);
  if (from < start || (from === source.size && trailer.length === 0)) return { replacements: [], isFull: !fits };
  const length = new Uint8Array(2);
  new DataView(length.buffer).setUint16(0, from - start + trailer.length, true);
  return { replacements: [replaceBy(lengthAt, start, length, owner), replaceBy(from, source.size, trailer, owner)], isFull: !fits };
}
