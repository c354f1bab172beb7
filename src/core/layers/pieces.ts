import { elementCount, isFloat } from '../graph/dtype';
import type { GraphIndex } from '../graph/order';
import { scopeOf } from '../graph/order';
import type { Fans } from '../ops/spec';
import type { Layer, LayerPart, LayerWeight } from './layer';
import type { Run } from './runs';
import { storedRuns } from './runs';
import { permuted } from './source';

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
  for (const { id, parts: own } of layers.flatMap((layer) => layer.weights)) {
    for (const part of own) {
      const [slice] = part.slices;
      if (part.slices.length === 1 && slice?.axis === 0) parts.set(id, (parts.get(id) ?? new Map<number, LayerPart>()).set(slice.start, part));
    }
  }
  const complete = (weight: LayerWeight): LayerWeight => {
    const all = [...parts.get(weight.id)?.entries() ?? []].sort(([a], [b]) => a - b).map(([, part]) => part);
    return weight.parts.length > 0 && all.length > weight.parts.length ? { ...weight, parts: all } : weight;
  };
  return layers.map((layer) => (layer.weights.some((weight) => complete(weight) !== weight) ? { ...layer, weights: layer.weights.map(complete) } : layer));
}
