import type { TiedWeight } from '../../protocol/report';

/** Weights that share values, by `tieKey`. */
export type Ties = ReadonlyMap<string, readonly TiedWeight[]>;

/** Key of a weight in a layer: a tensor may be used by several. */
export const tieKey = (layer: string, id: string): string => JSON.stringify([layer, id]);
