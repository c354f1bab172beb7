import type { DrawnSampler } from './recipe';
import type { FanMode, SchemeId, ValueOrigin } from './schemes';

/** `keras` and `tfjs` are those of layers; the files they are in differ. */
export type FormatId = 'onnx' | 'onnx-json' | 'keras' | 'tfjs' | 'nam' | 'rtneural' | 'brainjs' | 'lwtnn' | 'convnetjs' | 'fdeep' | 'initscope';

/** What inspecting a model yields; printed by `initscope inspect --json` and drawn by the inspector. */
export interface ModelReport {
  readonly file: string;
  readonly format: FormatId;
  /** "pytorch 2.13.0"; empty if the file does not say. */
  readonly producer: string;
  /** Version of the default operator set, or null if the file imports none. */
  readonly opset: number | null;
  /** Elements of the layers' weights, tied ones once. */
  readonly parameters: number;
  /** Elements of every floating-point initializer and constant in the file. */
  readonly storedFloats: number;
  /** Bytes that those occupy, and the integers of quantised weights. */
  readonly storedBytes: number;
  readonly inputs: readonly ValueReport[];
  readonly outputs: readonly ValueReport[];
  readonly layers: readonly LayerReport[];
  /** Stored floats that are no weights of any layer, and keep their values. */
  readonly constants: readonly ConstantReport[];
  readonly diagnostics: readonly Diagnostic[];
}

export interface ConstantReport {
  readonly name: string;
  readonly shape: readonly number[];
  /** Why it is left alone. */
  readonly reason: string;
}

export interface ValueReport {
  readonly name: string;
  readonly dtype: string;
  /** A number, or the name of a symbolic dimension. Null if the rank is unknown. */
  readonly shape: readonly (number | string)[] | null;
}

export interface LayerReport {
  /** Unique in the model. */
  readonly name: string;
  readonly op: string;
  /** "3×3, stride 2, 32 groups"; empty if there is nothing to say. */
  readonly detail: string;
  /** Where the operator is: "If_25.then_branch"; empty at the top of the graph. */
  readonly scope: string;
  /** Operator of the activation that follows ("Relu"), "linear" if none does. */
  readonly activation: string;
  /** Operator of the normalisation between the layer and its activation, or null. */
  readonly normalization: string | null;
  /** The residual branch whose last kernel this is, or null. */
  readonly residual: ResidualReport | null;
  /** Whether its output is an output of the network. */
  readonly isHead: boolean;
  readonly weights: readonly WeightReport[];
}

/** The end of a residual branch: what it adds to the signal that passes it by. */
export interface ResidualReport {
  /** Name of the node that adds branch and signal. */
  readonly addedBy: string;
  /** Operator of the normalisation between the layer and the addition, or null. */
  readonly normalization: string | null;
  /** Residual branches of the network. */
  readonly branches: number;
}

/**
 * `magnitude`: the length of each kernel, under weight normalisation; `update`: the second factor of a low-rank update; `gain`: the learned factor of
 * a residual branch, of what passes states by, or of what a tanh is taken of in the place of a norm; `step` and `decay`: the usual step of a state
 * space, before its softplus, and the rates at which it forgets.
 */
export type WeightRole =
  | 'kernel' | 'recurrent' | 'bias' | 'gamma' | 'beta' | 'running mean' | 'running variance' | 'slope' | 'peephole' | 'embedding'
  | 'magnitude' | 'update' | 'gain' | 'step' | 'decay' | 'frozen';

export interface WeightReport {
  /** Scope path and name of the tensor: what recipes and seeds are keyed by. */
  readonly id: string;
  readonly name: string;
  readonly role: WeightRole;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly storage: StorageKind;
  readonly place: PlaceReport | null;
  readonly parameters: number;
  /** Null for tensors without fans (biases, norms). */
  readonly fanIn: number | null;
  readonly fanOut: number | null;
  /** What libraries count where it is not that, and why. */
  readonly conventions: readonly FanConvention[];
  /** Gates or packed projections, drawn one by one; empty for a tensor that is one piece. */
  readonly parts: readonly PartReport[];
  /** Where exporters have made one tensor of several equal ones, this among them: its name in the file, and how many uses it has. */
  readonly merged?: { readonly tensor: string; readonly uses: number };
  /** Of a tensor that the graph computes the kernel from: how, and whether its own scale matters. */
  readonly computed?: { readonly says: string; readonly scaleFree: boolean };
  /** Weights that share these values: the same tensor, or equal ones. */
  readonly tied: readonly TiedWeight[];
  /** Scale of a quantised tensor, which its statistics have been multiplied with. */
  readonly quantization?: QuantizationReport;
  /** Null until measured. */
  readonly statistics: WeightStatistics | null;
  /** Which known initializer the tensor is consistent with, or null if none or not yet known. */
  readonly looksLike: string | null;
  readonly recommendation: Recommendation | null;
  /** Why the tensor is left alone, if it is. */
  readonly frozen?: string;
  /** The recipe that wrote the present values, if Initscope did. */
  readonly applied?: AppliedScheme;
}

/**
 * `sparse`: only what is not zero; `computed`: by a ConstantOfShape node, without values of its own; `declared`: by its initialiser alone;
 * `dataset`: in an HDF5 file; `shard`: in a file of weights beside a model; `text`: as numbers of a text.
 */
export type StorageKind = 'raw' | 'typed' | 'external' | 'constant' | 'sparse' | 'computed' | 'input' | 'declared' | 'dataset' | 'shard' | 'text';

/** How a library would count the fans of a tensor, where that differs from the operator's own. */
export interface FanConvention {
  readonly library: 'PyTorch' | 'Keras';
  readonly fanIn: number;
  readonly fanOut: number;
  readonly reason: string;
}

/** A gate of a recurrent layer, or one of several projections in one tensor. */
export interface PartReport {
  /** "forget gate", "query" */
  readonly name: string;
  /** "Orthogonal", "Ones"; null where it is left alone. */
  readonly recommendation: string | null;
}

export interface TiedWeight {
  readonly layer: string;
  readonly weight: string;
  /** `same`: one tensor used twice; `equal`: two with the same values; `transposed`: equal up to transposition. */
  readonly how: 'same' | 'equal' | 'transposed';
}

export interface QuantizationReport {
  /** The scale, or the smallest and largest of several. */
  readonly scales: { readonly count: number; readonly min: number; readonly max: number } | null;
  /** Axis along which scales differ; null where there is one for all. */
  readonly axis: number | null;
}

export interface PlaceReport {
  readonly file: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

export interface AppliedScheme {
  readonly scheme: ValueOrigin;
  readonly seed: number;
  /** "He normal, fan_in, seed 7" */
  readonly title: string;
  /** Whether the scheme was picked for the layer itself, not for all. */
  readonly picked: boolean;
  readonly saved: boolean;
  /** How many times as wide as the scheme says, by what a run has shown; absent where it is as the scheme says. */
  readonly measured?: number;
}

export interface Recommendation {
  readonly scheme: SchemeId;
  readonly mode: FanMode | null;
  readonly distribution: DrawnSampler['kind'];
  readonly gain: number | null;
  /** Standard deviation of the recommended distribution. */
  readonly std: number;
  /** Bound of a uniform distribution, value of a constant, else null. */
  readonly bound: number | null;
  /** "He normal" */
  readonly title: string;
  readonly reason: string;
  readonly source: string;
}

export interface Histogram {
  readonly min: number;
  readonly max: number;
  /** Elements per equal-width bin from min to max. */
  readonly counts: readonly number[];
  /** Values so far away that the bins leave them out, and how far they reach; absent where there are none. */
  readonly outside?: { readonly below: number; readonly above: number; readonly lowest: number; readonly highest: number };
}

export interface WeightStatistics {
  readonly count: number;
  /** Null if there are non-finite elements, or none at all. */
  readonly mean: number | null;
  /** The population's. */
  readonly std: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly zeros: number;
  readonly nonFinite: number;
  /** Of the finite elements. Absent in JSON output and where nothing is finite. */
  readonly histogram?: Histogram;
  /** Of biases, gate by gate, where they lie in one tensor. Absent in JSON output, and where something in it is not finite. */
  readonly gates?: readonly { readonly mean: number; readonly std: number }[];
  /** Those of the distribution that a declared tensor is drawn from, not of values. */
  readonly law?: true;
  /** Of biases that are so many times the sum of their units' weights; absent where they do not follow it, and where nobody looked. */
  readonly leans?: number;
  /** Absent where units differ as much as those of a draw, or nearly so. */
  readonly rank?: RankStatistics;
  /** Absent where no two units are alike and none is empty. */
  readonly units?: UnitStatistics;
}

/** Stable rank of a block of a kernel. */
export interface RankStatistics {
  readonly stable: number;
  /** What a block of independent normals has. */
  readonly drawn: number;
}

/** Output units of a kernel by their incoming weights. */
export interface UnitStatistics {
  readonly total: number;
  /** Units whose weights are those of another one before them. */
  readonly duplicate: number;
  /** Units all of whose weights are zero. */
  readonly zero: number;
}

export type Severity = 'error' | 'warning' | 'info';

export interface Diagnostic {
  readonly severity: Severity;
  /** Stable identifier, such as `all-zero-kernel`. */
  readonly code: string;
  readonly layer: string | null;
  readonly message: string;
  readonly remedy: string;
}
