// The places of a network at which a residual branch is added to the signal, in the order in which it is run.

import type { Layer } from './layer';

/** The end of a residual block (He et al. 2016, arXiv 1512.03385). */
export interface Join {
  /** Name of the node that adds. */
  readonly name: string;
  /** The last layer of the branch that has a kernel. */
  readonly layer: Layer;
  /** What the branch says, and the sum; empty where an operator keeps that to itself. */
  readonly end: string;
  readonly sum: string;
  /** Axis of both along which their channels lie; null where that is not known. */
  readonly channels: number | null;
}

/** Those outside of all bodies, whose values have a name. */
export function joinsOf(layers: readonly Layer[]): readonly Join[] {
  const joins = new Map<string, Join>();
  for (const layer of layers) {
    const { residual, scope } = layer;
    if (!residual || scope !== '' || !layer.weights.some(({ role }) => role === 'kernel')) continue;
    const { addedBy: name, end, sum, channels } = residual;
    joins.set(name, { name, layer, end, sum, channels });
  }
  return [...joins.values()];
}
