import type { SchemeOptions, ValueOrigin } from './schemes';

/** The matrices [rows, columns] that the elements of a block are in row-major order, one after the other: one where there is no count. */
interface Matrices {
  readonly gain: number;
  readonly rows: number;
  readonly columns: number;
  readonly count?: number;
}

/** Draws of one element each, whatever stands around it. */
export type ElementSampler =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'truncated-normal'; readonly mean: number; readonly std: number; readonly tail: number };

/** Another tensor as the same command draws it, with the same seed. */
export interface DrawnTensor extends Pick<Recipe, 'tensorId' | 'blocks' | 'twin'> {
  readonly shape: readonly number[];
}

/**
 * Values that were learned, and are kept apart under the digest of their bytes: SHA-256 of little-endian float32, in hexadecimal digits. The
 * numbers beside it are theirs.
 */
export interface LearnedSampler {
  readonly kind: 'learned';
  readonly digest: string;
  readonly count: number;
  readonly mean: number;
  readonly std: number;
  readonly min: number;
  readonly max: number;
}

/**
 * How values are drawn, fully resolved: numbers and never a scheme's name.
 * `constant` has value; `normal` mean and std; `uniform` low and high; `truncated-normal` the mean and std of a normal of which the probability
 * `tail` is cut off at either side; `orthogonal` and `identity` a gain and matrices. `sparse` has normals around 0 in a matrix, of which so many
 * are zero in every column (or row). `bilinear` has matrices of kernels of the size `taps`: on the diagonals the product of triangles, 0 beside
 * them. `replicated` draws every channel, (i / inner) mod channels, like `times` − 1 others: like its neighbours, or like those a stride apart.
 * `unit-sums` is the sum of another tensor's elements of the same unit, (i / inner) mod count, times a factor.
 */
export type DrawnSampler =
  | ElementSampler
  | { readonly kind: 'orthogonal' } & Matrices
  | { readonly kind: 'identity' } & Matrices
  | { readonly kind: 'sparse'; readonly std: number; readonly rows: number; readonly columns: number; readonly zeros: number;
    readonly within: 'column' | 'row' }
  | { readonly kind: 'bilinear'; readonly taps: readonly number[] } & Omit<Matrices, 'gain'>
  | { readonly kind: 'replicated'; readonly of: ElementSampler; readonly inner: number; readonly channels: number; readonly times: number;
    readonly neighbours: boolean }
  | { readonly kind: 'unit-sums'; readonly factor: number; readonly of: DrawnTensor; readonly inner: number; readonly count: number };

export type Sampler = DrawnSampler | LearnedSampler;

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
  /** The tensor whose values it has, for one that was tied to it and is stored apart; the blocks are that tensor's. */
  readonly twin?: { readonly tensorId: string; readonly transposed: boolean };
  /** Where it comes from; sampling never reads it. */
  readonly origin: RecipeOrigin;
}

export interface RecipeOrigin {
  readonly scheme: ValueOrigin;
  readonly title: string;
  /** With which parameters the scheme was picked for the layer itself: drawing all layers keeps to it. Absent where it was drawn as one of all. */
  readonly picked?: SchemeOptions;
  /** How many times as wide as the scheme says, by what a run has shown; the blocks have it in them. */
  readonly measured?: number;
}
