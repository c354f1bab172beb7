// Zeros around an image: windows at its border meet fewer values, and those of the next layer meet such. Second moments are a product over the axes of an image
// of what they are along each, as long as functions scale them alike: v′(o) = Σ_k v(o s + k d − p) / K for a window of K taps, stride s, dilation d, padding p.

import type { Axis, Direction, Found } from './taps';
import { meeting } from './taps';

/** Along each axis of an image, how many times its average a second moment is. */
export type Profile = readonly Along[];

type Along = readonly number[];

/** Of longer axes the borders do not count. */
const longest = 2048;

export interface Met {
  /** Pairs of an output and a tap that meet a value, weighed by what that has. */
  readonly met: number;
  /** What comes of it; null where it is the same everywhere. */
  readonly profile: Profile | null;
}

/** To the outputs of a window, or back from them to what it has read; `profile` is of where it comes from. */
export function through(axes: readonly Axis[], profile: Profile | undefined, direction: Direction): Met {
  const fitting = profile?.length === axes.length ? profile : undefined;
  const all = axes.map((axis, i) => foundOf(axis, fitting?.[i], direction));
  const isFlat = all.every(({ along }) => along.every((value) => Math.abs(value - 1) < 1e-9));
  return { met: all.reduce((product, { met }) => product * met, 1), profile: isFlat ? null : all.map(({ along }) => along) };
}

function foundOf(axis: Axis, given: Along | undefined, direction: Direction): Found {
  const before = axis.last[direction];
  if (before?.given === given && before) return before.found;
  const found = alongOne(axis, given, direction);
  axis.last[direction] = { given, found };
  return found;
}

function alongOne(axis: Axis, given: Along | undefined, direction: Direction): Found {
  const { input, output, stride, dilation, before, taps } = axis;
  const [from, to] = direction === 'forward' ? [input, output] : [output, input];
  if (Math.max(from, to, taps) > longest) return { met: meeting(axis).reduce((sum, count) => sum + count, 0), along: [] };
  const values = given?.length === from ? given : null;
  const sums = new Array<number>(to).fill(0);
  let met = 0;
  for (let at = 0; at < output; at++) {
    for (let tap = 0; tap < taps; tap++) {
      const read = at * stride + tap * dilation - before;
      if (read < 0 || read >= input) continue;
      const [source, target] = direction === 'forward' ? [read, at] : [at, read];
      const value = values?.[source] ?? 1;
      sums[target] = (sums[target] ?? 0) + value;
      met += value;
    }
  }
  if (met === 0) return { met, along: [] };
  const along = sums.map((sum) => sum * to / met);
  // Behind many layers a profile comes to rest, and is the same one from there on.
  return { met, along: given && isNear(along, given) ? given : along };
}

const isNear = (a: Along, b: Along): boolean => a.length === b.length && a.every((value, i) => Math.abs(value - (b[i] ?? 0)) < 1e-5 * value);

/** The average over the places of what two values have, over the product of their averages. */
export function inCommon(a: Profile | null, b: Profile | undefined): number {
  if (!a || !b || !a.every((along, i) => along.length === b[i]?.length)) return 1;
  return a.reduce((product, along, i) => product * mean(along.map((value, at) => value * (b[i]?.[at] ?? 1))), 1);
}

/** Of a pooling: what it averages, or chooses among, lies in the image alone. */
export function pooled(axes: readonly Axis[], profile: Profile | undefined): Profile | undefined {
  if (!profile) return undefined;
  const [own, plain] = [through(axes, profile, 'forward').profile, through(axes, undefined, 'forward').profile];
  if (!own) return undefined;
  const shares = own.map((along, i) => along.map((value, at) => value / (plain?.[i]?.[at] ?? 1)));
  return shares.map(scaledToMean);
}

/** Σ of two values, each of its own second moment. */
export function together(a: Profile | undefined, first: number, b: Profile | undefined, second: number): Profile | undefined {
  if (!a && !b) return undefined;
  if (a && second === 0) return a;
  if (b && first === 0) return b;
  const [all, known] = [first + second, a ?? b ?? []];
  if (a && b && !known.every((along, i) => along.length === b[i]?.length)) return undefined;
  return known.map((along, i) => along.map((_, at) => ((a?.[i]?.[at] ?? 1) * first + (b?.[i]?.[at] ?? 1) * second) / all));
}

/** Behind a function that makes K^γ of a variance K, as far as it changes here; and how many times its average grows by places being unlike. */
export function bentBy(profile: Profile, exponent: number): { readonly profile: Profile; readonly grown: number } {
  if (Math.abs(exponent - 1) < 1e-3) return { profile, grown: 1 };
  const bent = profile.map((along) => along.map((value) => value ** exponent));
  return { profile: bent.map(scaledToMean), grown: bent.reduce((product, along) => product * mean(along), 1) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function scaledToMean(along: readonly number[]): readonly number[] {
  const average = mean(along);
  return along.map((value) => value / average);
}
