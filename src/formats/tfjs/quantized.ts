// Weights that TensorFlow.js stores as integers, as the floats they stand for: q · scale + min (tfjs-core/src/io/io_utils.ts, decodeWeights).

import { GraphBuilder } from '../../core/graph/builder';
import type { Graph, Node } from '../../core/graph/graph';
import type { Tensor } from '../../core/graph/tensor';
import { createTensor } from '../../core/graph/tensor';
import type { StoredWeight } from './manifest';

/** Zero points farther from a whole number than this are none. */
const nearly = 1e-3;

/** The graph with each stored integer behind what makes a float of it. */
export function dequantized(graph: Graph, stored: ReadonlyMap<string, StoredWeight>): Graph {
  const affine = [...stored].flatMap(([name, { quantization }]) => (quantization ? [{ name, ...quantization }] : []));
  if (affine.length === 0) return graph;
  const builder = new GraphBuilder({ ...graph, nodes: [] });
  const renamed = new Map(affine.map(({ name, scale, min }) => [name, asFloat(builder, name, graph.initializers.get(name), scale, min)] as const));
  const nodes = graph.nodes.map((node): Node => ({ ...node, inputs: node.inputs.map((input) => renamed.get(input) ?? input) }));
  for (const node of nodes) builder.append(node);
  return builder.build();
}

/** With a zero point where min is a whole number of steps below zero, as converters choose it; else as it is written. */
function asFloat(builder: GraphBuilder, name: string, tensor: Tensor | undefined, scale: number, min: number): string {
  const zero = -min / scale;
  const dtype = tensor?.dtype ?? 'uint8';
  const isZeroPoint = Number.isFinite(zero) && Math.abs(zero - Math.round(zero)) < nearly && zero > -0.5 && zero < (dtype === 'uint8' ? 255.5 : 65_535.5);
  if (!isZeroPoint) return builder.add('Add', [builder.add('Mul', [builder.add('Cast', [name], { to: 1 }), builder.scalar(scale)]), builder.scalar(min)]);
  const point = builder.fresh(`${name}/zero_point`);
  builder.initializer(point, createTensor(dtype, [], [Math.round(zero)]));
  return builder.add('DequantizeLinear', [name, builder.scalar(scale), point]);
}
