// Samples to learn from: an array for every input and every target, a row for each sample.

import { elementCount } from '../../core/graph/dtype';
import type { Stream } from '../../core/kernels/random';
import { fillUniforms } from '../../core/kernels/random';
import type { Value } from '../runtime';

export type Elements = Value['data'];

export interface Rows {
  readonly dtype: Value['dtype'];
  /** Of one sample. */
  readonly shape: readonly number[];
  /** [count, …shape]; of what all samples share, only that. */
  readonly data: Elements;
  readonly isShared: boolean;
}

export interface Samples {
  readonly count: number;
  /** By input. */
  readonly inputs: ReadonlyMap<string, Rows>;
  /** By output: labels as int64, or elements as float32. Empty where a teacher is still to be asked. */
  readonly targets: ReadonlyMap<string, Rows>;
  /** "1,024 digits" */
  readonly description: string;
  readonly notes: readonly string[];
}

/** Room for so many rows of the same kind. */
export function roomFor({ dtype, shape }: Pick<Rows, 'dtype' | 'shape'>, count: number): Elements {
  const length = count * elementCount(shape);
  switch (dtype) {
    case 'float32': return new Float32Array(length);
    case 'float64': return new Float64Array(length);
    case 'int32': return new Int32Array(length);
    case 'int64': return new BigInt64Array(length);
    case 'bool': case 'uint8': return new Uint8Array(length);
  }
}

/** The rows named, one after the other, in `room`. */
export function gather({ data, shape, isShared }: Rows, indices: ArrayLike<number>, batch: number, room: Elements): void {
  const size = elementCount(shape);
  const copies = isShared ? indices.length / batch : indices.length;
  for (let i = 0; i < copies; i++) {
    const from = isShared ? 0 : (indices[i] ?? 0) * size;
    const length = isShared ? data.length : size;
    copyInto(room, data, from, length, i * length);
  }
}

function copyInto(room: Elements, data: Elements, from: number, length: number, at: number): void {
  if (room instanceof BigInt64Array) {
    if (data instanceof BigInt64Array) room.set(data.subarray(from, from + length), at);
  } else if (!(data instanceof BigInt64Array)) {
    room.set(data.subarray(from, from + length), at);
  }
}

/** Which samples steps see: those from `start` on of an endless sequence. */
export interface Order {
  take(start: number, length: number): Int32Array;
}

/** The first batch at every step, so that nothing but the weights changes the cost. */
export const sameBatch = (order: Order, batch: number): Order => {
  const rows = order.take(0, batch);
  return { take: (start, length) => Int32Array.from({ length }, (_, i) => rows[(start + i) % batch] ?? 0) };
};

const order: Stream['hash'] = [0x6f726465, 0x72];

/** Every sample once before any comes again, in an order that the seed and the pass decide. */
export class SampleOrder implements Order {
  readonly #count: number;
  readonly #seed: number;
  #pass = -1;
  #permutation: Int32Array = new Int32Array(0);

  constructor(count: number, seed: number) {
    this.#count = count;
    this.#seed = seed;
  }

  take(start: number, length: number): Int32Array {
    return Int32Array.from({ length }, (_, i) => {
      const pass = Math.floor((start + i) / this.#count);
      if (pass !== this.#pass) this.#shuffle(pass);
      return this.#permutation[(start + i) % this.#count] ?? 0;
    });
  }

  /** Durstenfeld's shuffle (1964). */
  #shuffle(pass: number): void {
    const drawn = new Float64Array(this.#count);
    fillUniforms(drawn, { seed: this.#seed, hash: order }, pass * this.#count, 0, 1);
    const permutation = Int32Array.from({ length: this.#count }, (_, i) => i);
    for (let i = this.#count - 1; i > 0; i--) {
      const other = Math.min(i, Math.floor((drawn[i] ?? 0) * (i + 1)));
      [permutation[i], permutation[other]] = [permutation[other] ?? 0, permutation[i] ?? 0];
    }
    this.#pass = pass;
    this.#permutation = permutation;
  }
}
