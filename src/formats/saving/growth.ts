import type { Tensor } from '../../core/graph/tensor';
import { bytes } from '../../protocol/units';
import { sayOf } from '../../protocol/words';
import { denseLength, isRewritten } from './tensorWrite';

/** Fewer bytes than that are not worth a sentence: tags and lengths around values. */
const fewest = 1 << 12;

/** How much a file grows by new values of these tensors, in a sentence; none where they have the place of the old ones. */
export function growthNotes(tensors: readonly Tensor[]): readonly string[] {
  const written = tensors.filter(isRewritten);
  const growth = written.reduce((sum, tensor) => sum + denseLength(tensor) - (tensor.home ? tensor.home.end - tensor.home.start : 0), 0);
  if (growth < fewest) return [];
  return [sayOf(written.length,
    '{0} tensor is computed, sparse, packed or missing in the file, and written out with new values: the file grows by about {1}.',
    '{0} tensors are computed, sparse, packed or missing in the file, and written out with new values: the file grows by about {1}.', bytes(growth))];
}
