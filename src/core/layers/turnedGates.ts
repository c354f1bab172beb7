// Gates that a graph takes out of a stored kernel along its columns, turns round, and puts one behind the other, as recurrent operators take them.

import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { scopeOf } from '../graph/order';
import type { Fans, ParameterUse } from '../ops/spec';
import { knownIntegers } from './dimensions';
import type { LayerWeight } from './layer';
import { wholeWeight } from './layer';
import { stretchOf } from './pieces';
import { unsqueezed } from './source';

/** More gates are in no cell. */
const mostGates = 16;

/**
 * The one stored tensor that a kernel of a recurrent operator is put together from, with its gates as parts; null for anything else.
 * Keras stores [in, gates · units], ONNX takes [directions, gates · units, in].
 */
export function turnedGates(index: GraphIndex, node: Node, input: string, use: ParameterUse, position: number): LayerWeight | null {
  const outer = scopeOf(index, input).producer.get(input);
  if (outer?.op !== 'Unsqueeze' || outer.domain !== '') return null;
  const joined = outer.inputs[0] ?? '';
  const scope = scopeOf(index, joined);
  const concat = scope.producer.get(joined);
  if (concat?.op !== 'Concat' || intAttribute(concat, 'axis', -1) !== 0 || concat.inputs.length > mostGates) return null;
  const none = (): Fans | null => null;
  const pieces = concat.inputs.map((piece) => stretchOf(scope, piece, none));
  const [first] = pieces;
  const isOne = first && pieces.every((piece) => piece?.source.tensor === first.source.tensor && piece.shape.slice(1).join() === first.shape.slice(1).join());
  if (!isOne) return null;
  const rows = pieces.reduce((sum, piece) => sum + (piece?.shape[0] ?? 0), 0);
  const axes = knownIntegers(index, outer.inputs[1] ?? '');
  const shape = axes && unsqueezed([rows, ...first.shape.slice(1)], axes);
  if (!shape) return null;
  const fans = use.fans?.(shape, node, position) ?? null;
  const named = use.parts?.(shape, node) ?? [];
  const parts = pieces.flatMap((piece, i) => (piece ? [{ ...piece.part, name: named[i]?.name ?? piece.part.name, fans }] : []));
  return { ...wholeWeight(first.source, use.role), fans, seenShape: shape, parts: named.length === pieces.length ? parts : [] };
}
