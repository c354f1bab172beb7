import type { ValueFacts } from '../../core/autodiff/valueFacts';
import { GraphBuilder } from '../../core/graph/builder';
import { elementCount, isFloat } from '../../core/graph/dtype';
import type { Graph } from '../../core/graph/graph';
import { inferTypes } from '../../core/ops/types';
import type { Payloads } from '../../formats/onnx/encode';
import { canonicalOpset, encodeToRun } from '../../formats/onnx/encode';
import type { Value } from '../runtime';
import { createSession } from '../runtime';

/**
 * Runs the forward graph once and fetches the shape of every value, and the elements of integer values, which decide shapes. Weights are
 * fed as zeros: no shape depends on them.
 */
export async function probe(
  graph: Graph, feeds: ReadonlyMap<string, Value>, payloads: Payloads, threads: number | null, opset = canonicalOpset,
): Promise<ValueFacts> {
  const types = inferTypes(graph);
  const builder = new GraphBuilder(graph);
  builder.clearOutputs();
  const shapeNames = new Map<string, string>();
  const integers: string[] = [];
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      const shape = builder.add('Shape', [output]);
      builder.output(shape, 'int64');
      shapeNames.set(output, shape);
      if (types.get(output) === 'int64' || types.get(output) === 'int32') {
        builder.output(output, 'undefined');
        integers.push(output);
      }
    }
  }
  const shapes = new Map<string, readonly number[]>();
  const constants = new Map<string, readonly number[]>();
  for (const [name, tensor] of graph.initializers) {
    shapes.set(name, tensor.shape);
    if (tensor.values && !isFloat(tensor.dtype)) constants.set(name, tensor.values);
  }
  for (const [name, value] of feeds) shapes.set(name, value.shape);
  // ONNX Runtime refuses a graph without nodes.
  if (shapeNames.size === 0) return { shapes, types, constants };
  const session = await createSession(encodeToRun(builder.build(), payloads, opset), { threads, nodes: null });
  try {
    const results = await session.run(feeds, [...shapeNames.values(), ...integers]);
    for (const [value, shape] of shapeNames) shapes.set(value, toNumbers(results.get(shape)));
    for (const value of integers) constants.set(value, toNumbers(results.get(value)));
  } finally {
    await session.release();
  }
  return { shapes, types, constants };
}

function toNumbers(value: Value | undefined): readonly number[] {
  return value && elementCount(value.shape) > 0 ? Array.from(value.data as ArrayLike<number | bigint>, Number) : [];
}
