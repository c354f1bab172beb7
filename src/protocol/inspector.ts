import type { ModelReport, WeightStatistics } from './report';
import type { ErrorData } from './rpc';
import type { SchemeDescription, SchemeId } from './schemes';

/** Everything the inspector draws; sent whole whenever it changes, but for statistics, which arrive one by one. */
export type InspectorState =
  | { readonly kind: 'reading'; readonly file: string }
  | { readonly kind: 'failed'; readonly file: string; readonly error: ErrorData }
  | {
    readonly kind: 'ready';
    readonly report: ModelReport;
    readonly schemes: readonly SchemeDescription[];
    /** One sentence that answers whether the network can learn from here, and how serious it is. */
    readonly headline: { readonly text: string; readonly severity: 'ok' | 'info' | 'warning' | 'error' };
    /** Why weights cannot be written here, or null. */
    readonly readOnly: string | null;
    /** Why the network cannot be run here, or null. */
    readonly notRunnable: string | null;
  };

export interface WeightMeasured {
  readonly id: string;
  readonly statistics: WeightStatistics;
}

/** The extension host, as the inspector calls it. */
export interface InspectorMethods {
  /** Asks for the state; the host answers with `show` events from then on. */
  ready(params: Record<string, never>): void;
  /** Opens the picker; null layers means all; a given scheme applies at once. */
  reinitialize(params: { readonly layers: readonly string[] | null; readonly scheme: SchemeId | null }): void;
  openGradientPanel(params: Record<string, never>): void;
  openAsText(params: Record<string, never>): void;
  showLog(params: Record<string, never>): void;
  reload(params: Record<string, never>): void;
}

/** The inspector, as the extension host tells it. */
export interface InspectorEvents {
  show(state: InspectorState): void;
  /** Statistics as they are measured. `remaining` counts tensors still to do. */
  measured(params: { readonly weights: readonly WeightMeasured[]; readonly remaining: number }): void;
  /** Selects a layer and scrolls to it. */
  reveal(params: { readonly layer: string }): void;
}
