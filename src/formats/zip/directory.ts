/** Where the central directory of a ZIP is: the records at the end of the archive (APPNOTE 6.3.10, sections 4.3.14 to 4.3.16). */

import type { ByteSource } from '../files/byteSource';
import type { Record } from './fields';
import { broken, long, recordAt, unsupported } from './fields';

export interface Directory {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

const signatures = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50 } as const;
const lengths = { end: 22, end64: 56, locator64: 20 } as const;
/** The comment behind the record is as long as 16 bits say (4.4.12). */
export const longestComment = 0xffff;
/** No model has as many files; each costs a read. */
const mostEntries = 100_000;

export function findDirectory(source: ByteSource): Directory {
  const end = endRecord(source);
  const { view } = end;
  const own = { disk: view.getUint16(4, true), count: view.getUint16(10, true), size: view.getUint32(12, true), start: view.getUint32(16, true) };
  const { disk, start, size, count, before } = locate64(source, end) ?? { ...own, before: end.start };
  if (disk !== 0) throw unsupported(source, 'it is one of several parts of an archive');
  if (start + size > before) throw broken(source, `its directory (${size} bytes at byte ${start}) runs past the record at byte ${before} that ends it`);
  if (count > mostEntries) throw unsupported(source, `it holds ${count} files, and at most ${mostEntries} are read`);
  return { start, end: start + size, count };
}

/** Where the comment begins, and the two bytes before it that say how long it is. */
export function commentAt(source: ByteSource): { readonly lengthAt: number; readonly start: number } {
  const start = endRecord(source).start + lengths.end;
  return { lengthAt: start - 2, start };
}

/** The last record whose comment ends with the archive. */
function endRecord(source: ByteSource): Record {
  const start = Math.max(0, source.size - lengths.end - longestComment);
  const { bytes, view } = recordAt(source, start, source.size - start, 'its end');
  for (let at = bytes.length - lengths.end; at >= 0; at--) {
    if (view.getUint32(at, true) !== signatures.end || at + lengths.end + view.getUint16(at + 20, true) !== bytes.length) continue;
    return recordAt(source, start + at, lengths.end, 'the record that ends it');
  }
  throw broken(source, 'the record that ends an archive is missing, as where it was cut off');
}

/** What the records of ZIP64 say, if they stand before the end record: its own fields are then too narrow (4.4.1.4). */
function locate64(source: ByteSource, end: Record): { disk: number; start: number; size: number; count: number; before: number } | null {
  const place = end.start - lengths.locator64;
  if (place < 0) return null;
  const locator = recordAt(source, place, lengths.locator64, 'a ZIP64 locator').view;
  if (locator.getUint32(0, true) !== signatures.locator64) return null;
  const before = long(locator, 8);
  if (before + lengths.end64 > place) throw broken(source, `its ZIP64 record should be at byte ${before}, which is not before its locator at byte ${place}`);
  const { view } = recordAt(source, before, lengths.end64, 'a ZIP64 record');
  if (view.getUint32(0, true) !== signatures.end64) throw broken(source, `there is no ZIP64 record at byte ${before}, where its locator says`);
  return { disk: view.getUint32(16, true), start: long(view, 48), size: long(view, 40), count: long(view, 32), before };
}
