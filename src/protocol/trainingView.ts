// First steps of training as the panel's page shows them: what it is told by the host, and what it may ask for.

import type { Conditions } from './panel';
import type { ErrorData } from './rpc';
import type { SchemeDescription } from './schemes';
import type { LearningVerdict, RateTrial, RunId, TrainingEnd, TrainingOptions, TrainingPlan, TrainingSteps } from './training';

export type TrainingStatus =
  | { readonly kind: 'idle' }
  /** `behind` is the file whose training has to end first; null where none has. */
  | { readonly kind: 'planning'; readonly behind: string | null }
  /** Of all runs together; `held` between two steps. */
  | { readonly kind: 'running' | 'held' | 'stopped'; readonly done: number; readonly total: number }
  | { readonly kind: 'finished'; readonly elapsedMs: number }
  | { readonly kind: 'failed'; readonly error: ErrorData };

/** A layer at one step, without what no chart draws. A variance is null where it is not finite. */
export interface ShownLayer {
  readonly name: string;
  readonly activation: { readonly variance: number | null } | null;
  readonly gradient: { readonly variance: number | null } | null;
  /** ‖ΔW‖ / ‖W‖ of its first weight; null where there is none, or where that is all zero. */
  readonly update: number | null;
}

export interface ShownSnapshot {
  readonly step: number;
  readonly layers: readonly ShownLayer[];
}

/** A run as far as it has come. */
export interface ShownRun extends RunId {
  /** Null before it is known. */
  readonly rate: number | null;
  readonly losses: readonly (number | null)[];
  readonly accuracies: readonly number[];
  readonly snapshots: readonly ShownSnapshot[];
  /** Null while it goes on, or has not begun. */
  readonly end: TrainingEnd | null;
  /** Whether its weights can be applied. */
  readonly isKept: boolean;
}

export type TrainingView =
  | { readonly kind: 'none' }
  | {
    readonly kind: 'model';
    readonly file: string;
    readonly schemes: readonly SchemeDescription[];
    readonly options: TrainingOptions;
    readonly dimensions: readonly string[];
    readonly conditions: Conditions;
    readonly status: TrainingStatus;
    readonly plan: TrainingPlan | null;
    readonly trials: readonly RateTrial[];
    readonly runs: readonly ShownRun[];
    readonly verdict: LearningVerdict | null;
    /** The weights of the document are others than those that `current` began with. */
    readonly isPast: boolean;
    readonly readOnly: string | null;
  };

/** What runs have made since the page was last told. */
export interface TrainingGrowth {
  readonly steps: readonly TrainingSteps[];
  readonly snapshots: readonly (RunId & { readonly snapshot: ShownSnapshot })[];
  readonly status: TrainingStatus;
}

/** The extension host, as the page calls it. */
export interface TrainingPageMethods {
  train(params: { readonly options: TrainingOptions }): void;
  steerTraining(params: { readonly to: 'hold' | 'go' | 'stop' }): void;
  /** All runs that can go on make so many steps more. */
  continueTraining(params: { readonly steps: number }): void;
  /** The weights of a run become those of the model, as an edit. */
  applyTrained(params: RunId): void;
  /** Asks for a file or a folder; null where the user gives up. */
  pickTrainingData(params: { readonly of: 'file' | 'folder' }): { readonly path: string | null };
}

/** The page, as the extension host tells it. */
export interface TrainingPageEvents {
  showTraining(view: TrainingView): void;
  grew(growth: TrainingGrowth): void;
}
