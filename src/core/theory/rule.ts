// How the moments of an operator's output follow from those of its inputs, and what of a gradient comes back through it.

import type { ThroughTime } from '../../protocol/simulation';
import type { Node } from '../graph/graph';
import type { Fans } from '../ops/spec';
import type { Backward, Gradient } from './gradient';
import type { Signal, TensorMoments } from './signal';

/** A stored kernel of the node, as it is multiplied with the signal. */
export interface Kernel {
  readonly moments: TensorMoments;
  readonly fans: Fans;
}

/** How the network is run. */
export interface Mode {
  /** Dropout drops. */
  readonly drops?: boolean;
  /** Batch norms take their stored statistics. */
  readonly storedStatistics?: boolean;
}

export interface MomentContext {
  readonly node: Node;
  /** The signal of an input; a stored tensor is one that all samples have in common. */
  readonly x: (position: number) => Signal;
  /** Whether something is known of an input that comes from those of the network. */
  readonly isSignal: (position: number) => boolean;
  /** The moments of an input that is stored; null where it is computed or absent. */
  readonly stored: (position: number) => TensorMoments | null;
  /** Of an input or output; null where it is not known. */
  readonly shape: (value: string) => readonly number[] | null;
  readonly kernel: Kernel | null;
  /** Of how many numbers a value is a weighed sum; null where that is not known. */
  readonly fanInBehind: (value: string) => number | null;
  /** Whether scores are hidden from those that come later. */
  readonly isHiddenBehind: (value: string) => boolean;
  readonly mode: Mode;
  readonly isKnown: (value: string) => boolean;
  /** What has arrived at an output. */
  readonly gradient: (value: string) => Gradient | null;
}

/** What comes out of an operator whose outputs are not alike, in their order. */
export interface EachSignal {
  readonly each: readonly Signal[];
}

/** What a rule says where it cannot say it: why, as a clause. */
export interface Unpredicted {
  readonly why: string;
}

export interface MomentRule {
  readonly ops: readonly string[];
  /** Inputs that carry a signal: as many from the first on, those from and before a position, or all of them where it is null. */
  readonly data: number | readonly [number, number] | null;
  readonly forward: (context: MomentContext) => Signal | EachSignal | Unpredicted;
  /** What becomes of the gradient of an output on its way to an input; null where that is not known. */
  readonly backward: (context: MomentContext, position: number, y: Signal) => Backward | null;
  /** Whether it can be said of what is known of the inputs alone. */
  readonly tolerates?: (context: MomentContext) => boolean;
  /** Of what has steps; null where that is not known. */
  readonly throughTime?: (context: MomentContext) => ThroughTime | null;
  /** Says what comes out whatever goes in: what stands behind is known again. */
  readonly restores?: true;
}

/** Elements of a value over those of another; `otherwise` where a shape is not known. */
export function ratio({ shape }: Pick<MomentContext, 'shape'>, of: string, to: string, otherwise = 1): number {
  const [a, b] = [shape(of), shape(to)].map((sizes) => sizes?.reduce((product, size) => product * size, 1));
  return a !== undefined && b !== undefined && b > 0 ? a / b : otherwise;
}

/** Positions of the inputs that carry a signal. */
export function dataOf({ data }: MomentRule, { inputs }: Node): readonly number[] {
  const [from, to] = data === null ? [0, inputs.length] : typeof data === 'number' ? [0, data] : data;
  return inputs.flatMap((input, position) => (input !== '' && position >= from && position < to ? [position] : []));
}
