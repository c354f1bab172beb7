import { highestRank } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { scopeOf, usersOf } from '../graph/order';
import type { LayerPart, LayerWeight } from './layer';
import type { StoredSource } from './source';
import { constantValues, isFixed, permuted, scalarValue, storedSource } from './source';

/** Operators that hand the last axis on as it is. */
const keeping = new Set(['Identity', 'Cast', 'Dropout', 'Unsqueeze', 'QuantizeLinear', 'DequantizeLinear']);
/** What takes it apart, or only looks at its shape. */
const takingApart = new Set(['Split', 'Slice', 'Gather', 'Reshape', 'Transpose', 'Squeeze', 'SplitToSequence', 'Shape', 'Size']);
const farthest = 4;
const names: Readonly<Record<number, readonly string[]>> = { 2: ['key', 'value'], 3: ['query', 'key', 'value'] };

/**
 * Widths of the projections that one matrix product packs side by side, from what takes its output apart: a Split of the last axis, Slices of
 * it, or a Reshape to [..., 3, heads, size] whose third is then picked. Null where the output stays whole.
 */
export function packedWidths(index: GraphIndex, output: string, width: number, depth = 0): readonly number[] | null {
  const users = usersOf(index, output);
  // What is also read as a whole is no pack: rotary embeddings turn halves of it, gates are beside it.
  if (users.some(({ node }) => !keeping.has(node.op) && !takingApart.has(node.op))) return null;
  for (const { index: scope, node } of users) {
    const widths = node.op === 'Split' ? splitWidths(scope, node, width) : node.op === 'Reshape' ? reshapedWidths(scope, node, width) : null;
    if (widths) return widths;
    if (depth < farthest && keeping.has(node.op)) {
      const behind = packedWidths(scope, node.outputs[0] ?? '', width, depth + 1);
      if (behind) return behind;
    }
  }
  return slicedWidths(index, users.map(({ node }) => node), width);
}

const isPacked = (widths: readonly number[], width: number): boolean => (
  (widths.length === 2 || widths.length === 3) && widths.reduce((sum, each) => sum + each, 0) === width);

function splitWidths(index: GraphIndex, node: Node, width: number): readonly number[] | null {
  const axis = intAttribute(node, 'axis', 0);
  const given = constantValues(index, node.inputs[1] ?? '');
  const count = node.outputs.length;
  const widths = given ?? Array.from({ length: count }, () => width / count);
  // A positive axis may be the last one too: the widths tell.
  return axis !== 0 && widths.every(Number.isInteger) && isPacked(widths, width) && (given !== null || axis === -1 || axis >= 1) ? widths : null;
}

/** [..., 3, heads, size], 3 · heads · size = width, of which somebody takes the three apart. */
function reshapedWidths(index: GraphIndex, node: Node, width: number): readonly number[] | null {
  const target = knownSizes(index, node.inputs[1] ?? '');
  // What is not known is a batch or a length before the three, a size behind it, or nothing at all.
  const at = target.findIndex((size, i) => {
    const behind = target.slice(i + 1).filter((each) => each !== null);
    return size === 3 && (behind.length === 0 ? target.length > i + 1 : 3 * behind.reduce((all, each) => all * each, 1) === width);
  });
  const picks = at < 0 ? 0 : picksOf(index, node.outputs[0] ?? '');
  const isKnown = at >= 0 && target.at(at + 1) !== null;
  return picks === 3 || (isKnown && picks >= 2) ? [width / 3, width / 3, width / 3] : null;
}

/** The elements of a shape as far as they are constants, and as far as a shape has some; null for those that are computed. */
export function knownSizes(index: GraphIndex, value: string, depth = 0): readonly (number | null)[] {
  const stored = constantValues(index, value);
  if (stored) return stored.slice(0, highestRank);
  const scope = scopeOf(index, value);
  const node = scope.producer.get(value);
  if (depth === farthest || !node) return [null];
  if (node.op === 'Unsqueeze') return knownSizes(scope, node.inputs[0] ?? '', depth + 1);
  if (node.op !== 'Concat') return [null];
  const sizes: (number | null)[] = [];
  for (const input of node.inputs.slice(0, highestRank)) {
    if (sizes.length < highestRank) sizes.push(...knownSizes(scope, input, depth + 1));
  }
  return sizes.slice(0, highestRank);
}

/** Operators that move axes about before one of them is taken apart. */
const moving = new Set(['Transpose', 'Unsqueeze', 'Squeeze', 'Identity', 'Cast']);

/** How many of three parts are taken out of a value. */
function picksOf(index: GraphIndex, value: string, depth = 0): number {
  const users = usersOf(index, value).map(({ node }) => node);
  if (users.some((node) => (node.op === 'Split' && node.outputs.length === 3) || node.op === 'SplitToSequence')) return 3;
  const picked = new Set(users.flatMap((node) => pickedIndex(index, node) ?? [])).size;
  if (picked >= 2 || depth === farthest) return picked;
  return Math.max(0, ...users.flatMap((node) => (moving.has(node.op) ? [picksOf(index, node.outputs[0] ?? '', depth + 1)] : [])));
}

/** The one index along an axis that a Gather or a Slice picks, or null. */
function pickedIndex(index: GraphIndex, node: Node): number | null {
  if (node.op === 'Gather') return scalarValue(index, node.inputs[1] ?? '');
  const [start, end] = node.op === 'Slice' ? [1, 2].map((position) => scalarValue(index, node.inputs[position] ?? '')) : [];
  return start != null && end === start + 1 ? start : null;
}

function slicedWidths(index: GraphIndex, users: readonly Node[], width: number): readonly number[] | null {
  const slices = users.filter((node) => node.op === 'Slice');
  const bounds = (node: Node): readonly (number | null)[] => [1, 2, 3].map((position) => scalarValue(index, node.inputs[position] ?? ''));
  const ranges = slices.flatMap((node) => {
    const [start, end, axis] = bounds(node);
    return start == null || end == null || axis == null || axis === 0 ? [] : [{ start, end: Math.min(end, width) }];
  }).sort((a, b) => a.start - b.start);
  if (ranges.length < slices.length) return chunkedWidths(index, slices, width);
  const widths = ranges.map(({ start, end }) => end - start);
  const joins = ranges.every(({ start }, i) => start === (ranges[i - 1]?.end ?? 0));
  return joins && isPacked(widths, width) ? widths : null;
}

/** Equal chunks whose bounds an exporter works out from the width itself: from 0 on, along one axis. */
function chunkedWidths(index: GraphIndex, slices: readonly Node[], width: number): readonly number[] | null {
  const axes = slices.map((node) => scalarValue(index, node.inputs[3] ?? ''));
  const isOneAxis = axes.every((axis) => axis !== null && axis !== 0 && axis === axes[0]);
  const areFixed = slices.every((node) => [1, 2].every((position) => isFixed(index, node.inputs[position] ?? '')));
  const starts = slices.filter((node) => scalarValue(index, node.inputs[1] ?? '') === 0).length;
  const widths = slices.map(() => width / slices.length);
  return isOneAxis && areFixed && starts === 1 && widths.every(Number.isInteger) && isPacked(widths, width) ? widths : null;
}

/** The axis of a stored kernel that its outputs lie along: a weight behind a Transpose is stored the other way round. */
export function outputAxis(index: GraphIndex, node: Node): number {
  if (node.op === 'Conv') return firstAxis(storedSource(index, node.inputs[1] ?? ''));
  const axis = node.op === 'Gemm' && intAttribute(node, 'transB', 0) === 1 ? 0 : 1;
  return storedSource(index, node.inputs[1] ?? '')?.way.some((step) => step.op === 'Transpose') === true ? 1 - axis : axis;
}

/** Which axis of the stored tensor the first one is, behind transpositions; −1 where there is more on the way. */
function firstAxis(source: StoredSource | null): number {
  const stored: readonly number[] = source?.tensor.shape.map((_, axis) => axis) ?? [];
  const axes = source?.way.reduce<readonly number[] | null>((before, step) => before && (step.op === 'Transpose' ? permuted(step, before) : null), stored);
  return axes?.[0] ?? -1;
}

/** The weight with a part for each projection, whose fans are its own. `axis` is that of the outputs in the stored tensor, if it is one. */
export function withPackedParts(weight: LayerWeight, widths: readonly number[], axis: number | null): LayerWeight {
  const { fans } = weight;
  if (!fans) return weight;
  const { shape } = weight.tensor;
  let start = 0;
  const parts = widths.map((width, i): LayerPart => {
    const slices = axis === null ? [] : [{ axis, start, end: start + width }];
    start += width;
    const [rows, columns] = axis === 0 ? [width, shape[1] ?? 1] : [shape.at(-2) ?? 1, width];
    return { name: names[widths.length]?.[i] ?? `part ${i + 1}`, fans: { fanIn: fans.fanIn, fanOut: width }, slices, rows, columns };
  });
  return { ...weight, fans: { fanIn: fans.fanIn, fanOut: widths[0] ?? fans.fanOut }, parts };
}

/**
 * Parts that are called as attention's are, where nothing is multiplied with them: the halves of a gated unit (Dauphin et al. 2017, eq. 1) are no key
 * and value.
 */
export function withPlainParts(weight: LayerWeight): LayerWeight {
  const known = names[weight.parts.length];
  const isNamed = known !== undefined && weight.parts.every(({ name }, i) => name === known[i]);
  return isNamed ? { ...weight, parts: weight.parts.map((part, i) => ({ ...part, name: `part ${i + 1}` })) } : weight;
}
