/** CRC-32 of bytes that change in places, without reading the others. */

import { crc32 } from 'node:zlib';

/** The polynomial of CRC-32 with the coefficient of x^31 in the lowest bit (RFC 1952, section 8). */
const polynomial = 0xedb88320;
/** The polynomial 1, in the same order of bits. */
const one = 0x80000000;

/** CRC-32 of a stream, a chunk at a time. */
export function* crcInSteps(chunks: Iterable<Uint8Array>): Generator<undefined, number> {
  let crc = 0;
  for (const chunk of chunks) {
    crc = crc32(chunk, crc);
    yield;
  }
  return crc;
}

/** a(x)·b(x) modulo the polynomial, over GF(2): shift and add, as one does by hand. */
function product(a: number, b: number): number {
  let sum = 0;
  let shifted = b;
  for (let bit = one; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) sum ^= shifted;
    shifted = (shifted & 1) !== 0 ? (shifted >>> 1) ^ polynomial : shifted >>> 1;
  }
  return sum >>> 0;
}

/**
 * What remains of a difference of two checksums once `bytes` equal bytes have followed: it is multiplied by x^8 for each (Mark Adler,
 * crc32_combine of zlib; the power by squaring). The checksum of a message is a polynomial's remainder plus what depends on its length
 * alone, so that of two messages of one length the difference of the checksums is the checksum's difference of where they differ.
 */
export function carriedOver(difference: number, bytes: number): number {
  let result = difference;
  // x^8.
  let power = one >>> 8;
  for (let left = bytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = product(power, result);
    power = product(power, power);
  }
  return result >>> 0;
}
