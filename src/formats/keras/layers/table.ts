// What the description of a Keras layer is: how it makes its outputs of its inputs.

import type { LayerScope } from '../scope';
import type { Signal } from '../signal';

export interface CallContext {
  /** Keyword arguments of the call that are signals. */
  readonly kwargs: ReadonlyMap<string, readonly Signal[]>;
  /** And those that are constants of the configuration. */
  readonly constants: ReadonlyMap<string, unknown>;
  /** A model or layer inside, by its configuration. */
  readonly call: (scope: LayerScope, className: string, inputs: readonly Signal[]) => readonly Signal[];
}

export type DescribeLayer = (layer: LayerScope, inputs: readonly [Signal, ...Signal[]], context: CallContext) => Signal | readonly Signal[];

export type LayerTable = Readonly<Record<string, DescribeLayer>>;
