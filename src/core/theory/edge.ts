// The edge of chaos: kernels and biases with which a stack of any depth keeps the variance of its signal, and that of its gradient (Schoenholz et al. 2017).

import type { Activation } from '../ops/spec';
import { activationIntegrals } from './activationIntegrals';

export interface EdgePoint {
  /** K of the pre-activations, which stays: C_W E f² + C_b = K. */
  readonly variance: number;
  /** C_W, of kernels times fan_in: gradients keep their variance, C_W E f′² = 1. */
  readonly weights: number;
  /** C_b. */
  readonly biases: number;
}

/** Variances that are tried, from the largest, which uses most of the activation, to one at which it is as good as straight. */
const [most, least, steps] = [2, 1e-3, 48];
/** Biases are the same for all samples: what they add over the depth is at most so much of a signal, so that samples stay different. */
const mostShared = 1 / 2;

/** The point for so many layers; null where none keeps both. */
export function edgeOf(activation: Activation, depth: number): EdgePoint | null {
  for (let i = 0; i <= steps; i++) {
    const variance = most * (least / most) ** (i / steps);
    const { second, slope } = activationIntegrals(activation, Math.sqrt(variance), 0);
    const biases = variance - second / slope;
    if (biases >= 0 && depth * biases <= mostShared * variance) return { variance, weights: 1 / slope, biases };
  }
  return null;
}
