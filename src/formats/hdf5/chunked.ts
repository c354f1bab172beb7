/** The elements of a dataset that is stored in chunks (specification 3.0, III.A.1 and VII.A), where that is by the older tree and by gzip. */

import { inflateSync } from 'node:zlib';

import { elementCount } from '../../core/graph/dtype';
import { Failure } from '../../protocol/failure';
import { reasonOf } from '../files/byteSource';
import type { TreeKind } from './btree1';
import { leavesOf } from './btree1';
import type { Hdf5File } from './cursor';
import type { Chunks, Hdf5Dataset } from './dataset';
import type { Filter } from './layout';
import { filterIds } from './layout';

/** Largest chunk that is unpacked; writers make them some hundred kilobytes large. */
const largestChunk = 1 << 26;

interface Chunk {
  /** Of its first element, along each axis. */
  readonly offsets: readonly number[];
  readonly position: number;
  readonly length: number;
  /** Bit i says that filter i was left out. */
  readonly mask: number;
}

const treeOf = (rank: number): TreeKind<Omit<Chunk, 'position'>> => ({
  type: 1, what: 'tree of chunks', part: 'a chunk', deepest: 16,
  readKey(cursor) {
    const [length, mask] = [cursor.uint(4), cursor.uint(4)];
    const offsets = Array.from({ length: rank }, () => cursor.uint(8));
    cursor.uint(8);
    return { offsets, length, mask };
  },
});

/** All elements of a dataset of at most `limit` bytes, in row-major order. Throws a Failure where they cannot be put together here. */
export function readChunked({ path, shape, chunks, problem }: Hdf5Dataset, limit: number): Uint8Array {
  const refused = (why: string): Failure => new Failure('unsupported', `${path} cannot be read: ${why}. Save it again without chunks.`);
  const filter = chunks?.filters.find(({ id }) => id !== filterIds.gzip && id !== filterIds.shuffle);
  if (!chunks || filter) throw refused(problem ?? 'it is not stored in chunks');
  const { elementBytes, file } = chunks;
  const bytes = elementCount(shape) * elementBytes;
  if (bytes > limit) throw refused(`it holds ${bytes} bytes, and at most ${limit} are read of it`);
  const chunkBytes = elementCount(chunks.shape) * elementBytes;
  if (chunkBytes === 0 || chunkBytes > largestChunk) throw refused(`its chunks are ${chunkBytes} bytes long`);
  const expected = shape.reduce((product, size, axis) => product * Math.ceil(size / (chunks.shape[axis] ?? 1)), 1);
  const result = new Uint8Array(bytes);
  const seen = new Set<string>();
  for (const leaf of chunks.address === null ? [] : leavesOf(file, chunks.address, treeOf(shape.length))) {
    const chunk: Chunk = { ...leaf.key, position: file.at(leaf.address, leaf.key.length).position };
    const key = chunk.offsets.join();
    if (seen.has(key)) throw file.broken(`${path} has two chunks at (${key})`, chunk.position);
    if (chunk.offsets.some((offset, axis) => offset >= (shape[axis] ?? 0) || offset % (chunks.shape[axis] ?? 1) !== 0)) {
      throw file.broken(`${path} has a chunk at (${key}), where none can be`, chunk.position);
    }
    seen.add(key);
    copyChunk(unpack(chunks, chunk, chunkBytes, path), chunks.shape, chunk.offsets, result, shape, elementBytes);
  }
  if (seen.size < expected) throw refused(`${expected - seen.size} of its ${expected} chunks were never written`);
  return result;
}

function unpack({ file, filters }: Chunks, { position, length, mask }: Chunk, chunkBytes: number, path: string): Uint8Array {
  if (length > largestChunk) throw file.broken(`a chunk of ${path} takes ${length} bytes`, position);
  const applied = filters.filter((_, i) => (mask >>> i & 1) === 0).reverse();
  const bytes = applied.reduce((packed, filter) => withoutFilter(file, filter, packed, chunkBytes, position), file.source.read(position, length));
  if (bytes.length !== chunkBytes) throw file.broken(`a chunk of ${path} holds ${bytes.length} bytes where ${chunkBytes} are expected`, position);
  return bytes;
}

function withoutFilter(file: Hdf5File, { id, values }: Filter, bytes: Uint8Array, chunkBytes: number, position: number): Uint8Array {
  if (id === filterIds.shuffle) return unshuffled(bytes, values[0] ?? 1);
  try {
    return inflateSync(bytes, { maxOutputLength: chunkBytes });
  } catch (error) {
    throw file.broken(`a chunk cannot be unpacked (${reasonOf(error)})`, position);
  }
}

/** First bytes of all elements, then their second ones, and so on: put together again. What is left over stands at the end, as it was. */
function unshuffled(bytes: Uint8Array, width: number): Uint8Array {
  const count = width > 0 ? Math.floor(bytes.length / width) : 0;
  // A Buffer's own slice would share its memory.
  const result = new Uint8Array(bytes);
  for (let byte = 0, from = 0; byte < width && count > 0; byte++) {
    for (let to = byte; to < count * width; to += width) result[to] = bytes[from++] ?? 0;
  }
  return result;
}

/** Copies what of a chunk lies within the whole, a run along the last axis at a time. */
function copyChunk(
  chunk: Uint8Array, chunkShape: readonly number[], offsets: readonly number[], whole: Uint8Array, shape: readonly number[], elementBytes: number,
): void {
  const copy = (axis: number, from: number, to: number): void => {
    const [size, offset, length] = [shape[axis] ?? 1, offsets[axis] ?? 0, chunkShape[axis] ?? 1];
    const there = Math.min(length, size - offset);
    if (axis >= shape.length - 1) {
      const start = (from * length) * elementBytes;
      whole.set(chunk.subarray(start, start + there * elementBytes), (to * size + offset) * elementBytes);
      return;
    }
    for (let i = 0; i < there; i++) copy(axis + 1, from * length + i, to * size + offset + i);
  };
  copy(0, 0, 0);
}
