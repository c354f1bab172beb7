/** Whether tensors of equal statistics hold equal elements: what two models are compared by where nothing else tells them apart. */

import type { LayerWeight } from '../../core/layers/layer';
import type { ModelComparison } from '../../protocol/comparison';
import type { FilePool, TensorContent } from './content';
import type { Stepwise } from './measure';
import { digest } from './ties';

/** A weight, and where its values come from. */
export interface Held {
  readonly weight: LayerWeight;
  readonly content: TensorContent;
}

export const pairKey = (left: string, right: string): string => JSON.stringify([left, right]);

/** Keys of the pairs that a comparison takes for the same, and whose elements are in another order. Where layouts differ, nothing is said of it. */
export function* findReordered(
  pool: FilePool, { layers }: Pick<ModelComparison, 'layers'>, leftOf: (id: string) => Held | undefined, rightOf: (id: string) => Held | undefined,
): Stepwise<ReadonlySet<string>> {
  const found = new Set<string>();
  const seen = new Set<string>();
  for (const { left, right, sameValues } of layers.flatMap(({ weights }) => weights)) {
    if (!sameValues || left === null || right === null || seen.has(pairKey(left, right))) continue;
    seen.add(pairKey(left, right));
    const [a, b] = [leftOf(left), rightOf(right)];
    if (a && b && (yield* areReordered(pool, a, b))) found.add(pairKey(left, right));
  }
  return found;
}

function* areReordered(pool: FilePool, left: Held, right: Held): Stepwise<boolean> {
  const [a, b] = [left.weight.tensor, right.weight.tensor];
  if (![a, b].every(hasElements)) return false;
  const isPlain = a.shape.join() === b.shape.join();
  const isTransposed = a.shape.length === 2 && a.shape.toReversed().join() === b.shape.join();
  if (!isPlain && !isTransposed) return false;
  const [ofLeft, ofRight] = [yield* digest(pool, left.weight, left.content), yield* digest(pool, right.weight, right.content)];
  return ofLeft.plain !== ofRight.plain && ofLeft.transposed !== ofRight.plain;
}

/** A law has none; of what is filled, or stored where it is not zero, the moments say as much. */
const hasElements = ({ declared, fill, stored }: LayerWeight['tensor']): boolean => declared === undefined && fill === undefined && stored === undefined;
