// What is known of the gradient with respect to a value, where that at the outputs is noise of unit variance.

import { together } from './borders';
import type { Profile } from './borders';

/** Over units, positions and samples; gradients have no mean, and samples have nothing in common. */
export interface Gradient {
  /** E g² */
  readonly second: number;
  /** E g g′ of a unit at two positions of a sample. */
  readonly local: number;
  /** Where places of an image are not alike. */
  readonly profile?: Profile;
  /** E g² at the last position, where that is not as at the others. */
  readonly last?: number;
  /** E g g′ at two steps that a recurrent layer has read. */
  readonly between?: (t: number, s: number) => number;
}

/** Of what arrives at an output, and so much of the gradient at an input is. */
export type Backward = (gradient: Gradient) => Gradient;

export const scaled = (factor: number, local = factor): Backward => ({ second, local: pair, profile }) => (
  { second: second * factor, local: pair * local, ...(profile ? { profile } : {}) });

/** A value of which `ratio` elements are made of each: the gradients of its copies are added up, and what has no copy gets none. */
export const copied = (ratio: number): Backward => (ratio === 1 ? (gradient) => gradient : ({ second, local }) => ({
  second: ratio * second + Math.max(0, ratio * (ratio - 1)) * local, local: ratio ** 2 * local,
}));

const profileOf = (profile: Profile | null | undefined): Pick<Gradient, 'profile'> => (profile ? { profile } : {});

/** With another profile than the one that it had. */
export const reshaped = ({ second, local }: Gradient, profile: Profile | null | undefined): Gradient => ({ second, local, ...profileOf(profile) });

export const sumOf = (a: Gradient, b: Gradient): Gradient => ({
  second: a.second + b.second, local: a.local + b.local, ...profileOf(together(a.profile, a.second, b.profile, b.second)),
  ...(a.last === undefined && b.last === undefined ? {} : { last: (a.last ?? a.second) + (b.last ?? b.second) }),
  ...(a.between === undefined && b.between === undefined ? {} : { between: (t: number, s: number) => atSteps(a, t, s) + atSteps(b, t, s) }),
});

export const atSteps = ({ second, local, between }: Gradient, t: number, s: number): number => between?.(t, s) ?? (t === s ? second : local);
