// What a layer does to what comes to it, in the numbers of the theory of deep stacks: responses, fixed point, depth scale, and how far draws differ.

import type { LayerResponse } from '../../protocol/simulation';
import { signChanges } from '../ops/roots';
import type { Activation } from '../ops/spec';
import type { ActivationIntegrals } from './activationIntegrals';
import { activationIntegrals } from './activationIntegrals';
import { criticalityOf } from './criticality';
import type { TensorMoments } from './signal';
import { varianceOf } from './signal';

/** A layer, of its pre-activations on: the kernel that reads what its function f gives would be as its own. */
export interface Stacked {
  readonly activation: Activation;
  /** Of its pre-activations. */
  readonly preactivation: TensorMoments;
  /** C_W = fan_in E w² and C_b of biases: K ↦ C_W E f² + C_b. */
  readonly weights: number;
  readonly biases: number;
}

/** χ⊥ = C_W E f′², χ∥ = C_W dE f² / dK (Roberts, Yaida & Hanin 2022, chapter 5), and the depth ξ = 1 / |ln χ⊥| (Schoenholz et al. 2017, eq. 9). */
export function responseOf(stacked: Stacked): Omit<LayerResponse, 'toInput' | 'toOutput' | 'spread'> {
  const { activation, preactivation, weights, biases } = stacked;
  const { slope, secondSlope } = at(activation, preactivation);
  const [perpendicular, parallel] = [weights * slope, weights * secondSlope];
  return {
    weights, biases, perpendicular, parallel, depthScale: 1 / Math.abs(Math.log(perpendicular)), fixedPoint: fixedPoint(stacked),
    stack: criticalityOf(activation).kind,
  };
}

const at = (activation: Activation, moments: TensorMoments): ActivationIntegrals => (
  activationIntegrals(activation, Math.sqrt(varianceOf(moments)), moments.mean));

/** ln K between which a fixed point is looked for, and steps. */
const [lowest, highest, steps] = [-14, 14, 56];
/** So near to 0 a map that scales is the identity. */
const unchanged = 1e-3;

/** The nearest one to where the layer is; null where there is none, or where every variance is one. */
function fixedPoint({ activation, preactivation, weights, biases }: Stacked): LayerResponse['fixedPoint'] {
  const integrals = (log: number): ActivationIntegrals => activationIntegrals(activation, Math.exp(log / 2), 0);
  const excess = (log: number): number => Math.log(weights * integrals(log).second + biases) - log;
  const here = Math.log(varianceOf(preactivation));
  const found = [...signChanges(excess, lowest, highest, steps, (before, behind) => Math.max(Math.abs(before.g), Math.abs(behind.g)) > unchanged)];
  if (found.length === 0) return null;
  const nearest = found.reduce((best, log) => (Math.abs(log - here) < Math.abs(best - here) ? log : best));
  return { variance: Math.exp(nearest), isStable: weights * integrals(nearest).secondSlope < 1 };
}

/**
 * Variance of ln K over draws behind a function of n units, from that before it: V ↦ s² ((χ∥ K / C_W E f²)² V + (E f⁴ / (E f²)² − 1) / n), s being the share
 * of K that biases leave to it (Roberts, Yaida & Hanin 2022, section 4.3; Hanin & Rolnick 2018).
 */
export function spreadBehind(before: number, activation: Activation, moments: TensorMoments, units: number, share: number): number {
  const { second, secondSlope, fourth } = at(activation, moments);
  if (second === 0) return 0;
  const elasticity = secondSlope * varianceOf(moments) / second;
  return share ** 2 * (elasticity ** 2 * before + (fourth / second ** 2 - 1) / units);
}
