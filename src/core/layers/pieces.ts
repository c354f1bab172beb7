import type { Slice } from '../../protocol/recipe';
import { boundOn, elementCount, isFloat } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { scopeOf } from '../graph/order';
import type { Fans } from '../ops/spec';
import { knownIntegers } from './dimensions';
import type { Layer, LayerPart, LayerWeight } from './layer';
import type { Run } from './runs';
import { storedRuns } from './runs';
import type { StoredSource } from './source';
import { constantValues, permuted, storedSource } from './source';

/** Consecutive rows of a stored matrix, or elements of a stored vector, that an operator reads. */
export interface Piece {
  readonly run: Run;
  /** As the operator sees it. */
  readonly shape: readonly number[];
}

/** More in a row are written by nobody. */
const mostTransposes = 8;

/** The piece of one stored tensor that a value is, transposed or not; null for a whole tensor, and for what is put together otherwise. */
export function pieceOf(index: GraphIndex, value: string, depth = 0): Piece | null {
  const scope = scopeOf(index, value);
  const node = scope.producer.get(value);
  if (node?.op === 'Transpose' && node.domain === '') {
    const inner = depth < mostTransposes ? pieceOf(scope, node.inputs[0] ?? '', depth + 1) : null;
    const shape = inner && permuted(node, inner.shape);
    return inner && shape && { ...inner, shape };
  }
  const assembled = storedRuns(index, value);
  const [run, ...others] = assembled?.runs ?? [];
  if (!assembled || !run || others.length > 0) return null;
  const { tensor, count } = run;
  const isPart = count > 0 && count < elementCount(tensor.shape) && isFloat(tensor.dtype) && assembled.shape.length === tensor.shape.length;
  return isPart ? { run, shape: assembled.shape } : null;
}

/**
 * A stretch along one axis of a stored tensor that a value is, turned round or not, as a part of it with the fans that `fansOf` gives a tensor of that
 * shape; null for anything else.
 */
export function stretchOf(index: GraphIndex, value: string, fansOf: (shape: readonly number[]) => Fans | null): {
  readonly source: StoredSource; readonly shape: readonly number[]; readonly part: LayerPart;
} | null {
  const turns: Node[] = [];
  let [scope, name] = [scopeOf(index, value), value];
  for (let node = scope.producer.get(name); node?.op === 'Transpose' && turns.length < mostTransposes; node = scope.producer.get(name)) {
    turns.unshift(node);
    [name = ''] = node.inputs;
    scope = scopeOf(scope, name);
  }
  const node = scope.producer.get(name);
  const source = node?.domain === '' && (node.op === 'Slice' || node.op === 'Split') ? storedSource(scope, node.inputs[0] ?? '') : null;
  if (!node || !source || source.shape.length < 2 || source.way.length > 0 || !isFloat(source.tensor.dtype)) return null;
  const cut = node.op === 'Slice' ? slicedAxis(scope, node, source.shape) : splitAxis(scope, node, name, source.shape);
  if (!cut) return null;
  const own = source.shape.with(cut.axis, cut.end - cut.start);
  const shape = turns.reduce<readonly number[] | null>((before, turn) => before && permuted(turn, before), own);
  if (!shape) return null;
  const called = source.shape.length === 2 && cut.axis === 1 ? 'columns' : `axis ${cut.axis}:`;
  const rows = elementCount(own) / (cut.end - cut.start);
  const part = { name: `${called} ${cut.start} to ${cut.end - 1}`, fans: fansOf(shape), slices: [cut], rows, columns: cut.end - cut.start };
  return { source, shape, part };
}

/** The one axis of which a Slice leaves something out. */
function slicedAxis(index: GraphIndex, node: Node, shape: readonly number[]): Slice | null {
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map((position) => knownIntegers(index, node.inputs[position] ?? ''));
  if (!starts || !ends || (steps?.some((step) => step !== 1) ?? false)) return null;
  const cuts = shape.flatMap((size, axis): readonly Slice[] => {
    const at = starts.findIndex((_, i) => [axis, axis - shape.length].includes(axes?.[i] ?? i));
    const [start, end] = at < 0 ? [0, size] : [boundOn(size, starts[at] ?? 0), boundOn(size, ends[at] ?? 0)];
    return end - start === size ? [] : [{ axis, start, end }];
  });
  const [cut, ...others] = cuts;
  return cut && others.length === 0 && cut.end > cut.start ? cut : null;
}

function splitAxis(index: GraphIndex, node: Node, value: string, shape: readonly number[]): Slice | null {
  const given = intAttribute(node, 'axis', 0);
  const axis = given < 0 ? given + shape.length : given;
  const [size, position] = [shape[axis] ?? 0, node.outputs.indexOf(value)];
  const sizes = constantValues(index, node.inputs[1] ?? '') ?? node.outputs.map(() => size / node.outputs.length);
  const start = sizes.slice(0, position).reduce((sum, each) => sum + each, 0);
  const end = start + (sizes[position] ?? 0);
  return Number.isInteger(start) && end > start && end <= size && end - start < size ? { axis, start, end } : null;
}

const thirds = ['query', 'key', 'value'];

/**
 * The rows of a matrix as parts of its tensor: projections where they are thirds of it, as attention packs them that looks at another sequence
 * and so takes the query apart from key and value.
 */
export function partsOfPiece({ run: { tensor, start, count } }: Piece, { fanIn, fanOut }: Fans): readonly LayerPart[] {
  const [rows = 1, columns = 1] = tensor.shape;
  const [first, end, third] = [start / columns, (start + count) / columns, rows / 3];
  const part = (name: string, from: number, to: number, outputs: number): LayerPart => (
    { name, fans: { fanIn, fanOut: outputs }, slices: [{ axis: 0, start: from, end: to }], rows: to - from, columns });
  if (first % third !== 0 || end % third !== 0) return [part(`rows ${first} to ${end - 1}`, first, end, fanOut)];
  return thirds.slice(first / third, end / third).map((name, i) => part(name, first + i * third, first + (i + 1) * third, (fanOut * third) / (end - first)));
}

/** Where several layers read pieces of one tensor, each is told of all of them: it is drawn and measured as a whole. */
export function withSharedParts(layers: readonly Layer[]): readonly Layer[] {
  const parts = new Map<string, Map<number, LayerPart>>();
  const keyOf = (id: string, part: LayerPart | undefined): string => (part?.slices.length === 1 ? `${id}@${part.slices[0]?.axis}` : '');
  for (const { id, parts: own } of layers.flatMap((layer) => layer.weights)) {
    for (const part of own) {
      const [key, start = 0] = [keyOf(id, part), part.slices[0]?.start];
      if (key !== '') parts.set(key, (parts.get(key) ?? new Map<number, LayerPart>()).set(start, part));
    }
  }
  const complete = (weight: LayerWeight): LayerWeight => {
    const all = [...parts.get(keyOf(weight.id, weight.parts[0]))?.entries() ?? []].sort(([a], [b]) => a - b).map(([, part]) => part);
    return weight.parts.length > 0 && all.length > weight.parts.length ? { ...weight, parts: all } : weight;
  };
  return layers.map((layer) => (layer.weights.some((weight) => complete(weight) !== weight) ? { ...layer, weights: layer.weights.map(complete) } : layer));
}
