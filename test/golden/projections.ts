/** Compares a whole tensor with a few golden numbers: its norm, and its products with pseudorandom directions (networks.py has the same). */
const factors = [[2654435761, 15], [2246822519, 13], [3266489917, 16]] as const;

/** A number in [−½, ½): a hash of the index. */
function direction(k: number, index: number): number {
  let h = (index + 1 + k * 0x9e3779b1) % 2 ** 32;
  for (const [factor, shift] of factors) {
    h = Math.imul(h, factor) >>> 0;
    h = (h ^ (h >>> shift)) >>> 0;
  }
  return h / 2 ** 32 - 0.5;
}

export interface Summary {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
  readonly norm: number;
  readonly projections: readonly number[];
}

export function summaryOf([count = NaN, mean = NaN, variance = NaN, norm = NaN, ...projections]: readonly number[]): Summary {
  return { count, mean, variance, norm, projections };
}

export function summarize(data: ArrayLike<number>, projections: number): Summary {
  const elements = Array.from(data);
  const count = elements.length;
  const mean = elements.reduce((sum, x) => sum + x, 0) / count;
  return {
    count,
    mean,
    variance: elements.reduce((sum, x) => sum + (x - mean) ** 2, 0) / count,
    norm: Math.sqrt(elements.reduce((sum, x) => sum + x * x, 0)),
    projections: Array.from({ length: projections }, (_, k) => elements.reduce((sum, x, i) => sum + x * direction(k, i), 0)),
  };
}

/**
 * ‖measured − golden‖, estimated: for directions v with elements uniform in [−½, ½), E⟨e, v⟩² = ‖e‖² / 12. The norms differ by less than
 * that, and a difference between them is caught for certain.
 */
export function distanceBetween(measured: Summary, golden: Summary): number {
  if (measured.count !== golden.count || golden.projections.length === 0) return Infinity;
  const squares = golden.projections.reduce((sum, value, k) => sum + ((measured.projections[k] ?? NaN) - value) ** 2, 0);
  return Math.max(Math.sqrt((12 * squares) / golden.projections.length), Math.abs(measured.norm - golden.norm));
}
