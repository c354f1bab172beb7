import type { DType } from '../graph/dtype';

/** What a probe run has found out about the values of a graph. */
export interface ValueFacts {
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  readonly types: ReadonlyMap<string, DType>;
  /** Elements of the integer values that decide shapes. */
  readonly constants: ReadonlyMap<string, readonly number[]>;
}
