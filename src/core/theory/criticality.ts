// How a stack of one activation treats the variance of its pre-activations, K ↦ C_W g(K) + C_b with g(K) = E f(x)², x ~ N(0, K)
// (Poole et al. 2016, eq. 3; Roberts, Yaida & Hanin 2022, chapter 5, whose letters these are).

import { activationMoments, expectation } from '../ops/quadrature';
import { signChanges } from '../ops/roots';
import type { Activation } from '../ops/spec';
import { sameFunction } from './sameFunction';

/** What one layer does at a variance K of its pre-activations, by a kernel of variance C_W / fan_in. */
export interface LocalResponse {
  /** χ∥ = C_W g′(K): what becomes of a small change of K, per layer. */
  readonly parallel: number;
  /** χ⊥ = C_W E f′²: what becomes of a small difference between two samples, and of the variance of a gradient, per layer. */
  readonly perpendicular: number;
}

/** g′(K) = E[f f′ x] / K, by Gaussian integration by parts. */
export function varianceSlope(activation: Activation, variance: number): number {
  const { f, df } = activation;
  return expectation(activation, Math.sqrt(variance), (x) => f(x) * df(x) * x) / variance;
}

export function responseAt(activation: Activation, variance: number, weightVariance: number): LocalResponse {
  const { slope } = activationMoments(activation, Math.sqrt(variance));
  return { parallel: weightVariance * varianceSlope(activation, variance), perpendicular: weightVariance * slope };
}

/**
 * How deep stacks of an activation can be tuned (Roberts, Yaida & Hanin 2022, chapter 5).
 * `scale-invariant`: f(λx) = λ f(x), every K is a fixed point. `towards zero`: K shrinks to 0, slowly, as of tanh. `half-stable`: a fixed point K > 0
 * that deviations leave on one side, as of GELU and SiLU. `none`: no C_W and C_b keep both responses at 1.
 */
export type UniversalityClass = 'scale-invariant' | 'towards zero' | 'half-stable' | 'none';

export interface Criticality {
  readonly kind: UniversalityClass;
  /** Fixed point of the variance of pre-activations; null where every one is. */
  readonly variance: number | null;
  /** Variance of weights, times fan_in, and of biases, at which χ∥ = χ⊥ = 1. NaN where there are none. */
  readonly weights: number;
  readonly biases: number;
}

const known = new WeakMap<Activation, Criticality>();

export function criticalityOf(activation: Activation): Criticality {
  const one = sameFunction(activation);
  const found = known.get(one) ?? findCriticality(one);
  known.set(one, found);
  return found;
}

function findCriticality(activation: Activation): Criticality {
  if (isScaleInvariant(activation)) return { kind: 'scale-invariant', variance: null, weights: 1 / activationMoments(activation).slope, biases: 0 };
  const { f, df } = activation;
  if (f(0) !== 0) return none;
  // Near 0 it is as good as straight, but for a kink there: K shrinks where less is passed on than by two straight halves.
  const straight = (df(-tiny) ** 2 + df(tiny) ** 2) / 2;
  const passed = activationMoments(activation, Math.sqrt(nearZero)).second;
  if (straight > 0 && passed < straight * nearZero) return { kind: 'towards zero', variance: 0, weights: 1 / straight, biases: 0 };
  const variance = crossing(activation);
  if (variance === null) return none;
  const { second, slope: squared } = activationMoments(activation, Math.sqrt(variance));
  return { kind: 'half-stable', variance, weights: 1 / squared, biases: variance - second / squared };
}

const none: Criticality = { kind: 'none', variance: null, weights: NaN, biases: NaN };
const nearZero = 1e-6;
const tiny = 1e-12;

/** f(λx) = λ f(x) for all λ > 0. */
export function isScaleInvariant({ f }: Activation): boolean {
  return [0.5, 3, 1e3].every((scale) => [-1, 1].every((x) => Math.abs(f(scale * x) - scale * f(x)) <= 1e-9 * scale)) && f(0) === 0;
}

/** ln K between which a fixed point is looked for, and steps: those of activations in use are at variances between 1 and 20. */
const [least, most, steps] = [Math.log(1e-3), Math.log(1e3), 60];

/** Where χ∥ = χ⊥ for whatever C_W; null where they are never equal, or only where C_b would be negative. */
function crossing(activation: Activation): number | null {
  const excess = (log: number): number => {
    const { slope } = activationMoments(activation, Math.exp(log / 2));
    return varianceSlope(activation, Math.exp(log)) / slope - 1;
  };
  for (const log of signChanges(excess, least, most, steps)) {
    const variance = Math.exp(log);
    const { second, slope } = activationMoments(activation, Math.sqrt(variance));
    if (variance - second / slope >= 0) return variance;
  }
  return null;
}
