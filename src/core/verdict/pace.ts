// How fast kernels would turn by one step of plain gradient descent, for their size: what signal and gradient at a layer make together.

import type { Course } from './course';
import { median } from './median';

/** A kernel that turns so many times more slowly than the others is as good as frozen while these learn. */
const slow = 1e4;
/** Of fewer kernels none is usual. */
const fewest = 4;

export interface Pace {
  /** The fastest over the slowest. */
  readonly range: number;
  readonly slow: readonly { readonly name: string; readonly factor: number }[];
}

/** Null where too few are known. */
export function paceOf({ stops }: Course): Pace | null {
  const known = stops.flatMap(({ name, pace }) => (pace === null ? [] : [{ name, pace }]));
  if (known.length < fewest) return null;
  const usual = Math.exp(median(known.map(({ pace }) => Math.log(pace))));
  const paces = known.map(({ pace }) => pace);
  const behind = known.map(({ name, pace }) => ({ name, factor: pace / usual })).filter(({ factor }) => factor * slow < 1);
  return { range: Math.max(...paces) / Math.min(...paces), slow: behind.toSorted((a, b) => a.factor - b.factor) };
}
