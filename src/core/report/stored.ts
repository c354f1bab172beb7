import { bytesPerElement, elementCount, isFloat } from '../graph/dtype';
import type { Model } from '../graph/graph';
import type { Layer } from '../layers/layer';
import { graphsOf } from '../graph/graph';

/** Floating-point initializers, sparse values and constants as the file stores them: in subgraphs too, and in functions once. */
export function storedFloats(model: Model): { readonly elements: number; readonly bytes: number } {
  let [elements, bytes] = [0, 0];
  for (const { initializers } of graphsOf(model)) {
    for (const { dtype, shape, stored } of initializers.values()) {
      if (!isFloat(dtype)) continue;
      const count = stored ?? elementCount(shape);
      elements += count;
      bytes += count * bytesPerElement(dtype);
    }
  }
  return { elements, bytes };
}

/** What quantised weights take in the file: their integers, each tensor once. */
export function quantizedBytes(layers: readonly Layer[]): number {
  const tensors = new Map(layers.flatMap(({ weights }) => weights.map(({ id, tensor }) => [id, tensor] as const)));
  return [...tensors.values()].reduce((sum, { dtype, shape }) => (
    isFloat(dtype) ? sum : sum + Math.ceil(elementCount(shape) * bytesPerElement(dtype))), 0);
}
