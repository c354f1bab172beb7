import type { SchemeId } from './schemes';

/** What inspecting a model yields; printed by `initscope inspect --json` and drawn by the inspector. */
export interface ModelReport {
  readonly file: string;
  readonly format: 'onnx';
  /** "pytorch 2.13.0"; empty if the file does not say. */
  readonly producer: string;
  /** Version of the default operator set, or null if the file imports none. */
  readonly opset: number | null;
  /** Elements of the layers' weights, tied ones once. */
  readonly parameters: number;
  /** Elements of every floating-point initializer and constant in the file. */
  readonly storedFloats: number;
  /** Bytes those occupy. */
  readonly storedBytes: number;
  readonly inputs: readonly ValueReport[];
  readonly outputs: readonly ValueReport[];
  readonly layers: readonly LayerReport[];
  readonly diagnostics: readonly Diagnostic[];
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
  /** Operator of the activation that follows ("Relu"), "linear" if none does. */
  readonly activation: string;
  /** Operator of the normalisation between the layer and its activation, or null. */
  readonly normalization: string | null;
  readonly weights: readonly WeightReport[];
}

export type WeightRole =
  | 'kernel' | 'bias' | 'gamma' | 'beta' | 'running mean' | 'running variance' | 'slope' | 'embedding' | 'frozen';

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

export type StorageKind = 'raw' | 'typed' | 'external' | 'constant';

export interface PlaceReport {
  readonly file: string;
  /** Bytes from the start of the file. */
  readonly offset: number;
  /** Bytes. */
  readonly length: number;
}

export interface AppliedScheme {
  readonly scheme: SchemeId;
  readonly seed: number;
  /** "He normal, fan_in, seed 7" */
  readonly title: string;
  readonly saved: boolean;
}

export interface Recommendation {
  readonly scheme: SchemeId | 'ones' | 'constant';
  readonly mode: 'fan_in' | 'fan_out' | 'fan_avg' | null;
  readonly distribution: 'normal' | 'uniform' | 'constant';
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
  /** Of the finite elements. Null in JSON output and where nothing is finite. */
  readonly histogram?: Histogram;
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
