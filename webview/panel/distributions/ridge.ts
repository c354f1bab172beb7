// What is drawn of one tensor: the outline of its histogram, as density over value.

import type { Moments } from '../../../src/protocol/simulation';

export type RidgeScale = 'common' | 'own';

export interface Ridge {
  readonly moments: Moments;
  /** Standard deviation, the unit of a ridge's own scale; 0 where all elements are equal. */
  readonly deviation: number;
  /** Where the ridge is, and how high it is there, at most 1: corners of its outline from left to right. */
  readonly outline: readonly (readonly [value: number, height: number])[];
}

/** So many standard deviations are seen of a ridge. */
export const seenDeviations = 4;

/** Null where nothing is known, or where there is no picture of it. */
export function ridgeOf(moments: Moments | null): Ridge | null {
  if (!moments?.histogram || moments.variance === null || moments.mean === null) return null;
  const { min, max, counts } = moments.histogram;
  const deviation = Math.sqrt(moments.variance);
  // All elements alike: a needle.
  if (!(max > min)) return { moments, deviation, outline: [[min, 0], [min, 1], [min, 0]] };
  const peak = Math.max(...counts);
  const width = (max - min) / counts.length;
  const tops = counts.map((count, at) => [min + (at + 0.5) * width, peak === 0 ? 0 : count / peak] as const);
  return { moments, deviation, outline: [[min, 0], ...tops, [max, 0]] };
}

/** How far from zero a common axis reaches, so that the widest is seen whole; 1 where all are at zero. */
export function reachOf(ridges: readonly (Ridge | null)[]): number {
  const reach = ridges.reduce((most, ridge) => {
    if (!ridge) return most;
    const { moments: { mean, min, max }, deviation } = ridge;
    const far = Math.abs(mean ?? 0) + seenDeviations * deviation;
    const end = Math.max(Math.abs(min ?? far), Math.abs(max ?? far));
    return Math.max(most, Math.min(far, end));
  }, 0);
  return reach > 0 && Number.isFinite(reach) ? reach : 1;
}

/** A ridge on an axis of its own: deviations from zero; what does not vary stands where it is, at an end if that is far. */
export function inDeviations({ outline, deviation }: Ridge): Ridge['outline'] {
  return outline.map(([value, height]) => [deviation > 0 ? value / deviation : Math.sign(value) * seenDeviations, height]);
}

/** A round number at most as large: 1, 2 or 5 times a power of ten. */
export function roundBelow(value: number): number {
  const decade = 10 ** Math.floor(Math.log10(value) + 1e-9);
  return ([5, 2, 1].find((digit) => digit * decade <= value * (1 + 1e-9)) ?? 1) * decade;
}
