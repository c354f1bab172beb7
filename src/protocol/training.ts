// First steps of training: what is asked for, what is told while it goes on, and what comes of it.

import type { RestoredPayload } from './engine';
import type { Recipe } from './recipe';
import type { SimulatedScheme } from './schemes';
import type { Moments, SchemeParameters, UnsupportedNode } from './simulation';

export const optimizerKinds = ['sgd', 'momentum', 'adam', 'adamw'] as const;
export type OptimizerKind = (typeof optimizerKinds)[number];

export const trainingLosses = ['cross-entropy', 'binary-cross-entropy', 'mse'] as const;
export type TrainingLoss = (typeof trainingLosses)[number];

export const builtInData = ['teacher', 'spirals', 'bars-and-stripes', 'digits', 'next-token'] as const;
export type BuiltInData = (typeof builtInData)[number];

/** Where samples come from: made up here, or the user's: `.npz`, `.csv`, or a folder with a folder of images for each label. */
export type TrainingData =
  | { readonly kind: 'built-in'; readonly name: BuiltInData }
  | { readonly kind: 'file'; readonly path: string };

export interface TrainingOptions {
  readonly schemes: readonly SimulatedScheme[];
  readonly parameters: SchemeParameters;
  /** Per scheme: `seed`, `seed + 1`, … draw weights and the order of the samples. */
  readonly seeds: number;
  readonly seed: number;
  readonly steps: number;
  /** Samples per step; null leaves it to the engine. */
  readonly batch: number | null;
  /** Sizes of symbolic dimensions, by name. */
  readonly dims: Readonly<Record<string, number>>;
  readonly optimizer: OptimizerKind;
  /** Learning rate; `find` looks for one per scheme by a range test. */
  readonly rate: number | 'find';
  /** Null leaves it to the output layer. */
  readonly loss: TrainingLoss | null;
  /** Null leaves it to the inputs. */
  readonly data: TrainingData | null;
  /** Of data that are made up. */
  readonly samples: number;
  readonly dropout: boolean;
  /** At how many steps of a run layers are looked at, the first and the last among them. */
  readonly snapshots: number;
  /** Intra-operator threads; null leaves it to the engine. */
  readonly threads: number | null;
}

export const defaultTraining: TrainingOptions = {
  schemes: ['current', 'recommended'], parameters: {}, seeds: 3, seed: 0, steps: 200, batch: null, dims: {}, optimizer: 'adam', rate: 'find', loss: null,
  data: null, samples: 1024, dropout: false, snapshots: 12, threads: null,
};

/** The network as the document holds it: a file, with edits that are not saved. */
export interface TrainingRequest {
  readonly path: string;
  readonly recipes: readonly Recipe[];
  readonly restored: readonly RestoredPayload[];
  readonly keepStructure?: boolean;
  readonly separated?: readonly string[];
  /** Folder of the values that recipes name as learned. */
  readonly learnedFolder?: string;
  readonly options: TrainingOptions;
  /** `.npz` with weights by name in place of those of `current`. */
  readonly weights?: string;
  /** Folder in which the weights of each run are kept as it goes on, so that they outlive the engine. Null keeps none. */
  readonly keep: string | null;
  /** Runs of an earlier request, whose weights, optimiser and curves are gone on with. Their options have to be the same but for `steps`, which are added. */
  readonly resumed?: readonly RunId[];
}

export interface RunId {
  readonly scheme: SimulatedScheme;
  readonly seed: number;
}

/** How the origin of trained weights begins; what machines have learned is an initialisation, and is called otherwise. */
export const trainedOrigin = 'Trained ';

/** File in which the weights of a run are kept, in the folder of the request. */
export const keptName = ({ scheme, seed }: RunId): string => `${scheme}-${seed}.weights.npz`;

/** File beside it with the weights once more, the memory of its optimiser, its curves, and (`keptWhere`) the step they are of, first of two numbers. */
export const keptStateName = ({ scheme, seed }: RunId): string => `${scheme}-${seed}.state.npz`;
/** What names of weights have in front of them in that file. */
export const keptWeights = 'weights/';
export const keptWhere = 'curves/where';

/** What is known before the first step. */
export interface TrainingPlan {
  readonly layers: readonly string[];
  readonly loss: TrainingLoss;
  readonly optimizer: OptimizerKind;
  /** "1,024 digits of 8 × 8 as [8, 1, 28, 28], 10 classes" */
  readonly data: string;
  readonly batch: number;
  readonly steps: number;
  readonly runs: number;
  /** Classes that a sample can have; null where it has none. */
  readonly classes: number | null;
  /** Cost of a network that knows nothing: ln(classes), ln 2, or the variance of the targets. */
  readonly chance: number;
  readonly unsupported: readonly UnsupportedNode[];
  readonly notes: readonly string[];
}

/** A range test (Smith 2017): the cost while the rate grows from step to step. */
export interface RateTrial {
  readonly scheme: SimulatedScheme;
  readonly rates: readonly number[];
  /** Null where it is not finite. */
  readonly losses: readonly (number | null)[];
  readonly found: number;
}

/** Steps that a run has made since it was last told of. */
export interface TrainingSteps extends RunId {
  /** Index of the first of them. */
  readonly from: number;
  /** Cost of the batch before the step, null where it is not finite. */
  readonly losses: readonly (number | null)[];
  /** Share of the labels that were named rightly; empty where there are no labels. */
  readonly accuracies: readonly number[];
}

export interface LearningWeight {
  readonly name: string;
  readonly gradient: Moments | null;
  /** ‖ΔW‖ / ‖W‖ of the step; null where the weight is all zero. */
  readonly update: number | null;
}

export interface LearningLayer {
  readonly name: string;
  readonly activation: Moments | null;
  readonly gradient: Moments | null;
  readonly weights: readonly LearningWeight[];
}

/** The layers at one step, before its update. */
export interface TrainingSnapshot {
  readonly step: number;
  readonly layers: readonly LearningLayer[];
}

export interface TrainingEnd {
  readonly kind: 'finished' | 'diverged' | 'cancelled' | 'crashed';
  /** Steps made. */
  readonly step: number;
  /** One sentence, where it did not finish. */
  readonly message: string | null;
}

export interface TrainingRun extends RunId {
  readonly rate: number;
  readonly losses: readonly (number | null)[];
  readonly accuracies: readonly number[];
  readonly snapshots: readonly TrainingSnapshot[];
  readonly end: TrainingEnd;
  /** File in the folder of the request with the weights of the end; null where none is kept. */
  readonly kept: string | null;
}

/** How soon a scheme reaches the cost that is compared. */
export interface Reached {
  readonly scheme: SimulatedScheme;
  /** Median over its seeds, with the least and the most; null where at least half of them never do. */
  readonly steps: { readonly median: number; readonly least: number; readonly most: number | null } | null;
  /** Seeds that reach it, of all. */
  readonly seeds: { readonly reached: number; readonly all: number };
  /** Median cost at the end. */
  readonly final: number | null;
}

export interface LearningVerdict {
  readonly text: string;
  readonly severity: 'ok' | 'info' | 'warning';
  /** The cost that schemes are compared at; null where none has learned. */
  readonly cost: number | null;
  readonly reached: readonly Reached[];
}

export interface TrainingResult {
  readonly plan: TrainingPlan;
  readonly trials: readonly RateTrial[];
  readonly runs: readonly TrainingRun[];
  readonly verdict: LearningVerdict | null;
  readonly timing: { readonly planMs: number; readonly createMs: number; readonly runMs: number };
  readonly memoryBytes: number;
}

/** What the engine tells while it trains. */
export interface TrainingEvents {
  trainingPlanned(plan: TrainingPlan): void;
  rateFound(trial: RateTrial): void;
  stepped(steps: TrainingSteps): void;
  observed(seen: RunId & { readonly snapshot: TrainingSnapshot }): void;
  trained(run: TrainingRun): void;
}
