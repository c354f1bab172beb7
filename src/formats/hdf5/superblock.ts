/** Where the root of an HDF5 file is, and how wide addresses in it are (specification 3.0, II.A). */

import { Failure } from '../../protocol/failure';
import type { ByteSource } from '../files/byteSource';
import { Cursor, Hdf5File } from './cursor';

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** Before the superblock there may be a block of the user, of 512 bytes or that times a power of two. */
const smallestUserBlock = 512;
/** Two bytes are in the specification, but the library cannot read what it writes with them. */
const widths = [4, 8];

export interface Opened {
  readonly file: Hdf5File;
  /** Address of the header of the root group. */
  readonly root: number;
}

export function openSuperblock(source: ByteSource): Opened {
  const start = findSignature(source);
  if (start === null) {
    throw new Failure('foreign-file', `${source.name} is not an HDF5 file: its signature is missing. Name a file that h5py or Keras has written.`);
  }
  const file = new Hdf5File(source);
  const cursor = new Cursor(file, start + signature.length, source.size);
  const version = cursor.version([0, 1, 2, 3], 'its superblock');
  const { base, end, root } = version < 2 ? readOld(cursor, version) : readNew(cursor, start);
  // Where it was put behind something else as a whole, all addresses are from there: so does the HDF5 library.
  file.base = start;
  const missing = end - base + start - source.size;
  if (missing > 0) throw file.broken(`it was cut off: ${missing} bytes of it are missing`, source.size);
  return { file, root };
}

function findSignature(source: ByteSource): number | null {
  for (let at = 0; at + signature.length <= source.size; at = at === 0 ? smallestUserBlock : 2 * at) {
    const found = source.read(at, signature.length);
    if (signature.every((byte, i) => found[i] === byte)) return at;
  }
  return null;
}

interface Fields {
  readonly base: number;
  readonly end: number;
  readonly root: number;
}

function readWidths(cursor: Cursor): void {
  const { file } = cursor;
  file.addressBytes = cursor.byte();
  file.lengthBytes = cursor.byte();
  if (widths.includes(file.addressBytes) && widths.includes(file.lengthBytes)) return;
  throw file.unsupported(`its addresses are ${file.addressBytes} and its lengths ${file.lengthBytes} bytes wide, and 4 or 8 are read`);
}

/** Versions 0 and 1: versions of other parts, which each say their own, sizes of nodes, and a symbol table entry of the root group. */
function readOld(cursor: Cursor, version: number): Fields {
  cursor.skip(4);
  readWidths(cursor);
  cursor.skip(version === 0 ? 9 : 13);
  const base = cursor.present('its base');
  cursor.address();
  const end = cursor.present('its end');
  cursor.address();
  cursor.length();
  return { base, end, root: cursor.present('its root group') };
}

/** Versions 2 and 3. */
function readNew(cursor: Cursor, start: number): Fields {
  readWidths(cursor);
  cursor.byte();
  const base = cursor.present('its base');
  cursor.address();
  const fields = { base, end: cursor.present('its end'), root: cursor.present('its root group') };
  cursor.file.verify(start, cursor.position, 'its superblock');
  return fields;
}
