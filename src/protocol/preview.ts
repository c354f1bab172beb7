import type { Histogram, WeightRole } from './report';

/** Numbers of a tensor, as they are or as they would be. */
export interface Spread {
  readonly std: number | null;
  /** The value of all elements, where they are alike. */
  readonly constant: number | null;
  readonly histogram: Histogram | null;
}

/** One tensor of the layers that are to be drawn. */
export interface WeightPreview {
  readonly id: string;
  readonly name: string;
  readonly layer: string;
  readonly role: WeightRole;
  readonly shape: readonly number[];
  /** Null until measured. */
  readonly before: Spread | null;
  /** Null where it is left alone. */
  readonly after: DrawnPreview | null;
  /** Why it is left alone, or null. */
  readonly left: string | null;
  /** Tensors with the same values that would no longer have them. */
  readonly unties: readonly string[];
}

export interface DrawnPreview extends Spread {
  /** "He normal, fan_in, seed 7" */
  readonly title: string;
  /** Whether its layer keeps the scheme that was picked for it. */
  readonly kept: boolean;
  /** Elements that were drawn for it, where these are not all. */
  readonly sampled: number | null;
}

/** What an edit would do, before it is made. */
export interface Preview {
  /** "He normal, seed 7" */
  readonly title: string;
  /** "all layers" */
  readonly scope: string;
  /** What of the scheme the network cannot have. */
  readonly notes: readonly string[];
  readonly weights: readonly WeightPreview[];
}
