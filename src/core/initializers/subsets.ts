import type { Stream } from '../kernels/random';
import { fillUniforms } from '../kernels/random';

/** Whether a position is in the subset of a line. */
export type Membership = (line: number, position: number) => boolean;

/** Each half is changed three times, by the other half and a key of its own. */
const rounds = 6;

/**
 * For each of some lines a subset of so many of its positions, chosen by a keyed permutation of them: those which it puts first. Nothing is kept but
 * the keys. It is a Feistel network on the rows and columns of a rectangle that just holds the positions, walked on until it comes back to one of
 * them (Black & Rogaway 2002, Ciphers with arbitrary finite domains, methods 2 and 3).
 */
export function subsetsOf(stream: Stream, lines: number, length: number, size: number): Membership {
  const [rows, columns] = [Math.ceil(Math.sqrt(length)), Math.ceil(length / Math.ceil(Math.sqrt(length)))];
  let keys: Uint32Array | null = null;
  const draw = (): Uint32Array => {
    const uniforms = new Float64Array(lines * rounds);
    fillUniforms(uniforms, stream, 0, 0, 2 ** 32);
    return Uint32Array.from(uniforms);
  };
  return (line, position) => {
    if (size === 0 || size === length) return size === length;
    keys ??= draw();
    let place = position;
    do {
      let [row, column] = [Math.floor(place / columns), place % columns];
      for (let round = 0; round < rounds; round += 2) {
        row = (row + mixed((keys[line * rounds + round] ?? 0) ^ column)) % rows;
        column = (column + mixed((keys[line * rounds + round + 1] ?? 0) ^ row)) % columns;
      }
      place = row * columns + column;
    } while (place >= length);
    return place < size;
  };
}

/** The finaliser of MurmurHash3: every bit depends on every bit. */
function mixed(word: number): number {
  let x = word;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
