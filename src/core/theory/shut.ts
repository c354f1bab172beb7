// Units that nothing passes, because what is added to them holds them where their activation is flat.

import type { Activation } from '../ops/spec';
import type { Signal } from './signal';
import { integralsOf, shifted } from './signal';

/** So little of the gradient's variance passes a unit that is shut, of what passes where the function is steepest. */
const passes = 1e-3;

/** Share of the units of a pre-activation that are shut; null where the function has no steepest place, and so none where it is flat. */
export function shutShare(activation: Activation, signal: Signal, steepest: number | null, made: Partial<Signal> = {}): number | null {
  if (steepest === null) return null;
  const isShut = (unit: Signal): boolean => integralsOf(unit, activation, made).slope < passes * steepest ** 2;
  const { spread } = signal;
  if (!spread) return isShut(signal) ? 1 : 0;
  return spread.law.reduce((sum, { at, share }) => sum + (isShut(shifted(spread.around, at)) ? share : 0), 0);
}
