// Whether two recipes draw alike: every element by the same law, and matrices where the other has them.

import type { RecipeBlock, Sampler, Slice } from '../../protocol/recipe';
import { isOfElements } from './resolved';

/** Numbers that differ by less are the same law. */
const nearly = 1e-9;

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= nearly * Math.max(Math.abs(a), Math.abs(b));

/** What no block draws stays zero. */
const nothing: RecipeBlock = { sampler: { kind: 'constant', value: 0 } };

export function isSameLaw(a: readonly RecipeBlock[], b: readonly RecipeBlock[], shape: readonly number[]): boolean {
  const blocks = [...a, ...b];
  let corners: readonly (readonly number[])[] = [[]];
  for (const [axis, size] of shape.entries()) {
    const starts = cutsOf(blocks, axis, size);
    corners = corners.flatMap((corner) => starts.map((start) => [...corner, start]));
  }
  // Between two cuts all elements are drawn by the same block.
  return corners.every((corner) => {
    const [one, other] = [blockAt(a, corner), blockAt(b, corner)];
    return isSameSampler(one.sampler, other.sampler) && (isOfElements(one.sampler) || boundsOf(one, shape) === boundsOf(other, shape));
  });
}

/** Where blocks begin and end along an axis. */
function cutsOf(blocks: readonly RecipeBlock[], axis: number, size: number): readonly number[] {
  const own = blocks.flatMap(({ slices = [] }) => slices.flatMap((slice) => (slice.axis === axis ? [slice.start, slice.end] : [])));
  return [...new Set([0, ...own])].filter((at) => at < size);
}

const holds = ({ axis, start, end }: Slice, corner: readonly number[]): boolean => (corner[axis] ?? 0) >= start && (corner[axis] ?? 0) < end;

const blockAt = (blocks: readonly RecipeBlock[], corner: readonly number[]): RecipeBlock => (
  blocks.find(({ slices = [] }) => slices.every((slice) => holds(slice, corner))) ?? nothing);


/** The region of a block in one spelling. */
function boundsOf({ slices = [] }: RecipeBlock, shape: readonly number[]): string {
  const along = (axis: number): readonly Slice[] => slices.filter((slice) => slice.axis === axis);
  return shape.map((size, axis) => `${Math.max(0, ...along(axis).map(({ start }) => start))}-${Math.min(size, ...along(axis).map(({ end }) => end))}`).join();
}

/** What does not vary is a number, whatever it is called. */
function plain(sampler: Sampler): Sampler {
  if ((sampler.kind === 'normal' || sampler.kind === 'truncated-normal') && sampler.std === 0) return { kind: 'constant', value: sampler.mean };
  return sampler.kind === 'uniform' && sampler.low === sampler.high ? { kind: 'constant', value: sampler.low } : sampler;
}

const isSameText = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b);

function isSameSampler(one: Sampler, other: Sampler): boolean {
  const [a, b] = [plain(one), plain(other)];
  switch (a.kind) {
    case 'constant': return b.kind === 'constant' && isNear(a.value, b.value);
    case 'normal': return b.kind === 'normal' && isNear(a.mean, b.mean) && isNear(a.std, b.std);
    case 'uniform': return b.kind === 'uniform' && isNear(a.low, b.low) && isNear(a.high, b.high);
    case 'truncated-normal': return b.kind === 'truncated-normal' && isNear(a.mean, b.mean) && isNear(a.std, b.std) && isNear(a.tail, b.tail);
    case 'orthogonal': case 'identity': return b.kind === a.kind && isNear(a.gain, b.gain) && a.rows === b.rows && a.columns === b.columns
      && (a.count ?? 1) === (b.count ?? 1);
    case 'sparse': return b.kind === 'sparse' && isNear(a.std, b.std) && isSameText({ ...a, std: 0 }, { ...b, std: 0 });
    case 'bilinear': return isSameText(a, b);
    case 'learned': return b.kind === 'learned' && a.digest === b.digest;
    case 'replicated': return b.kind === 'replicated' && isSameSampler(a.of, b.of) && isSameText({ ...a, of: null }, { ...b, of: null });
    case 'unit-sums': return b.kind === 'unit-sums' && isNear(a.factor, b.factor) && a.of.tensorId === b.of.tensorId
      && isSameLaw(a.of.blocks, b.of.blocks, a.of.shape) && isSameText({ ...a, factor: 0, of: null }, { ...b, factor: 0, of: null });
  }
}
