// A value on its way through a Keras network, with the shape Keras gives it, and in which of two layouts the graph has it.

import type { DType } from '../../core/graph/dtype';

/** Batch first; null where a size is not fixed. */
export type Shape = readonly (number | null)[];

/**
 * `plain` is the value in Keras' own layout; `first` with the last axis moved behind the batch, as ONNX' convolutions and norms take it. One of them
 * is there; the other is made where it is asked for.
 */
export interface Signal {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly plain: string | null;
  readonly first: string | null;
  /** Which steps count, [batch, time]; absent where all do. */
  readonly mask?: string;
}

export const signalOf = (plain: string, shape: Shape, dtype: DType = 'float32'): Signal => ({ shape, dtype, plain, first: null });

/** `shape` in Keras' layout, the channels last. */
export const channelsFirst = (first: string, shape: Shape, dtype: DType = 'float32'): Signal => ({ shape, dtype, plain: null, first });

/** A size that has to be known. */
export function sizeAt(shape: Shape, axis: number): number | null {
  return shape[axis < 0 ? axis + shape.length : axis] ?? null;
}

/** [0, last, 1, 2, …] */
export const toFirst = (rank: number): readonly number[] => [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];

/** [0, 2, 3, …, 1] */
export const toLast = (rank: number): readonly number[] => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];

/** Of both sizes the one that is not 1 (NumPy's broadcasting); a size that is not fixed is no 1. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [left, right] = [a, b].map((shape) => (i < rank - shape.length ? 1 : shape[i - rank + shape.length] ?? null));
    return left === 1 ? right ?? null : left ?? (right === 1 ? null : right ?? null);
  });
}
