import type { Histogram } from './report';
import type { SchemeId, SchemeOptions, SimulatedScheme } from './schemes';

export const lossKinds = ['noise', 'cross-entropy', 'mse'] as const;
export type LossKind = (typeof lossKinds)[number];

/** Kernels of a scheme that are made wider or narrower for a run, to see what would come of it. */
export interface WhatIf {
  readonly scheme: SimulatedScheme;
  /** Factor on the standard deviation of all kernels. */
  readonly all: number;
  /** Of single layers, by name, besides. */
  readonly layers: Readonly<Record<string, number>>;
}

/** Parameters of schemes in place of their own. */
export type SchemeParameters = Readonly<Partial<Record<SchemeId, SchemeOptions>>>;

export interface SimulationOptions {
  readonly schemes: readonly SimulatedScheme[];
  readonly parameters: SchemeParameters;
  /** Number of seeds per scheme; the seeds are `seed`, `seed + 1`, … */
  readonly seeds: number;
  readonly seed: number;
  /** Samples per run; null respects the model's own batch, or the default where it is symbolic. */
  readonly batch: number | null;
  /** Sizes of symbolic dimensions, by name. */
  readonly dims: Readonly<Record<string, number>>;
  readonly loss: LossKind;
  readonly batchNorm: 'training' | 'inference';
  /** Whether dropout drops: masks are drawn per seed. Off, it is the identity. */
  readonly dropout: boolean;
  /** How many more of the block that the network repeats it is run with, to see what depth does. */
  readonly deepen: number;
  /** A file or folder whose samples are fed, other ones for every seed, and whose labels the loss compares with; null makes inputs up. */
  readonly data: string | null;
  /** Of the floats that are fed where none are given; null leaves it to the file, and is 0 and 1 where that says nothing. */
  readonly input: { readonly mean: number; readonly variance: number } | null;
  /** Null where weights are run as they are, or as they are drawn. */
  readonly whatIf: WhatIf | null;
  /** Intra-operator threads; null leaves it to the engine. */
  readonly threads: number | null;
}

/** One run with the stored weights, as far as nobody asks for something else. */
export const defaultOptions: SimulationOptions = {
  schemes: ['current'], parameters: {}, seeds: 1, seed: 0, batch: null, dims: {}, loss: 'noise', batchNorm: 'training', dropout: false,
  deepen: 0, data: null, input: null, whatIf: null, threads: null,
};

/** Of one tensor in one run. */
export interface Moments {
  readonly count: number;
  /** Null if there are non-finite elements. */
  readonly mean: number | null;
  /** The population's; 0 only if all elements are equal. */
  readonly variance: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly zeros: number;
  readonly nonFinite: number;
  /** Of a sample of the finite elements. */
  readonly histogram?: Histogram;
}

export interface WeightGradient {
  readonly name: string;
  readonly gradient: Moments | null;
  /** Root mean square of the gradient over that of the weight; null where the weight is all zero. */
  readonly ratio: number | null;
}

export interface LayerRun {
  readonly name: string;
  /** The layer's own output. Null where an unsupported operator hides it. */
  readonly preactivation: Moments | null;
  /** Output of the activation that follows; the same tensor as `preactivation` if none does. */
  readonly activation: Moments | null;
  readonly gradient: { readonly preactivation: Moments | null; readonly activation: Moments | null };
  /** Cosine between what the layer says, behind its activation, of two samples: 1 where it says the same of all. Absent of a single sample. */
  readonly cosine?: number;
  /** The same between two tokens of a sample, where it says something of each. */
  readonly tokenCosine?: number;
  /** Operators without a derivative that all ways from the outputs to the layer end at: its gradient is zero whatever the weights are. */
  readonly cutBy?: readonly string[];
  readonly weights: readonly WeightGradient[];
}

/** A kernel that was made wider or narrower, since the layer's output was not of the variance that it should have. */
export interface Rescaled {
  readonly layer: string;
  readonly weight: string;
  readonly tensorId: string;
  readonly factor: number;
  /** Variances of the layer's output: as first measured, as it should be, and in the end; null where that is not finite. */
  readonly measured: number;
  readonly wanted: number;
  readonly reached: number | null;
  /** It is not what it should be, however often it was tried. */
  readonly isMissed: boolean;
}

/** What a run says of a value that is no layer's: of a sum of branches, or of an input of the network. */
export interface ValueRun {
  readonly value: string;
  readonly signal: Moments | null;
  /** Of inputs none. */
  readonly gradient: Moments | null;
}

/** Of a value by its channels, each over samples and positions, then averaged over the channels (Brock et al. 2021, arXiv 2101.08692, section 3). */
export interface ChannelMoments {
  readonly channels: number;
  /** Average of the squares of the channels' means; null if there are non-finite elements. */
  readonly squaredMean: number | null;
  /** Average of the channels' variances, each the population's; 0 only if every channel says the same throughout. */
  readonly variance: number | null;
}

/** What a run says where a residual branch is added to the signal. */
export interface JoinRun {
  /** The node that adds. */
  readonly name: string;
  /** The last layer of the branch that has a kernel. */
  readonly layer: string;
  /** Null where an operator hides it, or where nobody knows which of its axes has the channels. */
  readonly sum: ChannelMoments | null;
  /** Of what the branch says before it is added. */
  readonly branch: ChannelMoments | null;
}

export interface SimulationRun {
  readonly scheme: SimulatedScheme;
  readonly seed: number;
  /** What runs before this one have shown to be too wide or too narrow; absent where nothing was. */
  readonly rescaled?: readonly Rescaled[];
  /** Null for the `noise` cotangent, which is no loss. */
  readonly loss: number | null;
  readonly layers: readonly LayerRun[];
  /** Where it was asked for. */
  readonly between?: readonly ValueRun[];
  /** Where it was asked for, and where the network has residual branches: in the order in which they are added. */
  readonly joins?: readonly JoinRun[];
}

/** What the moments of the weights say of a layer before anything is run, for a wide network. Null where nothing is known. */
export interface LayerTheory {
  readonly name: string;
  /** Of the layer's own output, and of that behind its activation. */
  readonly preactivation: TheoryMoments | null;
  readonly activation: TheoryMoments | null;
  /** Variances of gradients, where those at the outputs of the network have one of 1, or are of a cross-entropy with labels that are drawn. */
  readonly gradient: {
    readonly preactivation: number | null;
    readonly activation: number | null;
    /** Over the elements of the first of a run's `weights`; null where nobody has asked, too. */
    readonly weight: number | null;
  };
  /** Standard deviation of the kernel, times the recommended one. */
  readonly scale: number | null;
  /** Largest |f′| of the activation that the layer's own output goes into; null where none does, or where it has no end. */
  readonly steepest: number | null;
  /** It is in a residual branch, which may start closed. */
  readonly inBranch: boolean;
  /** Share of the units whose bias alone decides what they say, wherever the activation is flat. */
  readonly shut: number | null;
  /** Of a layer with a function of its own and no norm before it; absent of others, and where nothing is known. */
  readonly response?: LayerResponse;
  /** Of a recurrent layer; absent of others, and where nothing is known. */
  readonly throughTime?: ThroughTime;
}

/** What theory says of a layer by itself; null where it says nothing. */
export interface LayerForesight {
  readonly response: LayerResponse | null;
  readonly throughTime: ThroughTime | null;
}

/** What comes, of a gradient at the last state of a recurrent layer, to what it has read at earlier steps. */
export interface ThroughTime {
  /** That a sequence has. */
  readonly steps: number;
  /** Standard deviation at the first step over that at the last. */
  readonly arrived: number;
  /** What becomes of it per step, far from the last. */
  readonly perStep: number;
  /** Steps back at which 1 % is left, or would be if a sequence had so many; null where that never comes. */
  readonly reach: number | null;
}

/** What a stack of layers like this one would do, K being the variance of pre-activations. */
export interface LayerResponse {
  /** C_W = fan_in E w² and C_b = Var b of the layer. */
  readonly weights: number;
  readonly biases: number;
  /** χ⊥: what becomes of the variance of a gradient, and of a small difference between samples, per layer. */
  readonly perpendicular: number;
  /** χ∥: what becomes of a small change of K per layer. */
  readonly parallel: number;
  /** ξ = 1 / |ln χ⊥|: in so many layers a gradient changes e-fold. */
  readonly depthScale: number;
  /** K that such layers keep; null where none is near, or where each is kept. */
  readonly fixedPoint: { readonly variance: number; readonly isStable: boolean } | null;
  /** How deep stacks of the function can be tuned. */
  readonly stack: 'scale-invariant' | 'towards zero' | 'half-stable' | 'none';
  /** Variance of the gradient at the first layer over that here, and that here over that at the outputs: products of χ⊥ to both ends of this network. */
  readonly toInput: number | null;
  readonly toOutput: number | null;
  /** Standard deviation of ln K over draws, one sample given; null where widths do not tell it. */
  readonly spread: number | null;
}

export interface TheoryMoments {
  readonly mean: number;
  readonly variance: number;
  /** Cosine between what the layer says of two samples: 1 where it says the same of all. */
  readonly cosine: number;
}

export interface SchemeTheory {
  readonly scheme: SimulatedScheme;
  readonly layers: readonly LayerTheory[];
  /** Of the residual branches that runs were asked for; null where nothing is known. */
  readonly joins?: readonly JoinRun[];
  /** Operators behind which nothing is known until the next norm, with the reason. */
  readonly unpredicted: readonly { readonly node: string; readonly op: string; readonly reason: string }[];
}

export interface UnsupportedNode {
  readonly node: string;
  readonly op: string;
  readonly reason: string;
  /** Names of the layers whose gradient (or everything) it hides. */
  readonly hides: readonly string[];
}

/** What is known before the first run. */
export interface SimulationPlan {
  readonly layers: readonly string[];
  readonly unsupported: readonly UnsupportedNode[];
  readonly runs: number;
  /** Of each scheme, as far as it can be said before anything is run: for the `noise` cotangent, and data that are made up. */
  readonly theory: readonly SchemeTheory[];
  /** What was fed: "x [8, 3, 32, 32] normal". */
  readonly inputs: readonly string[];
  readonly notes: readonly string[];
}

export interface SimulationResult {
  readonly runs: readonly SimulationRun[];
  /** As of the plan. */
  readonly theory: readonly SchemeTheory[];
  readonly unsupported: readonly UnsupportedNode[];
  readonly notes: readonly string[];
  readonly timing: { readonly planMs: number; readonly createMs: number; readonly runMs: number };
  /** Peak resident memory of the engine process. */
  readonly memoryBytes: number;
}
