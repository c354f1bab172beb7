import { elementCount } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { mixingOf } from './constantReasons';
import type { LayerWeight } from './layer';
import { wholeWeight } from './layer';
import type { Follower } from './follow';
import { normalizations } from './normalization';
import { isReal, storedSource } from './source';

/** Operators between a normalisation and its scale that leave every element as it is. */
const between = new Set(['Reshape', 'Cast', 'Identity', 'Squeeze', 'Unsqueeze']);
const farthest = 4;

/**
 * The stored vector of a Mul or Add that is the scale γ or the shift β of the normalisation before it: exporters write layer normalisation so,
 * and group normalisation, and Caffe its scale behind a batch normalisation.
 */
export function affineOf(index: GraphIndex, node: Node, follower: Follower, gains: ReadonlyMap<Node, LayerWeight>): LayerWeight | null {
  const inside = follower.affineRole(index, node);
  if (inside) return affineWithin(index, node, inside);
  const isScale = node.op === 'Mul';
  if (node.domain !== '' || (!isScale && node.op !== 'Add') || (isScale && mixingOf(index, node) !== null)) return null;
  for (const [position, input] of node.inputs.entries()) {
    const source = storedSource(index, input);
    const signal = node.inputs[1 - position] ?? '';
    if (!source || !isReal(source) || elementCount(source.shape) <= 1 || storedSource(index, signal)) continue;
    if (isScale ? !isNormalized(index, signal, follower, gains) : !isScaled(index, signal, source.shape, follower, gains)) return null;
    return wholeWeight(source, isScale ? 'gamma' : 'beta');
  }
  return null;
}

/** The stored operand of a node within a normalisation. */
function affineWithin(index: GraphIndex, node: Node, role: 'gamma' | 'beta'): LayerWeight | null {
  const source = node.inputs.map((input) => storedSource(index, input)).find((each) => each !== null);
  return source && isReal(source) ? wholeWeight(source, role) : null;
}

const isVector = (shape: readonly number[]): boolean => elementCount(shape) > 1 && shape.filter((size) => size > 1).length === 1;

type Gains = Parameters<typeof affineOf>[3];

function isNormalized(index: GraphIndex, value: string, follower: Follower, gains: Gains, steps = 0): boolean {
  const node = index.producer.get(value);
  if (!node || steps > farthest) return false;
  if (normalizations.has(node.op) || follower.isWrittenEnd(index, node)) return true;
  const before = index.producer.get(node.inputs[0] ?? '');
  if (node.op === 'Tanh') return before !== undefined && gains.get(before)?.gain?.of === 'tanh';
  return between.has(node.op) && isNormalized(index, node.inputs[0] ?? '', follower, gains, steps + 1);
}

/** A normalisation, or one with its scale. What is no vector may be a table of positions, unless the scale has the same shape. */
function isScaled(index: GraphIndex, value: string, shape: readonly number[], follower: Follower, gains: Gains): boolean {
  const node = index.producer.get(value);
  if (node?.op !== 'Mul' || follower.isWrittenEnd(index, node)) return isVector(shape) && isNormalized(index, value, follower, gains);
  const scale = affineOf(index, node, follower, gains);
  return scale !== null && (isVector(shape) || scale.seenShape.join() === shape.join());
}
