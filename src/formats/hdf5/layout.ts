/** Where the elements of a dataset are (specification 3.0, IV.A.2.i), and through which filters they went (IV.A.2.l). */

import type { Cursor } from './cursor';

export type Layout =
  /** Beside its description: `start` is a byte of the source. */
  | { readonly kind: 'compact'; readonly start: number; readonly length: number }
  /** `address` is null where nothing was ever written; the older versions do not say a length. */
  | { readonly kind: 'contiguous'; readonly address: number | null; readonly length: number | null }
  /** `address` of a tree of version 1, where that leads to the chunks. */
  | { readonly kind: 'chunked'; readonly address: number | null; readonly shape: readonly number[] }
  | { readonly kind: 'virtual' };

export interface Filter {
  readonly id: number;
  readonly name: string;
  readonly values: readonly number[];
}

const kinds = { compact: 0, contiguous: 1, chunked: 2, virtual: 3 } as const;
/** The element is an axis, too. */
const mostAxes = 33;

export function readLayout(cursor: Cursor): Layout {
  const version = cursor.version([1, 2, 3, 4], 'the layout of a dataset');
  return version < 3 ? readOld(cursor) : readNew(cursor, version);
}

function readOld(cursor: Cursor): Layout {
  const axes = rankIn(cursor);
  const kind = cursor.byte();
  cursor.skip(5);
  const address = kind === kinds.compact ? null : cursor.address();
  const shape = Array.from({ length: axes }, () => cursor.uint(4));
  switch (kind) {
    case kinds.compact: return compact(cursor, cursor.uint(4));
    case kinds.contiguous: return { kind: 'contiguous', address, length: null };
    case kinds.chunked: return { kind: 'chunked', address, shape: shape.slice(0, -1) };
    default: throw unknown(cursor, kind);
  }
}

function readNew(cursor: Cursor, version: number): Layout {
  const kind = cursor.byte();
  switch (kind) {
    case kinds.compact: return compact(cursor, cursor.uint(2));
    case kinds.contiguous: return { kind: 'contiguous', address: cursor.address(), length: cursor.length() };
    case kinds.chunked: return version === 3 ? readChunked(cursor) : { kind: 'chunked', address: null, shape: [] };
    case kinds.virtual: return { kind: 'virtual' };
    default: throw unknown(cursor, kind);
  }
}

function readChunked(cursor: Cursor): Layout {
  const axes = rankIn(cursor);
  const address = cursor.address();
  const shape = Array.from({ length: axes }, () => cursor.uint(4));
  return { kind: 'chunked', address, shape: shape.slice(0, -1) };
}

function rankIn(cursor: Cursor): number {
  const axes = cursor.byte();
  if (axes > mostAxes) throw cursor.broken(`a layout has ${axes} axes`);
  return axes;
}

function compact(cursor: Cursor, length: number): Layout {
  return { kind: 'compact', start: cursor.part(length).position, length };
}

const unknown = (cursor: Cursor, kind: number): Error => cursor.file.unsupported(`layout ${kind} of a dataset is not known here (0 to 3 are)`);

/** Filters by their registered numbers ("HDF5 Registered Filter Plugins"); those that the library brings along have numbers below 256. */
const filterNames: Readonly<Record<number, string>> = {
  1: 'gzip', 2: 'shuffle', 3: 'fletcher32', 4: 'szip', 5: 'nbit', 6: 'scaleoffset', 307: 'bzip2', 32000: 'lzf', 32001: 'blosc', 32004: 'lz4',
  32008: 'bitshuffle', 32013: 'zfp', 32015: 'zstd', 32026: 'blosc2',
};
export const filterIds = { gzip: 1, shuffle: 2 } as const;
const firstForeign = 256;

export function readFilters(cursor: Cursor): readonly Filter[] {
  const version = cursor.version([1, 2], 'the filters of a dataset');
  const count = cursor.byte();
  if (version === 1) cursor.skip(6);
  return Array.from({ length: count }, () => {
    const id = cursor.uint(2);
    const nameLength = version === 1 || id >= firstForeign ? cursor.uint(2) : 0;
    cursor.skip(2);
    const valueCount = cursor.uint(2);
    // Names are padded to multiples of 8 bytes, and values to two, in version 1.
    cursor.skip(version === 1 ? 8 * Math.ceil(nameLength / 8) : nameLength);
    const values = Array.from({ length: valueCount }, () => cursor.uint(4));
    if (version === 1 && valueCount % 2 === 1) cursor.skip(4);
    return { id, name: filterNames[id] ?? `filter ${id}`, values };
  });
}
