// The constants of a graph: weights that the manifest lists under their names, and small ones whose values are worked with when a graph is read.

import type { GraphBuilder } from '../../core/graph/builder';
import type { DType } from '../../core/graph/dtype';
import { elementCount } from '../../core/graph/dtype';
import type { Tensor, TensorPlace } from '../../core/graph/tensor';
import { openFile } from '../files/byteSource';
import { readElements } from '../tensors/elements';
import type { StoredWeight } from '../tfjs/manifest';
import { shapeOf } from './attributes';
import type { TensorFlowNode } from './graphDef';
import type { Signal } from './signal';
import { fixedShape, knownSignal, mostKnown, signalOf } from './signal';

export class Constants {
  /** Weights of the graph as they are in the file. */
  readonly stored = new Map<string, StoredWeight>();
  readonly #builder: GraphBuilder;
  readonly #weights: ReadonlyMap<string, StoredWeight>;

  constructor(builder: GraphBuilder, weights: readonly StoredWeight[]) {
    this.#builder = builder;
    this.#weights = new Map(weights.map((weight) => [weight.name, weight] as const));
  }

  /** Null for what is no tensor of numbers. */
  signalOf(node: TensorFlowNode): Signal | null {
    const declared = node.attributes.type('dtype');
    const weight = this.#weights.get(node.stored);
    if (!weight) return declared && this.#unread(node.name, declared, missingShape(node), 'the manifest lists no weight of its name');
    if (weight.dtype === 'undefined') return declared && this.#unread(node.name, declared, weight.shape, weight.problem ?? 'its type is not known');
    const dtype = declared ?? (weight.quantization || weight.dtype.startsWith('float') ? 'float32' : weight.dtype === 'bool' ? 'bool' : 'int64');
    const values = this.#small(weight, dtype);
    if (values && dtype !== 'float32') return knownSignal(values, weight.shape, dtype);
    const { name } = node;
    const tensor: Tensor = {
      id: name, dtype: weight.dtype, shape: weight.shape, storage: 'shard', place: weight.place,
      values: weight.quantization || weight.dtype === 'float16' ? null : values,
      ...(weight.problem === null ? {} : { problem: weight.problem }),
    };
    this.#builder.initializer(name, tensor);
    if (weight.problem === null) this.stored.set(name, weight);
    // What is whole is computed with as int64, as ONNX has sizes and indices, and halves as TF.js has them, in 32 bits.
    const to = weight.quantization ? null : dtype === 'int64' ? 7 : weight.dtype === 'float16' ? 1 : null;
    return signalOf(to === null ? name : this.#builder.add('Cast', [name], { to }), weight.shape, dtype, values);
  }

  #unread(name: string, dtype: DType, shape: readonly number[], problem: string): Signal {
    this.#builder.initializer(name, { id: name, dtype, shape, storage: 'shard', place: null, values: null, problem });
    return signalOf(name, shape, dtype);
  }

  /** Whole numbers that shapes are worked out from, and float scalars, which are slopes and bounds. */
  #small(weight: StoredWeight, dtype: DType): readonly number[] | null {
    const { shape, place, quantization } = weight;
    const count = elementCount(shape);
    if (count === 0 && dtype !== 'float32') return [];
    if (!place || count > (dtype === 'float32' ? 1 : mostKnown)) return null;
    const numbers = numbersAt(weight, place);
    if (!numbers || !quantization) return numbers;
    const { scale, min } = quantization;
    // decodeWeights of tfjs-core/src/io/io_utils.ts
    return numbers.map((each) => (dtype === 'float32' ? Math.fround(each * scale + min) : Math.round(each * scale + min)));
  }
}

function missingShape({ attributes }: TensorFlowNode): readonly number[] {
  const written = attributes.find('value')?.find('tensor')?.find('tensorShape');
  return fixedShape(written ? shapeOf(written) : []) ?? [];
}

function numbersAt({ dtype, shape }: StoredWeight, place: TensorPlace): readonly number[] | null {
  const shard = openFile(place.file);
  try {
    const elements = readElements(shard, { dtype, shape, place });
    return elements && Array.from(elements, Number);
  } finally {
    shard.close();
  }
}
