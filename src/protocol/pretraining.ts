// Pre-training by restricted Boltzmann machines, layer by layer: what is asked for, what is told while it goes on, and what comes of it.

import type { RestoredPayload } from './engine';
import type { Recipe } from './recipe';
import type { TrainingData } from './training';

export const visibleKinds = ['bernoulli', 'gaussian'] as const;
/** What the inputs are taken for: on or off (or the probability of that), or real numbers of unit variance. */
export type VisibleKind = (typeof visibleKinds)[number];

export const machineStarts = ['guide', 'xavier', 'zeros'] as const;
/** Where weights start: as Hinton's guide has it, by N(0, 0.01²) and base rates, or elsewhere. */
export type MachineStart = (typeof machineStarts)[number];

export const rateSchedules = ['linear', 'constant'] as const;
/** The learning rate falls to nothing over the epochs, or stays. */
export type RateSchedule = (typeof rateSchedules)[number];

export interface PretrainingOptions {
  readonly data: TrainingData;
  /** Of data that are made up, where there are not fewer. */
  readonly samples: number;
  /** Names of layers, with * and ?; null is all hidden ones. */
  readonly layers: string | null;
  /** Of the inputs of the network; hidden units are on or off. */
  readonly visible: VisibleKind;
  readonly start: MachineStart;
  /** Gibbs steps k of an update. */
  readonly gibbs: number;
  /** Whether chains go on from one update to the next. */
  readonly persistent: boolean;
  /** For each layer; null leaves it to the number of samples. */
  readonly epochs: number | null;
  /** Null leaves it to the kind of the visible units. */
  readonly rate: number | null;
  readonly schedule: RateSchedule;
  /** Samples of an update, at most; null leaves it to the number of samples. */
  readonly batch: number | null;
  /** Behind the first epochs, which have less. */
  readonly momentum: number;
  /** Of weights, not of biases. */
  readonly decay: number;
  /** Share of the samples for which a hidden unit is to be on; null leaves it free. */
  readonly sparsity: number | null;
  readonly seed: number;
  /** Intra-operator threads; null leaves it to the engine. */
  readonly threads: number | null;
}

export const defaultPretraining: PretrainingOptions = {
  data: { kind: 'built-in', name: 'digits' }, samples: 2000, layers: null, visible: 'bernoulli', start: 'guide', gibbs: 1, persistent: false, epochs: null,
  rate: null, schedule: 'linear', batch: null, momentum: 0.9, decay: 0.0002, sparsity: null, seed: 0, threads: null,
};

/** The network as the document holds it: a file, with edits that are not saved. */
export interface PretrainingRequest {
  readonly path: string;
  readonly recipes: readonly Recipe[];
  readonly restored: readonly RestoredPayload[];
  readonly separated?: readonly string[];
  /** Folder of the values that recipes name as learned. */
  readonly learnedFolder?: string;
  readonly options: PretrainingOptions;
}

/** A layer that a machine is trained for. */
export interface MachinePlan {
  readonly layer: string;
  readonly kind: VisibleKind;
  readonly visible: number;
  readonly hidden: number;
  /** The layer of a decoder that gets its weights, transposed; null where there is none. */
  readonly unrolled: string | null;
}

export interface PretrainingPlan {
  readonly machines: readonly MachinePlan[];
  /** "30 patterns of bars and stripes, 4 × 4" */
  readonly data: string;
  readonly samples: number;
  /** Samples that are only looked at. */
  readonly heldOut: number;
  readonly epochs: number;
  readonly batch: number;
  /** Layers that keep their weights, each with its reason, a clause. */
  readonly left: readonly { readonly layer: string; readonly reason: string }[];
  readonly notes: readonly string[];
}

/** A number with how it was come by. */
export interface PseudoLikelihood {
  /** Of a sample, in nats: Σ ln p(v_i | the others). */
  readonly value: number;
  /** Over all units, or of one drawn for each sample. */
  readonly kind: 'exact' | 'stochastic';
}

/** KL(data ‖ machine), in nats. */
export interface Divergence {
  readonly value: number;
  /** One standard error of an estimate; 0 where it is exact. */
  readonly error: number;
  /** By all states of the smaller side, or by annealed importance sampling. */
  readonly kind: 'exact' | 'ais';
}

/** Grey images of one size, a byte a pixel. */
export interface Pictures {
  readonly width: number;
  readonly height: number;
  readonly images: readonly Uint8Array[];
}

/** A machine behind an epoch; epoch 0 is where it starts. */
export interface MachineEpoch {
  readonly layer: string;
  readonly epoch: number;
  readonly rate: number;
  readonly momentum: number;
  /** Mean squared difference between a visible unit and what is decoded of what is encoded of it. */
  readonly error: number;
  /** Of a sample, in nats; null of Gaussian units. */
  readonly crossEntropy: number | null;
  /** Mean of F(v), of samples that are learned from and of those that are not. */
  readonly freeEnergy: { readonly training: number; readonly heldOut: number | null };
  readonly pseudoLikelihood: PseudoLikelihood | null;
  /** Where it was worked out: at some epochs, and at the last. */
  readonly divergence: Divergence | null;
  /** ‖ΔW‖ / ‖W‖ of the last step; null before the first. */
  readonly ratio: number | null;
  /** Mean probability that a hidden unit is on. */
  readonly activity: number;
  /** Weights of hidden units as images, the middle grey 0; null where the visible units are no image. */
  readonly filters: Pictures | null;
  /** Samples, each with what is decoded of it behind it. */
  readonly reconstructions: Pictures | null;
}

export interface PretrainedWeight {
  readonly id: string;
  readonly name: string;
  readonly layer: string;
  /** As stored. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** A machine that is done, or as far as it has come. */
export interface PretrainedMachine extends MachinePlan {
  readonly epochs: readonly MachineEpoch[];
  readonly weights: readonly PretrainedWeight[];
}

export interface PretrainingResult {
  readonly machines: readonly PretrainedMachine[];
  /** "DBN, CD-1, 20 epochs, seed 3, bars-and-stripes", and whether it ended early. */
  readonly title: string;
  readonly end: {
    readonly kind: 'finished' | 'diverged' | 'cancelled';
    /** One sentence, where it did not finish. */
    readonly message: string | null;
  };
  readonly plan: PretrainingPlan;
  readonly notes: readonly string[];
  readonly timing: { readonly createMs: number; readonly trainMs: number; readonly monitorMs: number };
  readonly memoryBytes: number;
}

/** "DBN, CD-1, 20 epochs, seed 3, digits" */
export function pretrainedTitle(
  { persistent, gibbs, seed, data }: Pick<PretrainingOptions, 'persistent' | 'gibbs' | 'seed' | 'data'>, machines: number, epochs: number, isWhole: boolean,
): string {
  const name = data.kind === 'file' ? data.path.replace(/^.*[\\/](?=.)/, '').replace(/[\\/]$/, '') : data.name;
  const model = machines === 1 ? 'RBM' : 'DBN';
  return `${model}, ${persistent ? 'P' : ''}CD-${gibbs}, ${epochs} epoch${epochs === 1 ? '' : 's'}, seed ${seed}, ${name}${isWhole ? '' : ', ended early'}`;
}

/** What the engine tells while machines learn. */
export interface PretrainingEvents {
  pretrainingPlanned(plan: PretrainingPlan): void;
  epochDone(epoch: MachineEpoch): void;
  machineDone(machine: PretrainedMachine): void;
}
