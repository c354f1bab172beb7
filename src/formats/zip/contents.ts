/** What is in a file of a ZIP: as a source of its own where it is stored as it is, or unpacked, never to more than was asked for. */

import { crc32, inflateRawSync } from 'node:zlib';

import { Failure } from '../../protocol/failure';
import type { ByteSource } from '../files/byteSource';
import { reasonOf } from '../files/byteSource';
import type { Slice } from '../files/slice';
import { sliceOf } from '../files/slice';
import type { ZipEntry } from './entries';
import { flagBits, methods } from './entries';
import { broken, unsupported } from './fields';

/** No stream of deflate is this many times shorter than what it holds (zlib technical details, "Maximum compression factor": 1032). */
const largestRatio = 1033;
const pieceBytes = 1 << 20;

/** A stored entry as a file of its own. */
export function entrySource(source: ByteSource, entry: ZipEntry): Slice {
  refuseUnread(source, entry);
  if (entry.method !== methods.stored) throw unsupported(source, `${entry.name} in it is compressed, so its values have no place of their own`);
  return sliceOf(source, entry.dataOffset, entry.size, `${entry.name} in ${source.name}`);
}

/** All bytes of an entry, of at most `limit`, checked against its checksum. */
export function readEntry(source: ByteSource, entry: ZipEntry, limit: number): Uint8Array {
  refuseUnread(source, entry);
  const { name, size, compressedSize, method } = entry;
  if (size > limit) throw new Failure('unsupported', `${name} in ${source.name} holds ${size} bytes, and at most ${limit} are read of it.`);
  if (method === methods.deflated && size > largestRatio * compressedSize) {
    throw broken(source, `${name} is said to unpack from ${compressedSize} to ${size} bytes, which no compression does`);
  }
  // What deflate cannot shorten it stores in blocks, with 5 bytes before each 65,535 (RFC 1951, section 3.2.4).
  if (compressedSize > size + 5 * Math.ceil(size / 16383) + 64) throw broken(source, `${name} takes ${compressedSize} bytes for ${size}`);
  const stored = readWhole(source, entry);
  const bytes = method === methods.stored ? stored : inflate(source, entry, stored);
  if (bytes.length !== size) throw broken(source, `${name} unpacks to ${bytes.length} bytes where ${size} are announced`);
  if (crc32(bytes) !== entry.crc) throw broken(source, `the checksum of ${name} is not that of its bytes`);
  return bytes;
}

function refuseUnread(source: ByteSource, { name, flags, method }: ZipEntry): void {
  if ((flags & flagBits.encrypted) !== 0) throw unsupported(source, `${name} in it is encrypted`);
  if (method === methods.stored || method === methods.deflated) return;
  throw unsupported(source, `${name} in it is compressed by method ${method}, and only deflate (8) is read`);
}

function readWhole(source: ByteSource, { name, dataOffset, compressedSize }: ZipEntry): Uint8Array {
  const result = new Uint8Array(compressedSize);
  for (let done = 0; done < compressedSize;) {
    const piece = source.read(dataOffset + done, Math.min(pieceBytes, compressedSize - done));
    if (piece.length === 0) throw broken(source, `it ends in the middle of ${name}`);
    result.set(piece, done);
    done += piece.length;
  }
  return result;
}

function inflate(source: ByteSource, { name, size }: ZipEntry, bytes: Uint8Array): Uint8Array {
  try {
    const { buffer, byteOffset, length } = inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) });
    return new Uint8Array(buffer, byteOffset, length);
  } catch (error) {
    throw broken(source, `${name} cannot be unpacked (${reasonOf(error)})`);
  }
}
