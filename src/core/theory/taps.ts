// Windows that go over an image, and which of their taps meet it: at its borders fewer do.

import { intsAttribute } from '../graph/graph';
import type { Node } from '../graph/graph';

export type Direction = 'forward' | 'back';

/** A window that goes along one axis; layers of a network that have the same share it, with what was last found out of it. */
export interface Axis {
  readonly taps: number;
  readonly input: number;
  readonly output: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly last: Record<Direction, { readonly given: readonly number[] | undefined; readonly found: Found } | null>;
}

export interface Found {
  readonly met: number;
  readonly along: readonly number[];
}

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

export interface Meetings {
  /** Taps of the window. */
  readonly taps: number;
  /** Σ m over the taps, each of which meets the image at m positions of the window; and Σ m². */
  readonly met: number;
  readonly squared: number;
}

export function meetings(axes: readonly Axis[]): Meetings {
  return axes.reduce<Meetings>(({ taps, met, squared }, axis) => {
    const counts = meeting(axis);
    return {
      taps: taps * axis.taps, met: met * counts.reduce((sum, count) => sum + count, 0), squared: squared * counts.reduce((sum, count) => sum + count ** 2, 0),
    };
  }, { taps: 1, met: 1, squared: 1 });
}

/** Along one axis, by taps. */
export function meeting({ input, output, stride, dilation, before, taps }: Axis): readonly number[] {
  return Array.from({ length: taps }, (_, tap) => {
    // 0 ≤ at · stride + tap · dilation − before < input
    const first = Math.max(0, Math.ceil((before - tap * dilation) / stride));
    const last = Math.min(output - 1, Math.floor((input - 1 + before - tap * dilation) / stride));
    return Math.max(0, last - first + 1);
  });
}
