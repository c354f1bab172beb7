// The sum that the gradient of a weight is, and what a rule is told of one.

import type { GraphIndex } from '../graph/order';
import type { Layer } from '../layers/layer';
import type { Gradient } from './gradient';
import type { MomentContext } from './rule';
import type { Signal } from './signal';

/** What a weight is multiplied with: products of two of it, in one sample and in two. */
export type Products = Pick<Signal, 'second' | 'common' | 'local' | 'apart'>;

/** How often each element of a weight is used. */
export interface Uses {
  readonly samples: number;
  /** Positions of a sample that use it, and pairs of two of these, on average over the elements. */
  readonly once: number;
  readonly pairs: number;
}

export const atEach = (samples: number, positions: number): Uses => ({ samples, once: positions, pairs: positions * (positions - 1) });

/**
 * ∂L/∂w = Σ_n Σ_p δ(n,p) x(n,p), δ and x being independent: E (∂L/∂w)² = Σ E δ δ′ · E x x′ over the pairs of places (Schoenholz et al. 2017, section 5,
 * has it of one place).
 */
export function summed({ second, local, across = { same: 0, other: 0 } }: Gradient, x: Products, { samples, once, pairs }: Uses): number {
  const inOne = once * second * x.second + pairs * local * x.local;
  const inTwo = once * across.same * x.common + pairs * across.other * x.apart;
  return samples * (inOne + (samples - 1) * inTwo);
}

/** What a rule is told of a weight, beside its node. */
export interface Weighing {
  readonly index: GraphIndex;
  readonly context: MomentContext;
  readonly layer: Layer;
  /** Position of the input that the weight comes by; that of its kernel where the graph turns what is stored. */
  readonly position: number;
  /** Elements of the weight. */
  readonly count: number;
  /** What arrives at the operator's own output. */
  readonly gradient: Gradient;
  /** Samples that the network is run with. */
  readonly samples: number;
  readonly signalOf: (value: string) => Signal | undefined;
}
