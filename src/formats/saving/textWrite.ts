// New values of tensors that are stored as text: numbers take the place of numbers, and what stands between them stays.

import { bytesPerElement, elementCount } from '../../core/graph/dtype';
import type { DType } from '../../core/graph/dtype';
import type { Tensor, TensorPlace } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import { openFile } from '../files/byteSource';
import type { ByteSource } from '../files/byteSource';
import type { PlacedReplacement } from '../files/replacement';
import { Portions } from '../files/replacement';
import { SixBits, withDigits } from '../tensors/base64';
import { withNumbers } from '../tensors/decimal';
import type { Elements } from '../tensors/elements';
import { decodeElements } from '../tensors/elements';
import { putFloat32, putFloat64 } from '../tensors/shortestDecimal';

/** Writes a piece of a text anew. */
type Rewrite = (source: ByteSource, piece: TensorPlace) => Iterable<Uint8Array>;

/** The text of the pieces with the elements of `chunks`, which are asked for twice: how long a number is only its digits tell. */
export function writeText(
  { id, dtype, shape }: Tensor, pieces: readonly TensorPlace[], chunks: () => Iterable<Uint8Array>,
): readonly PlacedReplacement[] {
  const isDecimal = pieces[0]?.encoding === 'decimal';
  const measured = isDecimal ? measureNumbers(pieces, new Numbers(chunks(), dtype, false)) : measureDigits(pieces);
  const expected = isDecimal ? elementCount(shape) : Math.ceil(elementCount(shape) * bytesPerElement(dtype));
  const found = measured.reduce((sum, { holds }) => sum + holds, 0);
  if (found !== expected) {
    throw new Failure('broken-file', say('{0} does not hold the values of {1} where they were. Read it again.', pieces[0]?.file ?? '', id));
  }
  const isInTurns = pieces.length > 1;
  const holds = measured.map((each) => each.holds);
  const begin = (): Written => (isDecimal ? new Numbers(chunks(), dtype, isInTurns) : new Digits(chunks(), holds, isInTurns));
  // One stream for all pieces, which are asked for in their order, and begun anew where one is asked for again.
  let stream: { readonly written: Written; next: number } | null = null;
  const before = (i: number): Written => {
    if (stream?.next === i) return stream.written;
    const written = begin();
    for (let piece = 0; piece < i; piece++) written.skip(holds[piece] ?? 0);
    return written;
  };
  return pieces.map((piece, i): PlacedReplacement => ({
    file: piece.file,
    replacement: {
      start: piece.offset, end: piece.offset + piece.length, length: measured[i]?.length ?? 0, owner: id,
      *chunks() {
        const written = before(i);
        // Where whoever asks stops in the middle, nobody goes on from there.
        stream = null;
        yield* opened(piece, (source) => written.rewrite(source, piece));
        stream = { written, next: i + 1 };
      },
    },
  }));
}

/** Elements on their way into the pieces of a text. */
interface Written {
  /** Passes over so many numbers, or bytes: those of a piece. */
  skip(count: number): void;
  readonly rewrite: Rewrite;
}

/** Bytes a piece takes when it is written, and how many numbers, or bytes, it holds. */
interface Measured {
  readonly length: number;
  readonly holds: number;
}

function measureNumbers(pieces: readonly TensorPlace[], numbers: Numbers): readonly Measured[] {
  return pieces.map((piece) => {
    const before = numbers.taken;
    return { length: lengthOf(opened(piece, numbers.rewrite)), holds: numbers.taken - before };
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

/** The file is as it was read until all of it is written. */
function* opened(piece: TensorPlace, rewrite: Rewrite): Generator<Uint8Array> {
  const source = openFile(piece.file);
  try {
    yield* rewrite(source, piece);
  } finally {
    source.close();
  }
}

/** Bytes as digits, of each piece apart. */
class Digits implements Written {
  readonly #portions: Portions;
  readonly #holds: readonly number[];
  #next = 0;

  constructor(chunks: Iterable<Uint8Array>, holds: readonly number[], isInTurns: boolean) {
    this.#portions = new Portions(chunks, isInTurns);
    this.#holds = holds;
  }

  skip(count: number): void {
    this.#next++;
    this.#portions.skip(count);
  }

  readonly rewrite: Rewrite = (source, piece) => {
    const digits = new SixBits(this.#portions.take(this.#holds[this.#next++] ?? 0));
    return withDigits(source, piece, () => digits.next());
  };
}

/** Elements one after the other, from their bytes. */
class Numbers implements Written {
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

  skip(count: number): void {
    for (let i = 0; i < count; i++) this.#next();
  }

  readonly rewrite: Rewrite = (source, piece) => withNumbers(source, piece, (text, at) => this.put(text, at));

  /** Writes the next one; nothing where there is none any more, which `taken` tells. */
  put(text: Uint8Array, at: number): number {
    const value = this.#next();
    if (value === null) return at;
    return this.#dtype === 'float64' ? putFloat64(value, text, at) : putFloat32(value, text, at);
  }

  #next(): number | null {
    this.taken++;
    if (this.#at >= this.#values.length && !this.#advance()) return null;
    return Number(this.#values[this.#at++] ?? 0);
  }

  #advance(): boolean {
    const next = this.#chunks.next();
    if (next.done === true) return false;
    this.#values = decodeElements(this.#isInTurns ? next.value.slice() : next.value, this.#dtype);
    this.#at = 0;
    return this.#values.length > 0;
  }
}
