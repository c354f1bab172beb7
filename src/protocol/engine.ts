import type { PretrainingEvents, PretrainingRequest, PretrainingResult } from './pretraining';
import type { Recipe } from './recipe';
import type { SimulatedScheme } from './schemes';
import type { SimulationOptions, SimulationPlan, SimulationResult, SimulationRun } from './simulation';
import type { TrainingEvents, TrainingRequest, TrainingResult } from './training';

/** What is to be simulated: a file on disk, with the edits that are not saved yet. */
export interface SimulationRequest {
  readonly path: string;
  /** What the document holds now, over what the file holds: recipes to draw `current` from. */
  readonly recipes: readonly Recipe[];
  /** What a scheme is to draw, in place of what it draws of itself: an edit that is not made yet. */
  readonly proposed?: { readonly scheme: SimulatedScheme; readonly recipes: readonly Recipe[] };
  /** Payloads that an undone, saved edit replaced: where the `current` values of a tensor really are. */
  readonly restored: readonly RestoredPayload[];
  readonly options: SimulationOptions;
  /** Whether what an exporter has merged stays one tensor under every scheme. */
  readonly keepStructure?: boolean;
  /** Whether what passes between layers is measured, too: what their graph is drawn with. */
  readonly between?: boolean;
  /** Whether sums of residual branches are measured channel by channel, and what the branches say. */
  readonly joins?: boolean;
  /** Ids of uses of merged tensors that edits speak of. */
  readonly separated?: readonly string[];
  readonly files: SimulationFiles;
  /** Folder of the values that recipes name as learned. */
  readonly learnedFolder?: string;
  /** Whether a file that is there is kept from being replaced by the values. */
  readonly keepsValues?: boolean;
}

/**
 * Bytes of a tensor kept outside the model file, in the encoding it has there now. `pieces` are the lengths of text that is in several.
 * `field` is the whole field as it was, where a save has put another in its place: that of the tensor, or of the attribute or node around it.
 */
export interface RestoredPayload {
  readonly tensorId: string;
  readonly file: string;
  readonly offset: number;
  readonly length: number;
  readonly pieces?: readonly number[];
  readonly field?: { readonly offset: number; readonly length: number; readonly of: 'tensor' | 'attribute' | 'node' };
}

/** Paths on the command line; all optional. */
export interface SimulationFiles {
  readonly input?: string;
  readonly cotangent?: string;
  /** Labels for a cross-entropy, targets for a mean squared error. */
  readonly target?: string;
  readonly weights?: string;
  readonly values?: string;
}

/** The engine process, as the extension host and the command line call it. */
export interface EngineMethods {
  simulate(request: SimulationRequest): SimulationResult;
  train(request: TrainingRequest): TrainingResult;
  /** Of the training that is going on: holds it between two steps, lets it go on, or ends it there, with what has been learned so far. */
  steer(params: { readonly to: 'hold' | 'go' | 'stop' }): void;
  pretrain(request: PretrainingRequest): PretrainingResult;
  /** Loads ONNX Runtime and says which version answers. */
  probeRuntime(params: Record<string, never>): { readonly version: string };
}

/** What the engine tells while it works. */
export interface EngineEvents extends TrainingEvents, PretrainingEvents {
  planned(plan: SimulationPlan): void;
  ran(progress: { readonly done: number; readonly total: number; readonly run: SimulationRun }): void;
}
