import type { Slice } from '../../protocol/recipe';
import { elementCount } from '../graph/dtype';

/** The part of a tensor that a block of a recipe draws, as a tensor of its own in row-major order. */
export interface Region {
  /** Elements. */
  readonly count: number;
  readonly contains: (index: number) => boolean;
  /** Position within the region of an element of it. */
  readonly localIndex: (index: number) => number;
  /** Position in the tensor of an element of the region. */
  readonly globalIndex: (local: number) => number;
}

/** Slices beyond the shape are cut to it. */
export function createRegion(slices: readonly Slice[], shape: readonly number[]): Region {
  const starts = shape.map(() => 0);
  const ends = [...shape];
  for (const { axis, start, end } of slices) {
    starts[axis] = Math.max(starts[axis] ?? 0, start);
    ends[axis] = Math.min(ends[axis] ?? 0, end);
  }
  const sizes = shape.map((_, axis) => Math.max(0, (ends[axis] ?? 0) - (starts[axis] ?? 0)));
  const outer = stridesOf(shape);
  const inner = stridesOf(sizes);
  const coordinate = (index: number, axis: number): number => Math.floor(index / (outer[axis] ?? 1)) % (shape[axis] ?? 1);
  return {
    count: elementCount(sizes),
    contains: (index) => shape.every((_, axis) => {
      const at = coordinate(index, axis);
      return at >= (starts[axis] ?? 0) && at < (ends[axis] ?? 0);
    }),
    localIndex: (index) => shape.reduce((sum, _, axis) => sum + (coordinate(index, axis) - (starts[axis] ?? 0)) * (inner[axis] ?? 1), 0),
    globalIndex: (local) => shape.reduce((sum, _, axis) => {
      const at = Math.floor(local / (inner[axis] ?? 1)) % Math.max(1, sizes[axis] ?? 1);
      return sum + (at + (starts[axis] ?? 0)) * (outer[axis] ?? 1);
    }, 0),
  };
}

function stridesOf(shape: readonly number[]): readonly number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}
