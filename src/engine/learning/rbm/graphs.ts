// Graphs of our own, which have no stored tensors, and what is fed to them.

import type { Graph } from '../../../core/graph/graph';
import { elementCount } from '../../../core/graph/dtype';
import { encodeModel } from '../../../formats/onnx/encode';
import type { Value } from '../../runtime';

export const encodeOwn = (graph: Graph): Uint8Array => encodeModel(graph, (name) => {
  throw new Error(`The constant ${name} has no values.`);
});

/** Zeros where no data are given. */
export const floats = (shape: readonly number[], data: Float32Array = new Float32Array(elementCount(shape))): Value => ({ dtype: 'float32', shape, data });

/** Operations of a product below which threads wait for one another longer than they work. */
const worthThreads = 2e7;

export const threadsFor = (operations: number, asked: number | null): number | null => (operations < worthThreads ? 1 : asked);
