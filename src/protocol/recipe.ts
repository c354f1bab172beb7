import type { SchemeId } from './schemes';

/**
 * How values are drawn, fully resolved: numbers and never a scheme's name.
 * `constant` has value; `normal` mean and std; `uniform` low and high.
 */
export type Sampler =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number };

/** A gate or a packed part: indices [start, end) along `axis` of the tensor, or the whole tensor where `slice` is absent. */
export interface RecipeBlock {
  readonly sampler: Sampler;
  readonly slice?: { readonly axis: number; readonly start: number; readonly end: number };
}

/** New values of one tensor: the same recipe gives the same bits everywhere. */
export interface Recipe {
  /** Version of the sampling algorithms. */
  readonly version: 1;
  readonly tensorId: string;
  readonly blocks: readonly RecipeBlock[];
  readonly seed: number;
  /** What the user picked, for display only: sampling never reads it. */
  readonly origin: { readonly scheme: SchemeId; readonly title: string };
}
