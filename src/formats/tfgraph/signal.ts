// A value on its way through a graph of TensorFlow: its shape as far as it is known, in which layout the graph has it, and small values themselves.

import type { DType } from '../../core/graph/dtype';
import { elementCount } from '../../core/graph/dtype';
import type { Shape } from '../keras/signal';

/** Elements in row-major order; null for one that depends on what is fed. */
export type Known = readonly (number | null)[];

/**
 * `plain` is the value in TensorFlow's own layout, `first` with its last axis behind the batch, as ONNX convolves. A value all of whose elements are
 * known may have neither: it becomes a constant where it is asked for.
 */
export interface Signal {
  /** In TensorFlow's layout; null where the rank is not known. */
  readonly shape: Shape | null;
  readonly dtype: DType;
  readonly plain: string | null;
  readonly first: string | null;
  readonly known: Known | null;
  /** Of images whose every b-th pixel is an image of its own (SpaceToBatchND): what they were made of. */
  readonly divided?: Divided;
  /** Of a convolution of such images: the same of the whole ones, less what is cut off; null where that is more than was put around them. */
  readonly undivided?: { readonly block: readonly number[]; readonly make: (crops: readonly Pair[]) => Signal | null };
}

/** What is put, or cut off, before and behind an axis. */
export type Pair = readonly [before: number, behind: number];

export interface Divided {
  readonly whole: Signal;
  readonly block: readonly number[];
  readonly pairs: readonly Pair[];
}

/** Of more elements nobody works out shapes. */
export const mostKnown = 1024;

export const signalOf = (plain: string, shape: Shape | null, dtype: DType = 'float32', known: Known | null = null): Signal => (
  { shape, dtype, plain, first: null, known });

export const channelsFirst = (first: string, shape: Shape | null, dtype: DType = 'float32'): Signal => ({ shape, dtype, plain: null, first, known: null });

/** What is known altogether. */
export const knownSignal = (known: readonly number[], shape: readonly number[], dtype: DType = 'int64'): Signal => (
  { shape, dtype, plain: null, first: null, known });

/** Whether the graph has it with its channels first alone. */
export const isFirst = ({ plain, first }: Signal): boolean => plain === null && first !== null;

export function valuesOf({ known }: Signal): readonly number[] | null {
  const values = known?.filter((each) => each !== null);
  return values && values.length === known?.length ? values : null;
}

export const rankOf = ({ shape }: Signal): number | null => shape?.length ?? null;

/** Null where a size is open. */
export function fixedShape(shape: Shape | null): readonly number[] | null {
  const sizes = shape?.filter((size) => size !== null);
  return sizes && sizes.length === shape?.length ? sizes : null;
}

export function countOf(shape: Shape | null): number | null {
  const sizes = fixedShape(shape);
  return sizes && elementCount(sizes);
}

/** Counted from the front; null where it is not on one of the axes. */
export function axisOf(axis: number, rank: number): number | null {
  const own = axis < 0 ? axis + rank : axis;
  return own >= 0 && own < rank && Number.isInteger(own) ? own : null;
}

/** Where an axis is with the channels behind the batch. */
export const axisFirst = (axis: number, rank: number): number => (axis === 0 ? 0 : axis === rank - 1 ? 1 : axis + 1);
