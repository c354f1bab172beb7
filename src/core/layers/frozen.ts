import { bytesPerElement, isFloat } from '../graph/dtype';
import type { Tensor } from '../graph/tensor';
import { say } from '../../protocol/words';
import type { Quantization } from './quantized';

/** Of a name, characters that are looked at. */
const longestName = 1024;

/** Why a tensor keeps its values whatever its role, as a clause, or null. */
export function frozenReason(name: string, tensor: Tensor, quantization: Quantization | null): string | null {
  if (tensor.problem !== undefined && !tensor.stripped) return say('it cannot be read: {0}', tensor.problem);
  if (quantization !== null || !isFloat(tensor.dtype)) {
    const bits = 8 * bytesPerElement(tensor.dtype);
    // Biases are quantised to 32 bits, by the scales of what they are added to.
    return bits < 32 ? say('it is quantised to {0}: new values would need a new scale, and {1} bits are too few to train from. '
      + 'Reinitialize the float model it was made from, and quantise again', tensor.dtype, bits)
      : say('it is quantised to {0}: new values would need a new scale. Reinitialize the float model it was made from, and quantise again', tensor.dtype);
  }
  const isTransform = /(^|[._/])(forward_basis|inverse_basis|stft|window_fn|mel_basis|melscale)/i.test(name.slice(0, longestName));
  return isTransform ? say('its name says that it is a fixed transform (STFT or mel basis)') : null;
}
