import { elementCount } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { storedSource } from './source';
import { writtenNormalization } from './writtenNorms';

/** Operators that normalise; `com.microsoft`'s add the skip connection first. */
export const normalizations: ReadonlySet<string> = new Set([
  'BatchNormalization', 'LayerNormalization', 'InstanceNormalization', 'GroupNormalization', 'RMSNormalization', 'LRN', 'LpNormalization',
  'MeanVarianceNormalization', 'SimplifiedLayerNormalization', 'SkipLayerNormalization', 'SkipSimplifiedLayerNormalization',
]);

/** A normalisation written out in primitive operators. */
export interface WrittenOut {
  readonly op: 'LayerNormalization' | 'RMSNormalization' | 'GroupNormalization';
  /** The value that is normalised. */
  readonly input: string;
  /** The last of its nodes, before scale and shift where they stand behind it. */
  readonly node: Node;
  /** The nodes that multiply with γ and add β inside it. */
  readonly scale?: Node;
  readonly shift?: Node;
  /** The normalisation inside it, whose own scale and shift are nothing but one and zero. */
  readonly inner?: Node;
}

/** The normalisations of one graph that are written out, by the value they normalise. */
export function writtenOutNormalizations(index: GraphIndex): ReadonlyMap<string, WrittenOut> {
  const found = new Map<string, WrittenOut>();
  for (const node of index.graph.nodes) {
    const written = writtenNormalization(index, node) ?? asGroups(index, node);
    if (written && !found.has(written.input)) found.set(written.input, written);
  }
  return found;
}

/**
 * Group normalisation (Wu & He 2018, arXiv 1803.08494) before it had an operator: each group is reshaped to one channel of an instance
 * normalisation and back, and the scale γ, which is as long as there are channels, follows.
 */
function asGroups(index: GraphIndex, node: Node): WrittenOut | null {
  if (node.op !== 'InstanceNormalization' || node.domain !== '') return null;
  const before = index.producer.get(node.inputs[0] ?? '');
  const [after, ...others] = index.consumers.get(node.outputs[0] ?? '') ?? [];
  if (before?.op !== 'Reshape' || after?.op !== 'Reshape' || others.length > 0) return null;
  const groups = storedSource(index, node.inputs[1] ?? '');
  const isScaled = (index.consumers.get(after.outputs[0] ?? '') ?? []).some((user) => user.op === 'Mul' && user.inputs.some((input) => {
    const scale = storedSource(index, input);
    return scale && groups && elementCount(scale.shape) > elementCount(groups.shape);
  }));
  return isScaled ? { op: 'GroupNormalization', input: before.inputs[0] ?? '', node: after, inner: node } : null;
}
