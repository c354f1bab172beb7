import type { FigureMethods } from './figures';
import type { PhaseDiagram, PhaseRequest } from './phase';
import type { LayerGraph } from './layerGraph';
import type { ErrorData } from './rpc';
import type { SchemeDescription, SchemeId, SchemeOptions } from './schemes';
import type { SchemeParameters, SchemeTheory, SimulationOptions, SimulationPlan, SimulationRun, WhatIf } from './simulation';
import type { PretrainingPageEvents, PretrainingPageMethods } from './pretrainingView';
import type { TrainingPageEvents, TrainingPageMethods } from './trainingView';
import type { Verdict } from './verdict';

/** What of the rarer conditions of a run means something to the network. */
export interface Conditions {
  readonly batchNorm: boolean;
  readonly dropout: boolean;
  /** It takes floats, which are made up. */
  readonly input: boolean;
  /** What the block is called that it repeats, or could; null where there is none. */
  readonly block: string | null;
}

/** Runs of `current` before the last change of the weights, or those that were chosen. */
export interface EarlierRuns {
  readonly name: string;
  readonly runs: readonly SimulationRun[];
}

/** What a lecture says of what is seen. */
export interface Lecture {
  readonly title: string;
  readonly text: string;
}

/** Everything the gradient panel draws, but for the runs, which arrive one by one. */
export type PanelState =
  | { readonly kind: 'empty' }
  | { readonly kind: 'unavailable'; readonly file: string; readonly error: ErrorData }
  | {
    readonly kind: 'model';
    readonly file: string;
    /** Changes whenever the model or its weights change: runs of another revision are earlier ones. */
    readonly revision: number;
    readonly schemes: readonly SchemeDescription[];
    readonly options: SimulationOptions;
    /** Symbolic dimensions of the inputs, but for the batch: those the user may give a size. */
    readonly dimensions: readonly string[];
    readonly conditions: Conditions;
    readonly status: PanelStatus;
    /** The file whose run it waits for; null where none is before it. */
    readonly behind: string | null;
    readonly plan: SimulationPlan | null;
    readonly verdict: Verdict | null;
    /** Runs of the present revision. */
    readonly runs: readonly SimulationRun[];
    /** Drawn faintly behind the present runs; null if there is nothing of the kind. */
    readonly earlier: EarlierRuns | null;
    readonly readOnly: string | null;
    /** Null where no experiment was chosen, or its words were closed. */
    readonly lecture: Lecture | null;
  };

export type PanelStatus =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly done: number; readonly total: number; readonly stage: 'planning' | 'running' }
  | { readonly kind: 'finished'; readonly elapsedMs: number }
  | { readonly kind: 'cancelled'; readonly done: number; readonly total: number }
  | { readonly kind: 'failed'; readonly error: ErrorData };

/** The extension host, as the gradient panel calls it. */
export interface PanelMethods extends TrainingPageMethods, PretrainingPageMethods, FigureMethods {
  ready(params: Record<string, never>): void;
  simulate(params: { readonly options: SimulationOptions }): void;
  cancel(params: Record<string, never>): void;
  /** Asks for a file or folder with data; null where the user gives up. */
  pickData(params: { readonly of: 'file' | 'folder' }): { readonly path: string | null };
  /** Asks for parameters of a scheme that is compared; null where the user gives up. */
  pickParameters(params: { readonly scheme: SchemeId; readonly options: SchemeOptions }): { readonly options: SchemeOptions | null };
  /** Asks for parameters and the seed, beginning with these, and shows in the inspector what the scheme would do. */
  apply(params: { readonly scheme: SchemeId; readonly options: SchemeOptions; readonly seed: number }): void;
  /** What theory says of kernels of other widths, before they are run; null where it says nothing. */
  foretell(params: { readonly whatIf: WhatIf; readonly parameters: SchemeParameters }): SchemeTheory | null;
  /** Order and chaos of these layers' activation; null where they have none that is known. */
  phase(params: PhaseRequest): PhaseDiagram | null;
  /** Shows a layer in the inspector. */
  reveal(params: { readonly layer: string }): void;
  /** The cursor is over a layer, which the inspector marks where it is seen; null takes that back. */
  point(params: { readonly layer: string | null }): void;
  /** A layer was chosen, which the inspector selects. */
  select(params: { readonly layer: string }): void;
  /** How the layers of the model that is shown hang together; null where there is none. */
  layerGraph(params: Record<string, never>): { readonly graph: LayerGraph | null };
  /** Asks which of the runs that were kept is laid over these. */
  pickEarlier(params: Record<string, never>): void;
  /** Asks which experiment of the lecture is made. */
  pickExperiment(params: Record<string, never>): void;
  closeLecture(params: Record<string, never>): void;
  pickModel(params: Record<string, never>): void;
  pickSample(params: Record<string, never>): void;
  showLog(params: Record<string, never>): void;
}

/** What the panel's tabs are of. */
export const panelPages = ['signal', 'training', 'pretraining'] as const;
export type PanelPage = (typeof panelPages)[number];

/** The gradient panel, as the extension host tells it. */
export interface PanelEvents extends TrainingPageEvents, PretrainingPageEvents {
  show(state: PanelState): void;
  /** Puts the cursor at a layer. */
  select(params: { readonly layer: string }): void;
  /** Brings a page to the front. */
  turnTo(params: { readonly page: PanelPage }): void;
  /** One more run of the present revision, with the verdict and status that now hold. */
  ran(params: { readonly run: SimulationRun; readonly verdict: Verdict | null; readonly status: PanelStatus }): void;
}

