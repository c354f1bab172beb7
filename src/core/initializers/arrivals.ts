// What arrives at a layer when all before it start as recommended: what a gain has to answer.

import type { Layer } from '../layers/layer';

export interface Arrival {
  /** E x² of what its kernel is multiplied with. */
  readonly second: number;
  /** What it comes from, to be said behind "reads": "a max pooling". */
  readonly from: string;
  /** A part of what the layer makes passes its activation by, as that which a gate multiplies does. */
  readonly isSplit: boolean;
}

const known = new WeakMap<Layer, (layer: Layer) => Arrival | null>();

/** Null where theory does not know. */
export const arrivalAt = (layer: Layer): Arrival | null => known.get(layer)?.(layer) ?? null;

export function setArrivals(layers: readonly Layer[], of: (layer: Layer) => Arrival | null): void {
  for (const layer of layers) known.set(layer, of);
}
