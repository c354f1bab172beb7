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

export interface Arrivals {
  /** Of data as they may be. */
  readonly ofData: (layer: Layer) => Arrival | null;
  /** E x² where the network is fed noise, as a run is. */
  readonly ofNoise: (layer: Layer) => number | null;
}

const known = new WeakMap<Layer, Arrivals>();

/** Null where theory does not know. */
export const arrivalAt = (layer: Layer): Arrival | null => known.get(layer)?.ofData(layer) ?? null;
export const noiseAt = (layer: Layer): number | null => known.get(layer)?.ofNoise(layer) ?? null;

export function setArrivals(layers: readonly Layer[], arrivals: Arrivals): void {
  for (const layer of layers) known.set(layer, arrivals);
}
