// A signal on its way through the layers of RTNeural: samples of features, in whichever order of axes the last layer has left it.

import type { TextNetwork } from '../lowering/textNetwork';

/** [batch, features], [batch, time, features] or [batch, time, features, channels]; `first` has the last of them behind the batch. */
export interface Signal {
  readonly value: string;
  readonly isFirst: boolean;
  /** How many axes, the batch included. */
  readonly rank: number;
  /** Of the last axis, and of that before it, where there are channels. */
  readonly width: number;
  readonly features: number;
}

const toFirst = (rank: number): readonly number[] => [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)];
const toLast = (rank: number): readonly number[] => [0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1];

/** The value as [batch, …, width]. */
export function plain(network: TextNetwork, { value, isFirst, rank }: Signal): string {
  return isFirst && rank > 2 ? network.add('Transpose', [value], { perm: toLast(rank) }) : value;
}

/** The value as [batch, width, …]. */
export function channelsFirst(network: TextNetwork, { value, isFirst, rank }: Signal): string {
  return isFirst || rank === 2 ? value : network.add('Transpose', [value], { perm: toFirst(rank) });
}
