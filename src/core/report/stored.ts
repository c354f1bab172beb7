import { bytesPerElement, elementCount, isFloat } from '../graph/dtype';
import type { Model } from '../graph/graph';
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
