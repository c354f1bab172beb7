import type { WeightRole } from '../../protocol/report';
import type { Node } from '../graph/graph';
import type { Tensor } from '../graph/tensor';
import type { Fans } from '../ops/spec';
import type { FoundActivation } from './patterns';

/** How a quantised tensor stands for real numbers: (q − zeroPoint) · scale, per tensor, per index of an axis, or per block along it. */
export interface Quantization {
  readonly scale: Tensor;
  /** Absent where it is 0. */
  readonly zeroPoint: Tensor | null;
  /** Null where one scale serves all elements. */
  readonly axis: number | null;
  /** Elements along the axis that share a scale; 1 where each index has its own. */
  readonly blockSize: number;
}

/** A stored tensor in its role in a layer. */
export interface LayerWeight {
  /** Scope path and name of the tensor: what seeds and recipes are keyed by. */
  readonly id: string;
  readonly name: string;
  readonly tensor: Tensor;
  readonly role: WeightRole;
  /** True per output element, by the operator's semantics; null for tensors that have none. */
  readonly fans: Fans | null;
  /** Why it is not re-initialised, or null. */
  readonly frozen: string | null;
  readonly quantization?: Quantization;
}

/** The layer's output behind its activation; its own output where none follows. */
export function activationValue({ activation, preactivation }: Layer): string {
  return activation?.value ?? preactivation;
}

/** A weight-bearing operator with what belongs to it. */
export interface Layer {
  /** Unique in the model. */
  readonly name: string;
  readonly node: Node;
  readonly op: string;
  readonly detail: string;
  readonly weights: readonly LayerWeight[];
  /** The layer's own output, bias included. */
  readonly preactivation: string;
  readonly activation: FoundActivation | null;
  readonly normalization: Node | null;
  /** Its output is a query, key, value or gate: it is multiplied with another computed value. */
  readonly feedsProduct: boolean;
  /** Its output is an output of the network. */
  readonly isHead: boolean;
}
