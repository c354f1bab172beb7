/** What differs between two models, as the command line prints it and the two inspectors of a diff mark it. "Left" is what was, "right" is what is. */

/** Of the network as a whole. `verdict` is the sentence on whether it can learn from here. */
export type NetworkFact = 'format' | 'producer' | 'opset' | 'parameters' | 'inputs' | 'outputs' | 'verdict';
/** Of a layer. `attributes`: kernel size, stride and the like; `residual`: whether it ends a residual branch. */
export type LayerFact = 'operator' | 'attributes' | 'normalization' | 'activation' | 'residual';
/**
 * Of a weight. `order`: the statistics agree, and the elements do not; `looks like` and `should be` name initialisers, `drawn by` the recorded recipe.
 */
export type WeightFact =
  | 'shape' | 'type' | 'fan in' | 'fan out' | 'left alone' | 'mean' | 'std' | 'min' | 'max' | 'zeros' | 'non-finite' | 'order' | 'looks like' | 'should be'
  | 'drawn by';

export interface Difference<Fact extends string> {
  readonly fact: Fact;
  /** Null where there is none. */
  readonly was: string | number | null;
  readonly is: string | number | null;
}

/** What kind of thing differs in a layer, coarsely: `weights` are tensors that one side has alone, `recipe` what values were drawn by. */
export type Aspect = 'operator' | 'attributes' | 'then' | 'weights' | 'shape' | 'fans' | 'type' | 'values' | 'recipe' | 'frozen';

/** `removed` is only left, `added` only right. */
export type Change = 'same' | 'changed' | 'removed' | 'added';

export interface WeightComparison {
  readonly change: Change;
  readonly role: string;
  /** Ids of the tensors; null on the side that has none. */
  readonly left: string | null;
  readonly right: string | null;
  /** Whether the values are the same; null while they are not measured, and of what is on one side only. */
  readonly sameValues: boolean | null;
  readonly differs: readonly Difference<WeightFact>[];
}

export interface LayerComparison {
  readonly change: Change;
  /** Names; null on the side that has no such layer. Another name alone is no change. */
  readonly left: string | null;
  readonly right: string | null;
  readonly differs: readonly Difference<LayerFact>[];
  readonly weights: readonly WeightComparison[];
}

export interface ComparisonCounts extends Readonly<Record<Change, number>> {
  /** Pairs under two names. */
  readonly renamed: number;
  /** Pairs of weights that are not measured on both sides. */
  readonly unmeasured: number;
}

export interface ModelComparison {
  /** Names of the files. */
  readonly left: string;
  readonly right: string;
  readonly network: readonly Difference<NetworkFact>[];
  readonly counts: ComparisonCounts;
  /** In the order of the right model, what is gone where it was. */
  readonly layers: readonly LayerComparison[];
}

export type Side = 'left' | 'right';

/** A layer that differs, as the inspector of one side marks it: null is a layer that the side does not have. */
export interface LayerMark {
  readonly layer: string | null;
  readonly partner: string | null;
  readonly change: Exclude<Change, 'same'>;
  readonly aspects: readonly Aspect[];
}

/** What the inspector of one side of a diff is told of the other. */
export interface ShownComparison {
  readonly side: Side;
  /** Name of the other side's file. */
  readonly other: string;
  readonly sentence: string;
  readonly network: readonly Difference<NetworkFact>[];
  /** Of all layers that differ, in the order of both. */
  readonly marks: readonly LayerMark[];
  /** Why the gradients of the two cannot be laid over each other, or null. */
  readonly notComparable: string | null;
}
