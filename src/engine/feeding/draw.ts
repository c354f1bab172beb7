import type { Value } from '../runtime';

/** Something beside inputs and weights that is fed at every run, as a function of the draw. */
export interface Feed {
  readonly input: string;
  readonly create: (draw: Draw) => Value;
}

/** What a run is made up from: a seed, and which of the samples that are run one by one. */
export interface Draw {
  readonly seed: number;
  readonly sample: number;
}
