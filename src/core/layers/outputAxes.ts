import { elementCount, highestRank } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { intsAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { knownSizes } from './packed';
import { constantValues, permuted } from './source';

/** The size of an axis that outputs of a layer lie along, 'all' where it is not known but they all do; null for batches, positions and steps. */
type Axis = number | 'all' | null;

/** The axes of what a product makes, after which a bias has its shape: the last ones, or all of them. */
export interface OutputAxes {
  readonly axes: readonly Axis[];
  readonly isWhole: boolean;
}

/** Whether a stored shape has a value for each output and is the same for all else: [heads, size], but no position for each. */
export function isForOutputs({ axes }: OutputAxes, shape: readonly number[]): boolean {
  const sizes = axes.flatMap((axis) => (typeof axis === 'number' ? [axis] : []));
  const isSpread = shape.every((size, i) => {
    const axis = axes.at(i - shape.length);
    return size === 1 || axis === 'all' || axis === size;
  });
  return isSpread && (axes.includes('all') || (sizes.length > 0 && elementCount(sizes) === elementCount(shape)));
}

/** Where the outputs are behind an operator that only rearranges; null where that is not known. */
export function rearrangedAxes(index: GraphIndex, node: Node, from: OutputAxes): OutputAxes | null {
  switch (node.op) {
    case 'Transpose': return transposed(node, from);
    case 'Reshape': return reshaped(knownSizes(index, node.inputs[1] ?? ''), from);
    case 'Squeeze': return resized(constantValues(index, node.inputs[1] ?? ''), from, withoutAxes);
    case 'Unsqueeze': return resized(constantValues(index, node.inputs[1] ?? ''), from, withAxes);
    default: return from;
  }
}

/** With nothing before the outputs that is not written down. */
const widened = (axes: readonly Axis[], rank: number): readonly Axis[] => [...Array.from({ length: Math.max(0, rank - axes.length) }, () => null), ...axes];

function transposed(node: Node, { axes, isWhole }: OutputAxes): OutputAxes | null {
  const rank = isWhole ? axes.length : intsAttribute(node, 'perm')?.length ?? 0;
  if (rank > highestRank || axes.slice(0, -rank).some((axis) => axis !== null)) return null;
  const all = widened(axes, rank).slice(-rank);
  const order = permuted(node, all.map((_, axis) => axis));
  return order && { axes: order.map((axis) => all[axis] ?? null), isWhole: true };
}

/** Counted from the end where it is not known how many there are. */
function resized(
  given: readonly number[] | null, { axes, isWhole }: OutputAxes, apply: (axes: readonly Axis[], at: readonly number[]) => readonly Axis[],
): OutputAxes | null {
  if (!given || given.length > highestRank || (!isWhole && given.some((axis) => axis >= 0))) return null;
  return { axes: apply(isWhole ? axes : widened(axes, highestRank), given), isWhole };
}

function withoutAxes(axes: readonly Axis[], at: readonly number[]): readonly Axis[] {
  return axes.filter((_, axis) => !at.includes(axis) && !at.includes(axis - axes.length));
}

function withAxes(axes: readonly Axis[], at: readonly number[]): readonly Axis[] {
  const [rank, rest] = [axes.length + at.length, [...axes]];
  return Array.from({ length: rank }, (_, axis) => (at.includes(axis) || at.includes(axis - rank) ? null : rest.shift() ?? null));
}

/** The last sizes that are as many together as there are outputs are theirs; of channels that are not last, the axis that stays where it is. */
function reshaped(target: readonly (number | null)[], { axes, isWhole }: OutputAxes): OutputAxes | null {
  const outputs = axes.slice(axes.findIndex((axis) => axis !== null));
  const sizes = outputs.filter((axis) => typeof axis === 'number');
  if (sizes.length === outputs.length) {
    const count = elementCount(sizes);
    const start = target.findLastIndex((_, at) => target.slice(at).reduce<number>((all, size) => all * (size ?? NaN), 1) === count);
    const known = target.slice(start).filter((size) => size !== null);
    return start < 0 || known.some((size) => size < 1) ? null : { axes: known, isWhole: false };
  }
  const isKept = isWhole && axes[0] === null && typeof axes[1] === 'number' && target[0] === 0 && target[1] === axes[1] && !target.includes(null);
  return isKept && sizes.length === 1 ? { axes: target.map((_, at) => (at === 1 ? axes[1] ?? null : null)), isWhole: true } : null;
}
