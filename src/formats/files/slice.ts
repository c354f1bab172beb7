/** A part of a file as a source of its own, such as a file that an archive holds as it is. */

import type { ByteSource } from './byteSource';

export interface Slice extends ByteSource {
  /** Where it begins in the file that is on the disk, through all slices around it. */
  readonly offset: number;
}

/** Bytes [offset, offset + length) of a source, which stays open as long as that one. */
export function sliceOf(source: ByteSource, offset: number, length: number, name = source.name): Slice {
  return {
    name,
    size: length,
    folder: null,
    offset: offsetOf(source) + offset,
    read: (from, count, room) => source.read(offset + from, Math.max(0, Math.min(count, length - from)), room),
    close: () => undefined,
  };
}

/** Where a source begins in the file that is on the disk. */
export function offsetOf(source: ByteSource | Slice): number {
  return 'offset' in source ? source.offset : 0;
}
