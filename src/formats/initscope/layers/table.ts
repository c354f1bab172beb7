// What the description of a type of layer is: which options it takes, and how it makes its output of its input.

import type { Role } from '../initializers';
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
  /** Of its weights, which may have initializers of their own; none of a layer without weights. */
  readonly roles: readonly Role[];
  /** It reads what it names, and not what stands before it. */
  readonly isNaming?: boolean;
  readonly build: (layer: LayerScope, input: Signal) => Signal;
}

export type LayerTable = Readonly<Record<string, LayerType>>;

/** Keys of every layer and block. */
export const commonOptions = ['name', 'input', 'comment'] as const;

/** Keys that an object of that type of layer may have. */
export function keysOf(type: string, { options, roles, isNaming = false }: LayerType): readonly string[] {
  const common = isNaming ? commonOptions.filter((key) => key !== 'input') : commonOptions;
  return [type, ...options, ...(roles.length > 0 ? ['initializer'] : []), ...common];
}
