// The kernel's variance that serves a stack best which no variance serves exactly: what signal and gradient lose over its depth, in one number.

import type { Activation } from '../ops/spec';
import { activationIntegrals } from './activationIntegrals';

/** What becomes of signal and gradient over a stack of so many layers. */
export interface Journey {
  /** E x² behind the last activation over that behind the first. */
  readonly forward: number;
  /** Variance of the gradient at the first pre-activation over that at the last. */
  readonly backward: number;
  /** The largest of all layers over the smallest, of whichever of the two changes more. */
  readonly range: number;
}

/** Deeper stacks are judged by as many layers: what has settled stays so. */
const deepest = 128;

/** Of a stack that reads unit variance, by kernels of variance C_W / fan_in and biases of variance C_b: K ↦ C_W E f² + C_b. */
export function journey(activation: Activation, depth: number, weights: number, biases: number): Journey {
  const steps = Math.min(depth, deepest);
  let variance = weights + biases;
  const [signals, gradients]: [number[], number[]] = [[], [1]];
  for (let layer = 0; layer < steps; layer++) {
    const { second, slope } = activationIntegrals(activation, Math.sqrt(variance), 0);
    signals.push(second);
    if (layer < steps - 1) gradients.push((gradients.at(-1) ?? 1) * weights * slope);
    variance = weights * second + biases;
  }
  const [forward, backward] = [(signals.at(-1) ?? 1) / (signals[0] ?? 1), gradients.at(-1) ?? 1];
  return { forward, backward, range: Math.max(rangeOf(signals), rangeOf(gradients)) };
}

const rangeOf = (values: readonly number[]): number => Math.max(...values) / Math.min(...values);

/** The larger of both losses, as a logarithm. */
export const loss = ({ forward, backward }: Journey): number => Math.max(Math.abs(Math.log(forward)), Math.abs(Math.log(backward)));

/** Variances that are tried, as multiples of the one at which small signals keep their scale. */
const [least, most, steps] = [0.5, 3, 64];

/** C_W of the least loss for that depth, biases at zero; `straight` is that of small signals, 1 / f′(0)². */
export function balancedVariance(activation: Activation, depth: number, straight: number): number {
  let best = { variance: straight, loss: Infinity };
  for (let i = 0; i <= steps; i++) {
    const variance = straight * least * (most / least) ** (i / steps);
    const found = loss(journey(activation, depth, variance, 0));
    if (found < best.loss) best = { variance, loss: found };
  }
  return best.variance;
}
