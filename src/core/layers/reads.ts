// Where a layer's signal comes from.

import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { isFixed } from './source';

/** Operators that hand on elements of the first thing they read, and nothing else. */
const moving = new Set([
  'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Identity', 'Cast', 'Dropout', 'Slice', 'Split', 'Gather', 'Expand', 'Tile', 'MaxPool',
  'GlobalMaxPool', 'DepthToSpace', 'SpaceToDepth',
]);
const farthest = 32;

/** The value that a layer's signal comes from, behind whatever only moves it. */
export function readBy(index: GraphIndex, node: Node): string {
  let value = node.inputs.find((input) => input !== '' && !isFixed(index, input)) ?? '';
  for (let step = 0; step < farthest; step++) {
    const before = index.producer.get(value);
    if (before?.domain !== '' || !moving.has(before.op)) return value;
    value = before.inputs[0] ?? '';
  }
  return value;
}
