// The elements of an array that is stored in boxes, in row-major order (HDF5 specification 3.0, VII.A; the filters are those of its library).

import { inflateSync } from 'node:zlib';

import { elementCount } from '../../core/graph/dtype';
import type { ChunkGrid, StoredChunk } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { reasonOf } from '../files/byteSource';

/** All of them, as many at a time as one row of boxes holds; each is memory of its own. */
export function* unpackedBytes(source: ByteSource, grid: ChunkGrid): Generator<Uint8Array> {
  const { shape, box, elementBytes, chunks } = grid;
  const counts = shape.map((size, axis) => Math.ceil(size / (box[axis] ?? 1)));
  const perRow = elementCount(counts.slice(1));
  for (let row = 0; row < (counts[0] ?? 0); row++) {
    const height = Math.min(box[0] ?? 1, (shape[0] ?? 0) - row * (box[0] ?? 1));
    const slab = [height, ...shape.slice(1)];
    const result = new Uint8Array(elementCount(slab) * elementBytes);
    for (let i = 0; i < perRow; i++) {
      const chunk = chunks[row * perRow + i];
      if (!chunk) throw new Error('A grid of chunks has a hole.');
      copyBox(unpack(source, grid, chunk), box, [0, ...firstElement(i, counts.slice(1), box.slice(1))], result, slab, elementBytes);
    }
    yield result;
  }
}

/** Where the box begins that is the `index`th of so many along each axis. */
function firstElement(index: number, counts: readonly number[], box: readonly number[]): readonly number[] {
  let rest = index;
  return counts.map((count, axis) => {
    const below = elementCount(counts.slice(axis + 1));
    const at = Math.floor(rest / below) % count;
    rest %= below;
    return at * (box[axis] ?? 1);
  });
}

function unpack(source: ByteSource, { filters, box, elementBytes }: ChunkGrid, { offset, length, mask }: StoredChunk): Uint8Array {
  const expected = elementCount(box) * elementBytes;
  let bytes = source.read(offset, length);
  for (const filter of filters.filter((_, i) => (mask >>> i & 1) === 0).reverse()) {
    if (filter.kind === 'shuffle') bytes = unshuffled(bytes, filter.width);
    else try {
      bytes = inflateSync(bytes, { maxOutputLength: expected });
    } catch (error) {
      throw new Failure('broken-file', say('{0} is damaged: a chunk at byte {1} cannot be unpacked ({2}). Save or copy it again.',
        source.name, offset, reasonOf(error)));
    }
  }
  if (bytes.length !== expected) {
    throw new Failure('broken-file', say('{0} is damaged: a chunk at byte {1} holds {2} bytes where {3} are expected. Save or copy it again.',
      source.name, offset, bytes.length, expected));
  }
  return bytes;
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

/** Copies what of a box lies within the whole, a run along the last axis at a time. */
function copyBox(
  chunk: Uint8Array, box: readonly number[], first: readonly number[], whole: Uint8Array, shape: readonly number[], elementBytes: number,
): void {
  const copy = (axis: number, from: number, to: number): void => {
    const [size, offset, length] = [shape[axis] ?? 1, first[axis] ?? 0, box[axis] ?? 1];
    const there = Math.min(length, size - offset);
    if (axis >= shape.length - 1) {
      const start = from * length * elementBytes;
      whole.set(chunk.subarray(start, start + there * elementBytes), (to * size + offset) * elementBytes);
      return;
    }
    for (let i = 0; i < there; i++) copy(axis + 1, from * length + i, to * size + offset + i);
  };
  copy(0, 0, 0);
}
