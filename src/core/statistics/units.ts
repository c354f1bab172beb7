import type { UnitStatistics } from '../../protocol/report';

/** Units of fewer elements may be equal by chance, and of tables larger than this nobody asks. */
const fewestElements = 4;
const mostUnits = 1 << 20;

/**
 * Finds units with the same incoming weights: they compute the same, get the same gradient, and stay the same (LeCun et al. 1998, section
 * 4.6). Elements (i / inner) mod count alike belong to one unit; each unit is reduced to 64 bits as its elements come.
 */
export class UnitDigest {
  readonly #inner: number;
  readonly #high: Uint32Array;
  readonly #low: Uint32Array;
  readonly #isFilled: Uint8Array;
  readonly #float = new Float32Array(1);
  readonly #bits = new Uint32Array(this.#float.buffer);
  #unit = 0;
  #left: number;

  private constructor(inner: number, count: number) {
    this.#inner = inner;
    this.#left = inner;
    this.#high = new Uint32Array(count);
    this.#low = new Uint32Array(count);
    this.#isFilled = new Uint8Array(count);
  }

  /** Null where comparing units says nothing. */
  static create(units: { readonly inner: number; readonly count: number } | null, elements: number): UnitDigest | null {
    if (!units || units.count < 2 || units.count > mostUnits || !Number.isInteger(units.inner) || elements / units.count < fewestElements) return null;
    return new UnitDigest(units.inner, units.count);
  }

  add(values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) {
      // Zero of either sign is zero.
      this.#float[0] = (values[i] ?? 0) + 0;
      const bits = this.#bits[0] ?? 0;
      const unit = this.#unit;
      this.#high[unit] = Math.imul(this.#high[unit] ?? 0, 31) + bits;
      // FNV-1a, a word at a time.
      this.#low[unit] = Math.imul((this.#low[unit] ?? 0) ^ bits, 0x01000193);
      if (bits !== 0) this.#isFilled[unit] = 1;
      if (--this.#left > 0) continue;
      this.#left = this.#inner;
      this.#unit = unit + 1 === this.#high.length ? 0 : unit + 1;
    }
  }

  finish(): UnitStatistics {
    const seen = new Set<number>();
    let [zero, duplicate] = [0, 0];
    for (let unit = 0; unit < this.#high.length; unit++) {
      if (this.#isFilled[unit] === 0) {
        zero++;
        continue;
      }
      // 53 of the 64 bits: a million units collide by chance once in ten thousand models.
      const key = (this.#high[unit] ?? 0) * 2 ** 21 + ((this.#low[unit] ?? 0) >>> 11);
      if (seen.has(key)) duplicate++;
      else seen.add(key);
    }
    return { total: this.#high.length, duplicate, zero };
  }
}
