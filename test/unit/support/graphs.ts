import { GraphBuilder } from '../../../src/core/graph/builder';
import { elementCount } from '../../../src/core/graph/dtype';
import type { DType } from '../../../src/core/graph/dtype';
import type { Graph, Model } from '../../../src/core/graph/graph';
import { createTensor } from '../../../src/core/graph/tensor';
import { detectLayers } from '../../../src/core/layers/detect';
import type { Layer, LayerWeight } from '../../../src/core/layers/layer';
import { encodeModel } from '../../../src/formats/onnx/encode';

export const emptyGraph: Graph = { name: 'main', inputs: [], outputs: [], initializers: new Map(), nodes: [] };

/** A graph under construction, with a stored tensor per weight whose values are small and all different. */
export class NetworkBuilder extends GraphBuilder {
  constructor() {
    super(emptyGraph);
  }

  weight(name: string, shape: readonly number[], dtype: DType = 'float32'): string {
    const values = Array.from({ length: elementCount(shape) }, (_, i) => ((i * 37) % 101) / 128 - 0.4);
    this.initializer(name, { ...createTensor(dtype, shape, values), id: name });
    return name;
  }

  /** The graph with that value as its output, under the name `y`. */
  finish(value: string): Graph {
    this.append({ name: 'end', domain: '', op: 'Identity', inputs: [value], outputs: ['y'], attributes: {} });
    this.output('y', 'float32');
    return this.build();
  }
}

export function encode(graph: Graph): Uint8Array {
  return encodeModel(graph, (name) => {
    throw new Error(`${name} has no values.`);
  });
}

export function layersOf(build: (b: NetworkBuilder) => string): readonly Layer[] {
  const builder = new NetworkBuilder();
  return detectLayers(builder.finish(build(builder)));
}

export function modelOf(graph: Graph, opset: number): Model {
  const opsets = new Map([['', opset]]);
  return { file: 'memory.onnx', format: 'onnx', producer: '', irVersion: 8, opsets, metadata: new Map(), graph, learned: null, functions: [], external: [] };
}

/** The only one of a list: fails where there are none or more. */
export function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (list.length !== 1 || first === undefined) throw new Error(`There are ${list.length} instead of one.`);
  return first;
}

export function kernelOf(layer: Layer): LayerWeight {
  return only(layer.weights.filter((weight) => weight.role === 'kernel'));
}

/** A value that is there: fails the test where it is not. */
export function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('There is no value.');
  return value;
}
