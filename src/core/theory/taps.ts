// Which taps of a convolution's window meet the image: at its borders fewer do.

import { intsAttribute } from '../graph/graph';
import type { Node } from '../graph/graph';

export interface Meetings {
  /** Taps of the window. */
  readonly taps: number;
  /** Σ m over the taps, each of which meets the image at m positions of the window; and Σ m². */
  readonly met: number;
  readonly squared: number;
}

/** Of shapes [samples, units, …]; `from` is what the window looks at, `to` has an element for each position of it. */
export function meetings(node: Node, kernel: readonly number[], from: readonly number[], to: readonly number[]): Meetings {
  return kernel.slice(2).reduce<Meetings>(({ taps, met, squared }, size, axis) => {
    const counts = meeting(node, axis, size, from[axis + 2] ?? 1, to[axis + 2] ?? 1);
    return {
      taps: taps * size, met: met * counts.reduce((sum, count) => sum + count, 0), squared: squared * counts.reduce((sum, count) => sum + count ** 2, 0),
    };
  }, { taps: 1, met: 1, squared: 1 });
}

/** Along one axis, by taps. */
function meeting(node: Node, axis: number, size: number, input: number, output: number): readonly number[] {
  const [stride, dilation] = [intsAttribute(node, 'strides')?.[axis] ?? 1, intsAttribute(node, 'dilations')?.[axis] ?? 1];
  const missing = (output - 1) * stride + (size - 1) * dilation + 1 - input;
  const before = intsAttribute(node, 'pads')?.[axis] ?? Math.max(0, Math.floor(missing / 2));
  return Array.from({ length: size }, (_, tap) => {
    // 0 ≤ at · stride + tap · dilation − before < input
    const first = Math.max(0, Math.ceil((before - tap * dilation) / stride));
    const last = Math.min(output - 1, Math.floor((input - 1 + before - tap * dilation) / stride));
    return Math.max(0, last - first + 1);
  });
}
