/** Where the chunks of a dataset are (specification 3.0, III.A.1), where the older tree leads to them and they are packed by gzip or shuffle. */

import { elementCount } from '../../core/graph/dtype';
import type { ChunkGrid, StoredChunk } from '../../core/graph/tensor';
import { offsetOf } from '../files/slice';
import type { TreeKind } from './btree1';
import { leavesOf } from './btree1';
import type { Chunks, Hdf5Dataset } from './dataset';
import { filterIds } from './layout';

/** Largest chunk that is unpacked, and largest row of them that is held at once; writers make chunks some hundred kilobytes large. */
const largestChunk = 1 << 26;
const largestRow = 1 << 27;
/** Of a chunk, so many bytes are unpacked from one at most (RFC 1951 packs 258 bytes into two bits). */
const highestRatio = 1100;
const mostChunks = 1 << 20;

interface Key {
  /** Of its first element, along each axis. */
  readonly offsets: readonly number[];
  readonly length: number;
  readonly mask: number;
}

const treeOf = (rank: number): TreeKind<Key> => ({
  type: 1, what: 'tree of chunks', part: 'a chunk', deepest: 16,
  readKey(cursor) {
    const [length, mask] = [cursor.uint(4), cursor.uint(4)];
    const offsets = Array.from({ length: rank }, () => cursor.uint(8));
    cursor.uint(8);
    return { offsets, length, mask };
  },
});

/** The chunks of a dataset in the order of their elements, or as a clause why they cannot be put together here. Throws where the tree is damaged. */
export function gridOf({ path, shape, chunks, problem }: Hdf5Dataset): ChunkGrid | string {
  const filters = chunks && filtersOf(chunks);
  if (!chunks || !filters || chunks.shape.length !== shape.length) return problem ?? 'it is not stored in chunks';
  const { elementBytes, file, shape: box } = chunks;
  const chunkBytes = elementCount(box) * elementBytes;
  const counts = shape.map((size, axis) => Math.ceil(size / (box[axis] ?? 1)));
  const [expected, rowBytes] = [elementCount(counts), elementCount([box[0] ?? 1, ...shape.slice(1)]) * elementBytes];
  if (!(chunkBytes > 0 && chunkBytes <= largestChunk)) return `its chunks are ${chunkBytes} bytes long, and at most ${largestChunk} are unpacked`;
  if (!(rowBytes <= largestRow)) return `its chunks lie in rows of ${rowBytes} bytes, and at most ${largestRow} are held at once`;
  if (expected * chunkBytes > highestRatio * file.source.size) return 'the file is too short for its chunks';
  if (expected > mostChunks) return `it is stored in ${expected} chunks, and at most ${mostChunks} are put together`;
  const found: (StoredChunk | undefined)[] = Array.from({ length: expected }, () => undefined);
  let written = 0;
  for (const { key: { offsets, length, mask }, address } of chunks.address === null ? [] : leavesOf(file, chunks.address, treeOf(shape.length))) {
    const { position } = file.at(address, length);
    if (offsets.some((offset, axis) => offset >= (shape[axis] ?? 0) || offset % (box[axis] ?? 1) !== 0)) {
      throw file.broken(`${path} has a chunk at (${offsets.join()}), where none can be`, position);
    }
    if (length > largestChunk) throw file.broken(`a chunk of ${path} takes ${length} bytes`, position);
    const index = offsets.reduce((sum, offset, axis) => sum * (counts[axis] ?? 1) + offset / (box[axis] ?? 1), 0);
    if (found[index]) throw file.broken(`${path} has two chunks at (${offsets.join()})`, position);
    found[index] = { offset: offsetOf(file.source) + position, length, mask };
    written++;
  }
  return written < expected ? `${expected - written} of its ${expected} chunks were never written`
    : { shape, box, elementBytes, filters, chunks: found.filter((chunk) => chunk !== undefined) };
}

/** Null where one is not known here. */
function filtersOf({ filters }: Chunks): ChunkGrid['filters'] | null {
  const known = filters.map(({ id, values }): ChunkGrid['filters'][number] | null => {
    if (id === filterIds.gzip) return { kind: 'gzip' };
    return id === filterIds.shuffle ? { kind: 'shuffle', width: values[0] ?? 1 } : null;
  });
  return known.every((filter) => filter !== null) ? known : null;
}
