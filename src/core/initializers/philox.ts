/**
 * Philox 4x32-10, a counter-based generator: any block of any stream without the ones before it (Salmon et al. 2011, "Parallel random
 * numbers: as easy as 1, 2, 3", section 3.3). Integer operations only, so the bits are the same everywhere.
 */

const multiplier0 = 0xd2511f53;
const multiplier1 = 0xcd9e8d57;
/** Weyl constants: the golden ratio and √3 − 1 in 32 bits. */
const bump0 = 0x9e3779b9;
const bump1 = 0xbb67ae85;
const rounds = 10;

/** High 32 bits of a · b, both unsigned 32-bit. */
function multiplyHigh(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
  const cross = aLow * bHigh + (middle & 0xffff);
  // (2^16 − 1)² + 2^16 < 2^32: neither sum loses a bit to the shift.
  return (aHigh * bHigh + (middle >>> 16) + (cross >>> 16)) >>> 0;
}

/** Writes the four words of the block with that counter and key to `out`. */
export function philox(out: Uint32Array, c0: number, c1: number, c2: number, c3: number, key0: number, key1: number): void {
  let k0 = key0 >>> 0;
  let k1 = key1 >>> 0;
  for (let round = 0; round < rounds; round++) {
    const high0 = multiplyHigh(multiplier0, c0 >>> 0);
    const low0 = Math.imul(multiplier0, c0);
    const high1 = multiplyHigh(multiplier1, c2 >>> 0);
    const low1 = Math.imul(multiplier1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + bump0) >>> 0;
    k1 = (k1 + bump1) >>> 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** 64-bit FNV-1a of the UTF-8 bytes of a text, as two words (Fowler, Noll & Vo; draft-eastlake-fnv). */
export function hashText(text: string): readonly [number, number] {
  let hash = 0xcbf29ce484222325n;
  for (const byte of utf8(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return [Number(hash & 0xffffffffn), Number(hash >> 32n)];
}

function utf8(text: string): readonly number[] {
  return Array.from(text).flatMap((character) => {
    const point = character.codePointAt(0) ?? 0;
    const continued = (shift: number): number => 0x80 | ((point >> shift) & 0x3f);
    if (point < 0x80) return [point];
    if (point < 0x800) return [0xc0 | (point >> 6), continued(0)];
    if (point < 0x10000) return [0xe0 | (point >> 12), continued(6), continued(0)];
    return [0xf0 | (point >> 18), continued(12), continued(6), continued(0)];
  });
}
