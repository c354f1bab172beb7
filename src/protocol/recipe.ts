import type { SchemeId } from './schemes';

/**
 * How values are drawn, fully resolved: numbers and never a scheme's name.
 * `constant` has value; `normal` mean and std; `uniform` low and high; `orthogonal` a gain and the matrix [rows, columns] that the elements
 * of a block are, in row-major order.
 */
export type Sampler =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'orthogonal'; readonly gain: number; readonly rows: number; readonly columns: number };

/** Indices [start, end) along an axis. */
export interface Slice {
  readonly axis: number;
  readonly start: number;
  readonly end: number;
}

/** A gate or a packed part: the elements within all slices, or the whole tensor where there are none. */
export interface RecipeBlock {
  readonly sampler: Sampler;
  readonly slices?: readonly Slice[];
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
