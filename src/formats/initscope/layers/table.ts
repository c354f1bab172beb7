// What the description of a type of layer is: which options it takes, and how it makes its output of its input.

import type { LayerScope } from '../scope';
import type { Signal } from '../signal';

export interface LayerType {
  /** "a convolution" */
  readonly what: string;
  /** What stands behind the name where it is written with options: {"dense": 100}. */
  readonly example: string;
  /** Whether its name says all: "relu". */
  readonly isComplete: boolean;
  /** Keys beside the name and those that every layer has. */
  readonly options: readonly string[];
  readonly build: (layer: LayerScope, input: Signal) => Signal;
}

export type LayerTable = Readonly<Record<string, LayerType>>;

/** Keys of every layer. */
export const commonOptions = ['name', 'input', 'comment'] as const;
