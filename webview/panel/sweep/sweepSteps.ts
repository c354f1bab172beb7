// The way of a signal through the layers and of its gradient back, a layer at a time.

import type { Direction } from '../graph/flow';

export interface SweepStep {
  readonly direction: Direction;
  readonly layer: string;
  /** From 0. */
  readonly index: number;
}

/** There and back. */
export const stepsOf = (layers: readonly string[]): number => 2 * layers.length;

export function stepAt(layers: readonly string[], at: number): SweepStep | null {
  const isForward = at < layers.length;
  const index = isForward ? at : 2 * layers.length - 1 - at;
  const layer = layers[index];
  return layer === undefined ? null : { direction: isForward ? 'forward' : 'backward', layer, index };
}

const [shortest, longest] = [40, 500];
/** All the way there, of a network that is neither very shallow nor very deep. */
const wayMs = 6000;

/** How long a step is seen: deep networks are not to take for ever, nor is a step to be missed. */
export function pauseOf(layers: number, speed: number): number {
  return Math.min(longest, Math.max(shortest, wayMs / Math.max(1, layers))) / speed;
}
