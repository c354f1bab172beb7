// What is known of the gradient with respect to a value, where that at the outputs is noise of unit variance.

import { together } from './borders';
import type { Profile } from './borders';

/** Over units, positions and samples; gradients have no mean. */
export interface Gradient {
  /** E g² */
  readonly second: number;
  /** E g g′ of a unit at two positions of a sample. */
  readonly local: number;
  /** Where places of an image are not alike. */
  readonly profile?: Profile;
  /** Absent where samples have nothing in common, as of noise; NaN where it is not known. */
  readonly across?: Across;
  /** Those of a place add up to zero over the units, as behind a softmax. */
  readonly balanced?: true;
  /** E g² at the last position, where that is not as at the others. */
  readonly last?: number;
  /** E g g′ at two steps that a recurrent layer has read. */
  readonly between?: (t: number, s: number) => number;
}

/** Of a unit in two samples: E g g′ at one position, and at two. */
export interface Across {
  readonly same: number;
  readonly other: number;
}

/** Of what arrives at an output, and so much of the gradient at an input is. */
export type Backward = (gradient: Gradient) => Gradient;

/** By a factor at one place, at two positions, and at one in two samples. */
export const scaled = (factor: number, local = factor, same = local): Backward => ({ second, local: shared, across, profile }) => withProfileOf(
  profile, withAcross({ second: second * factor, local: shared * local }, across && { same: across.same * same, other: across.other * local }));

/** Of gradients that have just been made: most have neither. */
export const withAcross = (made: Gradient, across: Across | undefined): Gradient => (across ? Object.assign(made, { across }) : made);
export const withProfileOf = (profile: Profile | null | undefined, made: Gradient): Gradient => (profile ? Object.assign(made, { profile }) : made);

/** A value of which `ratio` elements are made of each: the gradients of its copies are added up, and what has no copy gets none. */
export function copied(ratio: number): Backward {
  if (ratio === 1) return (gradient) => gradient;
  const gathered = (own: number, other: number): number => ratio * own + Math.max(0, ratio * (ratio - 1)) * other;
  return ({ second, local, across }) => withAcross({ second: gathered(second, local), local: ratio ** 2 * local },
    across && { same: gathered(across.same, across.other), other: ratio ** 2 * across.other });
}

/** With another profile than the one that it had. */
export const reshaped = ({ second, local, across }: Gradient, profile: Profile | null | undefined): Gradient => (
  withProfileOf(profile, withAcross({ second, local }, across)));

export const sumOf = (a: Gradient, b: Gradient): Gradient => withProfileOf(together(a.profile, a.second, b.profile, b.second), {
  second: a.second + b.second, local: a.local + b.local,
  ...(a.across || b.across ? { across: { same: (a.across?.same ?? 0) + (b.across?.same ?? 0), other: (a.across?.other ?? 0) + (b.across?.other ?? 0) } } : {}),
  ...(a.last === undefined && b.last === undefined ? {} : { last: (a.last ?? a.second) + (b.last ?? b.second) }),
  ...(a.between === undefined && b.between === undefined ? {} : { between: (t: number, s: number) => atSteps(a, t, s) + atSteps(b, t, s) }),
});

export const atSteps = ({ second, local, between }: Gradient, t: number, s: number): number => between?.(t, s) ?? (t === s ? second : local);
