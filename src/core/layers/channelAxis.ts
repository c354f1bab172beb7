// Along which axis the channels of a layer lie, some operators behind it: the second of a convolution, the last of a product, moved by transpositions.

import type { Node } from '../graph/graph';
import { intsAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { WrittenOut } from './normalization';
import { storedSource } from './source';

/** Operators between a layer and the end of its branch. */
const farthest = 400;

/** Of `value`, which `last` makes by way of `written` norms and what only passes it on; counted from the end where it is negative. */
export function channelAxis(index: GraphIndex, value: string, last: Node, written: ReadonlyMap<Node, WrittenOut>): number | null {
  const moves: (readonly number[])[] = [];
  let at = value;
  for (let step = 0; step < farthest; step++) {
    const node = index.producer.get(at);
    if (!node) return null;
    if (node === last) return moves.reduceRight<number | null>(moved, last.op.includes('Conv') ? 1 : -1);
    if (node.op === 'Transpose') moves.push(intsAttribute(node, 'perm') ?? []);
    const next = written.get(node)?.input ?? node.inputs.find((input) => input !== '' && !storedSource(index, input));
    if (next === undefined) return null;
    at = next;
  }
  return null;
}

/** Without its numbers a transposition turns all axes around. */
function moved(axis: number | null, perm: readonly number[]): number | null {
  if (axis === null) return null;
  if (perm.length === 0) return -1 - axis;
  const found = perm.indexOf(axis < 0 ? perm.length + axis : axis);
  return found < 0 ? null : found;
}
