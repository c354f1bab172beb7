// New values of tensors that are stored as text: numbers take the place of numbers, and what stands between them stays.

import { bytesPerElement, elementCount } from '../../core/graph/dtype';
import type { DType } from '../../core/graph/dtype';
import type { Tensor, TensorPlace } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import { openFile } from '../files/byteSource';
import type { ByteSource } from '../files/byteSource';
import type { Replacement } from '../files/replacement';
import { Portions } from '../files/replacement';
import { SixBits, withDigits } from '../tensors/base64';
import { withNumbers } from '../tensors/decimal';
import type { Elements } from '../tensors/elements';
import { decodeElements } from '../tensors/elements';
import { putFloat32, putFloat64 } from '../tensors/shortestDecimal';

/** Writes a piece of a text anew; pieces are asked for in their order. */
type Rewrite = (source: ByteSource, piece: TensorPlace) => Iterable<Uint8Array>;

/** The text of the pieces with the elements of `chunks`, which are asked for twice: how long a number is only its digits tell. */
export function writeText({ id, dtype, shape }: Tensor, pieces: readonly TensorPlace[], chunks: () => Iterable<Uint8Array>): readonly Replacement[] {
  const isDecimal = pieces[0]?.encoding === 'decimal';
  const measured = isDecimal ? measureNumbers(pieces, new Numbers(chunks(), dtype, false)) : measureDigits(pieces);
  const expected = isDecimal ? elementCount(shape) : Math.ceil(elementCount(shape) * bytesPerElement(dtype));
  const found = measured.reduce((sum, { holds }) => sum + holds, 0);
  if (found !== expected) throw new Failure('broken-file', `${pieces[0]?.file ?? ''} does not hold the values of ${id} where they were. Read it again.`);
  const isInTurns = pieces.length > 1;
  let rewrite: Rewrite | null = null;
  return pieces.map((piece, i): Replacement => ({
    start: piece.offset, end: piece.offset + piece.length, length: measured[i]?.length ?? 0, owner: id,
    *chunks() {
      rewrite ??= isDecimal ? rewriteNumbers(new Numbers(chunks(), dtype, isInTurns))
        : rewriteDigits(new Portions(chunks(), isInTurns), measured.map(({ holds }) => holds));
      yield* opened(piece, rewrite);
    },
  }));
}

/** Bytes a piece takes when it is written, and how many numbers, or bytes, it holds. */
interface Measured {
  readonly length: number;
  readonly holds: number;
}

function measureNumbers(pieces: readonly TensorPlace[], numbers: Numbers): readonly Measured[] {
  const rewrite = rewriteNumbers(numbers);
  return pieces.map((piece) => {
    const before = numbers.taken;
    return { length: lengthOf(opened(piece, rewrite)), holds: numbers.taken - before };
  });
}

function measureDigits(pieces: readonly TensorPlace[]): readonly Measured[] {
  return pieces.map((piece) => {
    let digits = 0;
    const length = lengthOf(opened(piece, (source) => withDigits(source, piece, () => {
      digits++;
      return 0;
    })));
    return { length, holds: Math.floor((digits * 6) / 8) };
  });
}

function lengthOf(chunks: Iterable<Uint8Array>): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.length;
  return length;
}

const rewriteNumbers = (numbers: Numbers): Rewrite => (source, piece) => withNumbers(source, piece, (text, at) => numbers.put(text, at));

function rewriteDigits(portions: Portions, lengths: readonly number[]): Rewrite {
  let next = 0;
  return (source, piece) => {
    const digits = new SixBits(portions.take(lengths[next++] ?? 0));
    return withDigits(source, piece, () => digits.next());
  };
}

/** The file is as it was read until all of it is written. */
function* opened(piece: TensorPlace, rewrite: Rewrite): Generator<Uint8Array> {
  const source = openFile(piece.file);
  try {
    yield* rewrite(source, piece);
  } finally {
    source.close();
  }
}

/** Elements one after the other, from their bytes. */
class Numbers {
  readonly #chunks: Iterator<Uint8Array>;
  readonly #dtype: DType;
  readonly #isInTurns: boolean;
  #values: Elements = new Float32Array(0);
  #at = 0;
  taken = 0;

  /** `isInTurns`: between two pieces others may use the memory that the chunks are in. */
  constructor(chunks: Iterable<Uint8Array>, dtype: DType, isInTurns: boolean) {
    this.#chunks = chunks[Symbol.iterator]();
    this.#dtype = dtype;
    this.#isInTurns = isInTurns;
  }

  /** Writes the next one; nothing where there is none any more, which `taken` tells. */
  put(text: Uint8Array, at: number): number {
    this.taken++;
    if (this.#at >= this.#values.length && !this.#advance()) return at;
    const value = Number(this.#values[this.#at++] ?? 0);
    return this.#dtype === 'float64' ? putFloat64(value, text, at) : putFloat32(value, text, at);
  }

  #advance(): boolean {
    const next = this.#chunks.next();
    if (next.done === true) return false;
    this.#values = decodeElements(this.#isInTurns ? next.value.slice() : next.value, this.#dtype);
    this.#at = 0;
    return this.#values.length > 0;
  }
}
