import type { LayerComparison, ShownComparison } from './comparison';
import type { Preview } from './preview';
import type { Diagnostic, LayerReport, ModelReport, WeightStatistics } from './report';
import type { ErrorData } from './rpc';
import type { SchemeDescription, SchemeId } from './schemes';
import type { LayerForesight } from './simulation';
import type { Remedy } from './verdict';

/** What the inspector draws first; other layers follow in `more` events, statistics in `measured` ones. Sent only when another model is shown. */
export type InspectorState =
  | { readonly kind: 'reading'; readonly file: string }
  | { readonly kind: 'failed'; readonly file: string; readonly error: ErrorData }
  | {
    readonly kind: 'ready';
    /** Its layers are the first ones, without statistics and what depends on them; its diagnostics are theirs and the network's. */
    readonly report: ModelReport;
    /** Layers of the model. */
    readonly total: number;
    readonly schemes: readonly SchemeDescription[];
    readonly headline: Headline;
    /** Why weights cannot be written here, or null. */
    readonly readOnly: string | null;
    /** Why the network cannot be run here, or null. */
    readonly notRunnable: string | null;
    /** What else is limited here, and why. */
    readonly limits: readonly string[];
    readonly progress: MeasuringProgress;
  };

/** One sentence that answers whether the network can learn from here, and how serious it is. */
export interface Headline {
  readonly text: string;
  readonly severity: 'ok' | 'info' | 'warning' | 'error';
  /** What would help most, the best first; absent where nothing is to be helped. */
  readonly remedies?: readonly Remedy[];
}

export interface MeasuringProgress {
  readonly kind: 'running' | 'stopped' | 'finished';
  /** Tensors. */
  readonly measured: number;
  readonly total: number;
}

export interface WeightMeasured {
  readonly id: string;
  readonly statistics: WeightStatistics;
  readonly looksLike: string | null;
}

/** What is wrong with a layer, as far as its weights have been measured. */
export interface LayerAssessment {
  readonly layer: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** The extension host, as the inspector calls it. */
export interface InspectorMethods {
  /** Asks for the state; the host answers with `show`, `more` and `measured` events, and tells of every change from then on. */
  ready(params: Record<string, never>): void;
  /** Opens the pickers, which ask for what is null, and for parameters and seed; behind them is a preview. */
  reinitialize(params: { readonly layers: readonly string[] | null; readonly scheme: SchemeId | null }): void;
  /** Shows the preview of what would help: nothing is asked. */
  previewRemedy(params: { readonly layers: readonly string[] | null; readonly scheme: SchemeId }): void;
  /** Tells which layers are selected. */
  select(params: { readonly layers: readonly string[] }): void;
  /** What a stack of layers like that one would do, by theory; null while weights are being measured, and where nothing is known. */
  foresee(params: { readonly layer: string }): LayerForesight;
  /** In a diff, what differs in a layer of this side; null in none, and where nothing does. */
  compare(params: { readonly layer: string }): LayerComparison | null;
  /** Selects a layer, by its name there, on the other side of a diff. */
  showPartner(params: { readonly layer: string }): void;
  /** Runs both sides of a diff, and shows their gradients in one chart. */
  compareGradients(params: Record<string, never>): void;
  /** Makes the edit whose preview is shown. */
  applyPreview(params: Record<string, never>): void;
  cancelPreview(params: Record<string, never>): void;
  openGradientPanel(params: Record<string, never>): void;
  openAsText(params: Record<string, never>): void;
  showLog(params: Record<string, never>): void;
  reload(params: Record<string, never>): void;
  stopMeasuring(params: Record<string, never>): void;
  resumeMeasuring(params: Record<string, never>): void;
}

/** The inspector, as the extension host tells it. */
export interface InspectorEvents {
  show(state: InspectorState): void;
  /** The layers after those that are known, and what is known to be wrong with them. */
  more(params: Pick<ModelReport, 'layers' | 'diagnostics'>): void;
  /** Statistics as they are measured, and what they say of the layers they belong to. */
  measured(params: {
    readonly weights: readonly WeightMeasured[]; readonly assessments: readonly LayerAssessment[]; readonly progress: MeasuringProgress;
  }): void;
  /** What is another in the model that is shown: by an edit, or now that everything is measured. */
  changed(params: InspectorChange): void;
  /** Marks what differs from the other side of a diff; null where there is none, or none any more. */
  compared(params: { readonly comparison: ShownComparison | null }): void;
  /** Shows what an edit would do, in place of the layers; null goes back to them. */
  preview(params: { readonly preview: Preview | null }): void;
  /** Selects a layer and scrolls to it. */
  reveal(params: { readonly layer: string }): void;
  /** The same for one that was chosen in the panel: what is filtered stays so, and nobody is told. */
  follow(params: { readonly layer: string }): void;
  /** Marks the row of a layer, where it is seen; null takes that back. */
  highlight(params: { readonly layer: string | null }): void;
}

export interface InspectorChange {
  /** Without statistics; those of other layers stand. */
  readonly layers: readonly LayerReport[];
  readonly assessments: readonly LayerAssessment[];
  /** Of the network as a whole. */
  readonly general: readonly Diagnostic[];
  readonly headline: Headline;
  /** Ids of weights whose statistics no longer hold. */
  readonly forgotten: readonly string[];
  readonly progress: MeasuringProgress;
}
