// Pre-training as the panel's page shows it: what it is told by the host, and what it may ask for.

import type { MachineEpoch, MachinePlan, PretrainingOptions, PretrainingPlan } from './pretraining';
import type { TrainingStatus } from './trainingView';

/** As in training; what is counted is epochs, all machines together. */
export type PretrainingStatus = TrainingStatus;

/** Grey images of one size; the bytes of each in base64. */
export interface ShownPictures {
  readonly width: number;
  readonly height: number;
  readonly images: readonly string[];
}

export type ShownEpoch = Omit<MachineEpoch, 'layer' | 'filters' | 'reconstructions'>;

/** A machine as far as it has come, with the latest of its pictures. */
export interface ShownMachine extends MachinePlan {
  readonly epochs: readonly ShownEpoch[];
  readonly filters: ShownPictures | null;
  readonly reconstructions: ShownPictures | null;
}

export type PretrainingView =
  | { readonly kind: 'none' }
  | {
    readonly kind: 'model';
    readonly file: string;
    readonly options: PretrainingOptions;
    readonly status: PretrainingStatus;
    readonly plan: PretrainingPlan | null;
    readonly machines: readonly ShownMachine[];
    /** Why it came to its end before its time; null where it did not. */
    readonly ended: string | null;
    /** Layers whose weights can be applied. */
    readonly learned: readonly string[];
    readonly readOnly: string | null;
  };

/** The extension host, as the page calls it. */
export interface PretrainingPageMethods {
  pretrain(params: { readonly options: PretrainingOptions }): void;
  steerPretraining(params: { readonly to: 'hold' | 'go' | 'stop' }): void;
  /** What was learned becomes the weights of the model, as an edit. */
  applyPretrained(params: Record<string, never>): void;
  /** First steps of training from the weights as they are, beside Xavier and He, on the same data. */
  fineTune(params: Record<string, never>): void;
}

/** The page, as the extension host tells it. */
export interface PretrainingPageEvents {
  showPretraining(view: PretrainingView): void;
}
