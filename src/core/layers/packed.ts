import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { usersOf } from '../graph/order';
import type { LayerPart, LayerWeight } from './layer';
import { constantValues, scalarValue } from './source';

/** Operators that hand the last axis on as it is. */
const keeping = new Set(['Identity', 'Cast', 'Dropout', 'Unsqueeze', 'QuantizeLinear', 'DequantizeLinear']);
const farthest = 4;
const names: Readonly<Record<number, readonly string[]>> = { 2: ['key', 'value'], 3: ['query', 'key', 'value'] };

/**
 * Widths of the projections that one matrix product packs side by side, from what takes its output apart: a Split of the last axis, Slices of
 * it, or a Reshape to [..., 3, heads, size] whose third is then picked. Null where the output stays whole.
 */
export function packedWidths(index: GraphIndex, output: string, width: number, depth = 0): readonly number[] | null {
  const users = usersOf(index, output);
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
  const target = constantValues(index, node.inputs[1] ?? '');
  if (!target) return null;
  const at = target.findIndex((size, i) => size === 3 && target.slice(i).reduce((all, each) => all * each, 1) === width);
  return at >= 0 && isTakenApart(index, node.outputs[0] ?? '') ? [width / 3, width / 3, width / 3] : null;
}

function isTakenApart(index: GraphIndex, value: string, depth = 0): boolean {
  const users = usersOf(index, value).map(({ node }) => node);
  if (users.some((node) => (node.op === 'Split' && node.outputs.length === 3) || node.op === 'SplitToSequence')) return true;
  if (users.filter((node) => node.op === 'Gather' && scalarValue(index, node.inputs[1] ?? '') !== null).length >= 2) return true;
  return depth < farthest && users.some((node) => node.op === 'Transpose' && isTakenApart(index, node.outputs[0] ?? '', depth + 1));
}

function slicedWidths(index: GraphIndex, users: readonly Node[], width: number): readonly number[] | null {
  const ranges = users.flatMap((node) => {
    if (node.op !== 'Slice') return [];
    const [start, end, axis] = [1, 2, 3].map((position) => scalarValue(index, node.inputs[position] ?? ''));
    return start == null || end == null || axis == null || axis === 0 ? [] : [{ start, end: Math.min(end, width) }];
  }).sort((a, b) => a.start - b.start);
  const widths = ranges.map(({ start, end }) => end - start);
  const joins = ranges.every(({ start }, i) => start === (ranges[i - 1]?.end ?? 0));
  return joins && isPacked(widths, width) ? widths : null;
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
