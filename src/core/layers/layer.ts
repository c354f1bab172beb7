import type { Slice } from '../../protocol/recipe';
import type { WeightRole } from '../../protocol/report';
import { say } from '../../protocol/words';
import type { Node } from '../graph/graph';
import type { Tensor } from '../graph/tensor';
import type { Fans } from '../ops/spec';
import { frozenReason } from './frozen';
import type { FoundActivation } from './patterns';
import type { Quantization } from './quantized';
import type { Shuffle } from './shuffle';
import type { StoredSource } from './source';

/** A gate or a packed projection: a matrix of its own within a stored tensor. */
export interface LayerPart {
  /** "forget gate", "query" */
  readonly name: string;
  readonly fans: Fans | null;
  /** Where it is in the stored tensor. */
  readonly slices: readonly Slice[];
  readonly rows: number;
  readonly columns: number;
}

/** A kernel that is computed from a stored tensor. */
export interface ComputedFrom {
  /** The kernel's standard deviation is that of the tensor to this power … */
  readonly power: 1 | 0 | 2;
  /** … times this. */
  readonly factor: number;
  /** What the graph does, as a clause: "the graph multiplies it with 0.06". */
  readonly says: string;
}

/** What becomes of the rows of a table. */
export interface TableRows {
  /** What the graph multiplies them with. */
  readonly scale: number;
  /** The value that they are added into, with those of other tables; null where they are not. */
  readonly sum: string | null;
}

/** A stored tensor in its role in a layer. */
export interface LayerWeight {
  /** Scope path and name of the tensor: what seeds and recipes are keyed by. */
  readonly id: string;
  readonly name: string;
  readonly tensor: Tensor;
  readonly role: WeightRole;
  /** True per output element, by the operator's semantics, of each part where there are parts; null for tensors that have none. */
  readonly fans: Fans | null;
  /** Gates and packed projections; empty where the tensor is one piece. */
  readonly parts: readonly LayerPart[];
  /** The shape in which the operator reads it. */
  readonly seenShape: readonly number[];
  /** Which stored elements belong to one unit: those of (i / inner) mod count alike. Null where that has no meaning. */
  readonly units: { readonly inner: number; readonly count: number } | null;
  /** Why it is not re-initialised, or null. */
  readonly frozen: string | null;
  readonly quantization?: Quantization;
  /** Of a tensor that the graph computes the kernel from: how their scales hang together. */
  readonly computed?: ComputedFrom;
  /** Another layer that has the same tensor for its kernel, and that it is drawn for: as output layers share a table, or layers one kernel. */
  readonly kernelUse?: { readonly layer: Layer; readonly weight: LayerWeight };
  /** Of a learned factor: what it is for, and, of a branch, in how many blocks there is one. */
  readonly gain?: { readonly of: 'branch' | 'tanh' | 'skip'; readonly depth: number };
  /** Of the second factor of a low-rank update: the first one's id. */
  readonly firstFactor?: string;
  /** It makes the steps of a state space. */
  readonly isStep?: true;
  /** Of the rates at which a state space forgets: how they are stored, and of how many states each channel has. */
  readonly decay?: { readonly form: 'logarithm' | 'negative'; readonly states: number };
  /** Of a kernel that is a table as well: the layer that looks its rows up. */
  readonly tableUse?: string;
  /** Of a table whose rows are looked up or added. */
  readonly rows?: TableRows;
  /** Of a table whose rows are added to the scores of attention: whose network has such, and from which scale it starts there. */
  readonly positionBias?: { readonly of: 'Swin' | 'T5'; readonly std: number };
  /** Of a table whose rows are added to those of one that is a kernel as well: that one. */
  readonly addedTo?: { readonly layer: Layer; readonly weight: LayerWeight };
}

/** The end of a residual branch. */
export interface ResidualEnd {
  /** Name of the node that adds the branch to the signal. */
  readonly addedBy: string;
  /** Operator of the normalisation between the layer and the addition, or null. */
  readonly normalization: string | null;
  /** Something learned multiplies the branch, and sets its scale. */
  readonly hasGain: boolean;
  /** Residual branches in the network. */
  readonly branches: number;
  /** Those whose sums add up, as this one's does; none where the sum is normalised before it is handed on. */
  readonly adding: number;
  /** What the branch says before it is added, and the sum; empty where an operator keeps that to itself. */
  readonly end: string;
  readonly sum: string;
  /** Axis of both along which their channels lie; null where that is not known. */
  readonly channels: number | null;
}

/** The residual branch that a layer is in. */
export interface BranchPlace {
  /** Name of the node that adds the branch to the signal. */
  readonly addedBy: string;
  /** Layers of the branch that have a kernel. */
  readonly kernels: number;
  /** What the signal that passes it by is multiplied with before the addition; null where that is not known. */
  readonly skipScale: number | null;
  /** The branch ends with attention to another sequence than the signal it is added to, as a decoder has it. */
  readonly crosses: boolean;
  /** The same for all branches that hand one signal on: those of an encoder, or of a decoder. */
  readonly stack: string;
}

/** Where a layer stands among layers with the same activation, between which nothing sets a scale. */
export interface Chain {
  /** How many they are; 0 of a layer that is none of them, and reads one. */
  readonly depth: number;
  /** What the layer reads, where that is the activation of such a layer, and how many of those there are. */
  readonly reads: { readonly activation: FoundActivation; readonly depth: number } | null;
}

/** A weight-bearing operator with what belongs to it. */
export interface Layer {
  /** Unique in the model. */
  readonly name: string;
  /** Path of the subgraph it is in; empty at the top. */
  readonly scope: string;
  readonly node: Node;
  readonly op: string;
  readonly detail: string;
  readonly weights: readonly LayerWeight[];
  /** The value that its signal comes from, behind whatever only moves that, or picks of it. */
  readonly reads: string;
  /** The layer's own output, bias included. */
  readonly preactivation: string;
  readonly activation: FoundActivation | null;
  /** Operator of the first normalisation on the way to the activation, or null. */
  readonly normalization: string | null;
  /** Norms alone read its output, so that the scale of its kernel gets no further. */
  readonly isScaleFree?: boolean;
  /** Its output is a query, key or value: it is multiplied with another computed value. */
  readonly feedsProduct: boolean;
  /** Of those, a value: what it is multiplied with comes out of a softmax. */
  readonly isValue: boolean;
  /** It reads a product of two computed values, as attention's output projection does. */
  readonly readsProduct: boolean;
  /** Its output is an output of the network. */
  readonly isHead: boolean;
  /** The residual branch it is the last kernel of, or whose last normalisation it is. */
  readonly residual: ResidualEnd | null;
  /** The innermost residual branch it is in, or null. */
  readonly branch: BranchPlace | null;
  /** Absent of a layer that has none before and behind it. */
  readonly chain?: Chain;
  /** Products that are added to its own before anything else happens to them, itself included; absent where it stands alone. */
  readonly parallel?: number;
  /** Behind it, and its activation, pixels are made of its channels. */
  readonly shuffle?: Shuffle;
  /** Of a product whose outputs are gates of a recurrent cell that is written out: which cell. */
  readonly cell?: 'LSTM' | 'GRU' | 'gated cell';
  /**
   * Of a recurrent layer that is written out: what its further steps make, before and behind the activation; none of the product that reads the
   * whole sequence first.
   */
  readonly steps?: readonly { readonly preactivation: string; readonly activation: string }[];
}

/** A stored tensor, or what is quantised in one, that is one piece and has no fans. */
export function wholeWeight(source: Pick<StoredSource, 'name' | 'tensor' | 'shape'> & Partial<StoredSource>, role: WeightRole): LayerWeight {
  const { name, tensor, shape, quantization = null } = source;
  return {
    id: tensor.id, name, tensor, role, fans: null, parts: [], seenShape: shape, units: null, frozen: frozenReason(name, tensor, quantization),
    ...(quantization ? { quantization } : {}),
  };
}

/** The first factor of a low-rank update W + B A (Hu et al. 2021, section 4.1): with B at zero, its scale makes no difference to what is computed. */
export const lowRankFactor: ComputedFrom = { power: 0, factor: 1, says: say('it is the first factor of a low-rank update, whose second one starts at zero') };

/** The weight that a layer is known by: its kernel, where it has one. */
export function mainWeight(weights: readonly LayerWeight[]): LayerWeight | undefined {
  return weights.find(({ role }) => role === 'kernel') ?? weights[0];
}

/** The layer's output behind its activation; its own output where none follows. */
export function activationValue({ activation, preactivation }: Layer): string {
  return activation?.value ?? preactivation;
}

/** Recurrent, by its operator or as a cell that is written out. */
export const isRecurrent = ({ op, cell }: Layer): boolean => op === 'LSTM' || op === 'GRU' || op === 'RNN' || cell !== undefined;

/** Recurrent, also where the steps are written out. */
export const isStepped = (layer: Layer): boolean => isRecurrent(layer) || layer.steps !== undefined;
