// Layers whose activation lets little pass: units that are dead or saturated.

import type { Course, Stop } from './course';

/** Less than this share of the gradient's variance that could pass an activation is as good as none over a few layers; 0.5 passes ReLU, 0.46 tanh at σ 1. */
export const flat = 0.1;
/** So many zeros are more than ReLU makes of anything that is centred. */
const manyZeros = 0.9;
const mostUnits = 0.5;

/** Share of the gradient's variance that passes the activation behind a layer, of what passes where that is steepest. Null where it is not known. */
export function passedShare({ gradient: { preactivation, activation }, steepest }: Stop): number | null {
  if (preactivation?.state !== 'finite' || activation?.state !== 'finite' || steepest === null) return null;
  return (preactivation.std / activation.std / steepest) ** 2;
}

export interface ShutLayer {
  readonly stop: Stop;
  /** `dead` says nothing but zeros, `saturated` always the same. */
  readonly how: 'dead' | 'saturated';
  /** Of zeros, of units, or of the gradient that is kept back. */
  readonly share: number;
  readonly of: 'outputs' | 'units' | 'gradient';
}

/** All but the last layer: what an answer says is no loss to those below. */
export function shutLayers({ stops }: Course): readonly ShutLayer[] {
  return stops.slice(0, -1).flatMap((stop) => shutOf(stop) ?? []);
}

/** Null where enough passes, or where nobody knows. */
export function shutOf(stop: Stop): ShutLayer | null {
  const { preactivation, activation, shut, steepest } = stop;
  if (steepest === null) return null;
  if (activation?.state === 'zero' && preactivation?.state === 'finite') {
    return { stop, how: activation.mean === 0 ? 'dead' : 'saturated', share: 1, of: 'units' };
  }
  const isRectified = activation !== null && preactivation !== null && activation.zeros > preactivation.zeros;
  if (isRectified && activation.zeros >= manyZeros && preactivation.state === 'finite') return { stop, how: 'dead', share: activation.zeros, of: 'outputs' };
  if (shut !== null && shut >= mostUnits) return { stop, how: 'saturated', share: shut, of: 'units' };
  const passed = passedShare(stop);
  return passed !== null && passed < flat ? { stop, how: 'saturated', share: 1 - passed, of: 'gradient' } : null;
}
