// Zeros around an image: windows at its border meet fewer values, and those of the next layer meet such. Second moments are a product over the axes of an image
// of what they are along each, as long as functions scale them alike: v′(o) = Σ_k v(o s + k d − p) / K for a window of K taps, stride s, dilation d, padding p.

import type { Node } from '../graph/graph';
import { intsAttribute } from '../graph/graph';

/** Along each axis of an image, how many times its average a second moment is. */
export type Profile = readonly Along[];

/** A window that goes along one axis; layers of a network that have the same share it, with what was last found out of it. */
interface Axis {
  readonly taps: number;
  readonly input: number;
  readonly output: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly last: Record<Direction, { readonly given: Along | undefined; readonly found: Found } | null>;
}

type Along = readonly number[];
type Direction = 'forward' | 'back';

interface Found {
  readonly met: number;
  readonly along: Along;
}

/** Of longer axes the borders do not count. */
const longest = 2048;

interface Placed {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly axes: readonly Axis[];
}

/** Asked for forward and backward, and under every scheme. */
const placed = new WeakMap<Node, Placed>();
const shared = new Map<string, Axis>();
/** Networks have a few kinds of windows; a file that has many shares none. */
const mostShared = 1000;

/** Shapes have a batch and units before the axes of the image. */
export function windowAxes(
  node: Node, windows: readonly number[], input: readonly number[], output: readonly number[],
): readonly Axis[] {
  const known = placed.get(node);
  if (known?.input === input && known.output === output) return known.axes;
  const axes = windows.map((taps, axis) => {
    const [from, to] = [input[axis + 2] ?? 1, output[axis + 2] ?? 1];
    const [stride, dilation] = [intsAttribute(node, 'strides')?.[axis] ?? 1, intsAttribute(node, 'dilations')?.[axis] ?? 1];
    const missing = (to - 1) * stride + (taps - 1) * dilation + 1 - from;
    return sharedAxis(taps, from, to, stride, dilation, intsAttribute(node, 'pads')?.[axis] ?? Math.max(0, Math.floor(missing / 2)));
  });
  placed.set(node, { input, output, axes });
  return axes;
}

function sharedAxis(taps: number, input: number, output: number, stride: number, dilation: number, before: number): Axis {
  const key = `${taps} ${input} ${output} ${stride} ${dilation} ${before}`;
  const known = shared.get(key);
  if (known) return known;
  const made: Axis = { taps, input, output, stride, dilation, before, last: { forward: null, back: null } };
  if (shared.size < mostShared) shared.set(key, made);
  return made;
}

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
  if (Math.max(from, to) > longest) return { met: meeting(axis), along: [] };
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

/** Pairs of an output and a tap of its window that meet an input. */
function meeting({ input, output, stride, dilation, before, taps }: Axis): number {
  let met = 0;
  for (let tap = 0; tap < taps; tap++) {
    // 0 ≤ at · stride + tap · dilation − before < input
    const first = Math.max(0, Math.ceil((before - tap * dilation) / stride));
    const last = Math.min(output - 1, Math.floor((input - 1 + before - tap * dilation) / stride));
    met += Math.max(0, last - first + 1);
  }
  return met;
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
