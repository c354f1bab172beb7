// Where gradients begin: with noise at the outputs, or with a loss against targets that are drawn.

import type { LossKind } from '../../protocol/simulation';
import { elementCount } from '../graph/dtype';
import { intAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { specOf } from '../ops/registry';
import type { Gradient } from './gradient';
import type { Signal } from './signal';
import { correlationOf, integralsOf, varianceOf } from './signal';
import { squaredWeights } from './softmaxWeight';

type ShapeOf = (value: string) => readonly number[] | null;

/** By value; none of outputs whose signal, or size where the loss is a mean, is not known, and none of mean squares. */
export function gradientsOf(index: GraphIndex, loss: LossKind, signals: ReadonlyMap<string, Signal>, shapeOf: ShapeOf): ReadonlyMap<string, Gradient> {
  return new Map(index.graph.outputs.flatMap(({ name }): readonly (readonly [string, Gradient])[] => {
    if (!signals.has(name)) return [];
    if (loss === 'noise') return [[name, { second: 1, local: 0 }]];
    const shape = shapeOf(name);
    // 2 (y − t) / n of a mean square has y in it, which the weights have made that it goes back through: Wᵀ W x is no sum of independent terms.
    return loss === 'cross-entropy' && shape ? crossEntropy(index, name, shape, signals) : [];
  }));
}

/** With labels drawn alike: of softmax (p − t) / rows, E Σ (p − t)² = E Σ p² − 2/L + 1; of a sigmoid (σ − t) / n, t 0 or 1. */
function crossEntropy(
  index: GraphIndex, output: string, shape: readonly number[], signals: ReadonlyMap<string, Signal>,
): readonly (readonly [string, Gradient])[] {
  let node = index.producer.get(output);
  while (node?.op === 'Reshape' || node?.op === 'Identity' || node?.op === 'Flatten') node = index.producer.get(node.inputs[0] ?? '');
  const isHead = node !== undefined && /^(Sigmoid|(Log)?Softmax)$/.test(node.op);
  const logits = isHead ? node?.inputs[0] ?? output : output;
  const signal = signals.get(logits);
  if (!signal) return [];
  const count = elementCount(shape);
  const sigmoid = node?.op === 'Sigmoid' ? specOf(node)?.activation?.(node, () => null) : null;
  if (sigmoid) {
    const integrals = integralsOf(signal, sigmoid);
    const { mean, second } = integrals;
    // E (σ − t) (σ′ − t′) = E σ σ′ − E σ + 1/4, answers being drawn each by itself.
    const pair = (common: number): number => (integrals.between(correlationOf(signal, common)) - mean + 0.25) / count ** 2;
    return [[logits, { second: (second - mean + 0.5) / count ** 2, local: 0, across: { same: pair(signal.common), other: 0 } }]];
  }
  const classes = shape.at(isHead && node ? intAttribute(node, 'axis', -1) : -1) ?? 1;
  const each = (squaredWeights(classes, varianceOf(signal)) - 2 / classes + 1) / classes;
  // E Σ (p − t) (p′ − t′) = E Σ p p′ − 1/L: as p² is, of what the scores have in common.
  const pair = (common: number): number => (
    (squaredWeights(classes, varianceOf(signal) * Math.max(0, correlationOf(signal, common))) - 1 / classes) / classes * (classes / count) ** 2);
  const hasPositions = count > classes * (shape[0] ?? 1);
  return [[logits, {
    second: each * (classes / count) ** 2, local: hasPositions ? pair(signal.local) : 0,
    across: { same: pair(signal.common), other: hasPositions ? pair(signal.apart) : 0 }, balanced: true,
  }]];
}
