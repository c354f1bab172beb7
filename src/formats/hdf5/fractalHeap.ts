/** Objects of a fractal heap by their ids: what groups of many links and headers of many attributes are kept in (specification 3.0, III.G). */

import { recordsOf } from './btree2';
import type { Hdf5File } from './cursor';
import { Cursor, widthOf } from './cursor';

/** Of the objects that are too large for a block (III.A.2, "Type 1"). */
const hugeRecords = 1;
const signatureBytes = 4;

interface Fields {
  readonly idBytes: number;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
  readonly hugeTree: number | null;
  /** Blocks in a row of the doubling table, and the size of those in the first two rows. */
  readonly width: number;
  readonly firstBytes: number;
  readonly largestDirect: number;
  readonly root: number | null;
  /** Of the root where it is an indirect block; 0 where it is a direct one. */
  readonly rootRows: number;
}

export class FractalHeap {
  readonly #file: Hdf5File;
  readonly #fields: Fields;
  #huge: ReadonlyMap<number, Cursor> | null = null;

  constructor(file: Hdf5File, address: number) {
    this.#file = file;
    this.#fields = readFields(file, address);
  }

  /** The object of an id, which the cursor stands before. */
  object(id: Cursor): Cursor {
    const { idBytes, offsetBytes, lengthBytes } = this.#fields;
    const cursor = id.part(idBytes);
    const kind = cursor.byte();
    if (kind >> 6 !== 0) throw this.#file.unsupported(`version ${kind >> 6} of a fractal heap's ids is not known here (0 is)`);
    switch (kind >> 4 & 3) {
      case 0: return this.#managed(cursor.uint(offsetBytes), cursor.uint(lengthBytes), cursor);
      case 1: return this.#hugeObject(cursor);
      // Up to 16 bytes the length is in the other half of this byte, else in the next one, too (III.G, "tiny").
      case 2: return cursor.part((idBytes - 1 > 16 ? (kind & 15) * 256 + cursor.byte() : kind & 15) + 1);
      default: throw cursor.broken('an id of a fractal heap is of no known kind');
    }
  }

  /** Objects that are in blocks: offsets count the bytes of all blocks that the table could have, heads of blocks included. */
  #managed(offset: number, length: number, id: Cursor): Cursor {
    const { root, rootRows, firstBytes } = this.#fields;
    if (root === null) throw id.broken('an object is in a fractal heap that is empty');
    return rootRows === 0 ? this.#within(root, firstBytes, offset, length, id) : this.#below(root, rootRows, offset, length, id);
  }

  #within(address: number, size: number, offset: number, length: number, id: Cursor): Cursor {
    const { addressBytes } = this.#file;
    const head = signatureBytes + 1 + addressBytes + this.#fields.offsetBytes;
    if (offset < head || offset + length > size) throw id.broken('an object is not within its block of a fractal heap');
    const block = this.#file.at(address, size);
    block.signature('FHDB', 'block of a fractal heap');
    block.skip(offset - signatureBytes);
    return block.part(length);
  }

  #below(address: number, rows: number, offset: number, length: number, id: Cursor): Cursor {
    const { width, firstBytes, largestDirect, offsetBytes } = this.#fields;
    const { addressBytes } = this.#file;
    const directRows = Math.log2(largestDirect / firstBytes) + 2;
    let start = 0;
    for (let row = 0; row < rows; row++) {
      const size = firstBytes * 2 ** Math.max(0, row - 1);
      if (offset >= start + width * size) {
        start += width * size;
        continue;
      }
      const column = Math.floor((offset - start) / size);
      const block = this.#file.at(address);
      block.signature('FHIB', 'indirect block of a fractal heap');
      block.skip(1 + addressBytes + offsetBytes + (row * width + column) * addressBytes);
      const child = block.present('a block of a fractal heap');
      const within = offset - start - column * size;
      if (row < directRows) return this.#within(child, size, within, length, id);
      return this.#below(child, Math.log2(size / (firstBytes * width)) + 1, within, length, id);
    }
    throw id.broken('an object is beyond the end of its fractal heap');
  }

  /** Large objects have a place of their own in the file, which their id says, or a tree, if there is no room in the id. */
  #hugeObject(id: Cursor): Cursor {
    const { addressBytes, lengthBytes } = this.#file;
    if (id.left >= addressBytes + lengthBytes) return this.#file.at(id.present('an object of a fractal heap'), id.length());
    this.#huge ??= this.#readHuge();
    const object = this.#huge.get(id.uint(Math.min(lengthBytes, id.left)));
    if (!object) throw id.broken('an object is not in the tree of its fractal heap');
    return new Cursor(this.#file, object.position, object.end);
  }

  #readHuge(): ReadonlyMap<number, Cursor> {
    const { hugeTree } = this.#fields;
    const objects = new Map<number, Cursor>();
    if (hugeTree === null) return objects;
    for (const record of recordsOf(this.#file, hugeTree, hugeRecords)) {
      const object = this.#file.at(record.present('an object of a fractal heap'), record.length());
      objects.set(record.length(), object);
    }
    return objects;
  }
}

function readFields(file: Hdf5File, address: number): Fields {
  const cursor = file.at(address);
  cursor.signature('FRHP', 'fractal heap');
  cursor.version([0], 'a fractal heap');
  const idBytes = cursor.uint(2);
  const filterBytes = cursor.uint(2);
  if (filterBytes > 0) throw file.unsupported('a fractal heap in it is compressed');
  cursor.skip(1);
  const largestObject = cursor.uint(4);
  cursor.length();
  const hugeTree = cursor.address();
  cursor.length();
  cursor.address();
  // How much space there is, and how many objects of which kind.
  cursor.skip(8 * file.lengthBytes);
  const width = cursor.uint(2);
  const firstBytes = cursor.length();
  const largestDirect = cursor.length();
  const offsetBits = cursor.uint(2);
  cursor.skip(2);
  const root = cursor.address();
  const rootRows = cursor.uint(2);
  file.verify(file.base + address, cursor.position, 'a fractal heap');
  const isTable = width > 0 && isPowerOfTwo(firstBytes) && isPowerOfTwo(largestDirect) && firstBytes <= largestDirect && offsetBits <= 64;
  if (!isTable || idBytes === 0) throw cursor.broken(`blocks of a fractal heap are ${width} in a row, of ${firstBytes} to ${largestDirect} bytes`);
  const offsetBytes = Math.ceil(offsetBits / 8);
  // As many as the smaller of what a block and what an object may be needs (III.G, "managed").
  const lengthBytes = Math.min(Math.ceil(Math.log2(largestDirect) / 8), widthOf(largestObject));
  return { idBytes, offsetBytes, lengthBytes, hugeTree, width, firstBytes, largestDirect, root, rootRows };
}

const isPowerOfTwo = (value: number): boolean => value > 0 && Number.isInteger(Math.log2(value));
