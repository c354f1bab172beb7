// The variables that a Keras network asks for while it is built, in the order and by the names in which its formats store them.

import type { DType } from '../../core/graph/dtype';
import type { Tensor } from '../../core/graph/tensor';
import type { Fields } from './fields';

export interface Variable {
  /** What its tensor is called in the graph: the names of its layers and its own, "encoder/dense/kernel". */
  readonly value: string;
  /** Names of the models and layers it is in, from outside: ["encoder", "dense"]. */
  readonly layers: readonly string[];
  /** The object that owns it, as `.keras` and `.weights.h5` address it: "layers/functional/layers/dense". */
  readonly owner: string;
  /** Among the variables of that object. */
  readonly index: number;
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly trainable: boolean;
  /** The bias of an LSTM, whose forget gate may start open. */
  readonly unitForget: boolean;
  /** Which axes of a kernel are inputs and outputs, where its library knows; else they are told from the shape. */
  readonly axes: { readonly input: readonly number[]; readonly output: readonly number[] } | null;
  /** Why its values are not read, whatever a file stores, as a clause. */
  readonly unread?: string;
  /** Where its initialiser is declared, and which it is where nothing is said. */
  readonly declared: { readonly fields: Fields; readonly field: string | null; readonly otherwise: unknown };
}

/** Gives every variable its tensor: what a file stores, or what a configuration declares. */
export type FindVariables = (variables: readonly Variable[]) => ReadonlyMap<Variable, Tensor>;
