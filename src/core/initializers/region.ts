import type { Slice } from '../../protocol/recipe';
import { elementCount } from '../graph/dtype';

/** Elements of a region that lie one behind the other in the tensor, too. */
export interface Run {
  /** Position of the first in the tensor. */
  readonly at: number;
  /** Its position in the region. */
  readonly local: number;
  readonly length: number;
}

/** The part of a tensor that a block of a recipe draws, as a tensor of its own in row-major order. */
export interface Region {
  /** Elements. */
  readonly count: number;
  /** What it has of the tensor's elements [start, start + count). */
  readonly runs: (start: number, count: number) => Iterable<Run>;
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
  const globalIndex = (local: number): number => shape.reduce((sum, _, axis) => {
    const at = Math.floor(local / (inner[axis] ?? 1)) % Math.max(1, sizes[axis] ?? 1);
    return sum + (at + (starts[axis] ?? 0)) * (outer[axis] ?? 1);
  }, 0);
  const count = elementCount(sizes);
  // The last axis that is cut, and whatever is behind it, is one run.
  const last = shape.findLastIndex((size, axis) => sizes[axis] !== size);
  const length = last < 0 ? count : (sizes[last] ?? 0) * (inner[last] ?? 1);
  return {
    count,
    *runs(start, wanted) {
      const end = start + wanted;
      for (let run = firstAfter(start, count / length, (k) => globalIndex(k * length) + length); run * length < count; run++) {
        const at = globalIndex(run * length);
        if (at >= end) return;
        const skipped = Math.max(0, start - at);
        yield { at: at + skipped, local: run * length + skipped, length: Math.min(at + length, end) - at - skipped };
      }
    },
  };
}

/** The first of `count` rising ends that is beyond `start`. */
function firstAfter(start: number, count: number, endOf: (k: number) => number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (endOf(middle) > start) high = middle;
    else low = middle + 1;
  }
  return low;
}

function stridesOf(shape: readonly number[]): readonly number[] {
  return shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
}
