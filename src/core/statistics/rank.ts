// Whether the units of a kernel compute nearly the same: the stable rank ‖B‖²_F / ‖B‖²₂ of a block of it (Rudelson & Vershynin 2007, section 1).

import type { RankStatistics } from '../../protocol/report';

/** Units, and inputs of each, that are looked at: those that are stored first. */
const most = 32;
/** Below this share of what a draw has, a block is told of; trained kernels seldom go below a third. */
const low = 0.25;
/** A draw of a smaller block has a rank that says nothing. */
const fewestDrawn = 3;
const steps = 24;

/** Takes the block out of a kernel as its elements come; elements (i / inner) mod count alike belong to one unit. */
export class RankSample {
  readonly #inner: number;
  readonly #count: number;
  readonly #units: number;
  readonly #inputs: number;
  readonly #block: Float64Array;
  /** No element behind this one is of the block. */
  readonly #end: number;
  #at = 0;

  private constructor(inner: number, count: number, inputs: number) {
    [this.#inner, this.#count] = [inner, count];
    [this.#units, this.#inputs] = [Math.min(most, count), Math.min(most, inputs)];
    this.#block = new Float64Array(this.#units * this.#inputs);
    const [rounds, inside] = [Math.floor((this.#inputs - 1) / inner), Math.min(this.#inputs, inner)];
    this.#end = (rounds * count + this.#units - 1) * inner + inside;
  }

  /** Null of what has no units, or too few. */
  static create(units: { readonly inner: number; readonly count: number } | null, elements: number): RankSample | null {
    if (!units || !Number.isInteger(units.inner) || units.count < 2) return null;
    const inputs = elements / units.count;
    return Number.isInteger(inputs) && drawnRank(Math.min(most, units.count), Math.min(most, inputs)) >= fewestDrawn
      ? new RankSample(units.inner, units.count, inputs) : null;
  }

  add(values: ArrayLike<number>): void {
    const left = Math.min(values.length, this.#end - this.#at);
    for (let i = 0; i < left; i++) {
      const at = this.#at + i;
      const group = Math.floor(at / this.#inner);
      const [unit, input] = [group % this.#count, Math.floor(group / this.#count) * this.#inner + at % this.#inner];
      if (unit < this.#units && input < this.#inputs) this.#block[unit * this.#inputs + input] = values[i] ?? 0;
    }
    this.#at += values.length;
  }

  /** Null where the block is as full as a draw, or empty. */
  finish(): RankStatistics | null {
    const squares = this.#block.reduce((sum, value) => sum + value ** 2, 0);
    const drawn = drawnRank(this.#units, this.#inputs);
    if (!(squares > 0 && squares < Infinity)) return null;
    const stable = squares / largestSquare(this.#block, this.#units, this.#inputs);
    return stable < low * drawn ? { stable, drawn } : null;
  }
}

/** Of independent normals: the largest singular value of n × m is √n + √m (Bai & Yin 1993). */
const drawnRank = (n: number, m: number): number => n * m / (Math.sqrt(n) + Math.sqrt(m)) ** 2;

/** Square of the largest singular value, by the power method. */
function largestSquare(block: Float64Array, rows: number, columns: number): number {
  let vector = Float64Array.from({ length: columns }, (_, i) => 1 + Math.sin(i + 1) / 2);
  let square = 0;
  for (let step = 0; step < steps; step++) {
    const next = new Float64Array(columns);
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let i = 0; i < columns; i++) sum += (block[row * columns + i] ?? 0) * (vector[i] ?? 0);
      for (let i = 0; i < columns; i++) next[i] = (next[i] ?? 0) + sum * (block[row * columns + i] ?? 0);
    }
    const length = Math.hypot(...next);
    square = length / Math.hypot(...vector);
    vector = next.map((value) => value / length);
    if (length === 0) return 0;
  }
  return square;
}
