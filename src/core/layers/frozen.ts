import { bytesPerElement, isFloat } from '../graph/dtype';
import type { Tensor } from '../graph/tensor';
import type { Quantization } from './quantized';

/** Of a name, characters that are looked at. */
const longestName = 1024;

/** Why a tensor keeps its values whatever its role, as a clause, or null. */
export function frozenReason(name: string, tensor: Tensor, quantization: Quantization | null): string | null {
  if (tensor.problem !== undefined && !tensor.stripped) return `it cannot be read: ${tensor.problem}`;
  if (quantization !== null || !isFloat(tensor.dtype)) {
    const bits = 8 * bytesPerElement(tensor.dtype);
    // Biases are quantised to 32 bits, by the scales of what they are added to.
    const tooFew = bits < 32 ? `, and ${bits} bits are too few to train from` : '';
    return `it is quantised to ${tensor.dtype}: new values would need a new scale${tooFew}. Reinitialize the float model it was made from, and `
      + 'quantise again';
  }
  const isTransform = /(^|[._/])(forward_basis|inverse_basis|stft|window_fn|mel_basis|melscale)/i.test(name.slice(0, longestName));
  return isTransform ? 'its name says that it is a fixed transform (STFT or mel basis)' : null;
}
