import type { GraphIndex } from '../graph/order';
import type { Node } from '../graph/graph';
import { intsAttribute } from '../graph/graph';
import type { Tensor } from '../graph/tensor';

/** A stored tensor behind a value, and the shape an operator sees it in. */
export interface StoredSource {
  readonly name: string;
  readonly tensor: Tensor;
  /** After the transpositions and reshapes on the way. */
  readonly shape: readonly number[];
}

/** The stored tensor a value comes from, through operators that only rearrange or retype its elements; null if it is computed. */
export function storedSource(index: GraphIndex, value: string): StoredSource | null {
  const tensor = index.graph.initializers.get(value);
  if (tensor) return { name: value, tensor, shape: tensor.shape };
  const node = index.producer.get(value);
  if (node?.domain !== '') return null;
  const source = rearranging.has(node.op) ? storedSource(index, node.inputs[0] ?? '') : null;
  if (!source) return null;
  const shape = rearrangedShape(index, node, source.shape);
  return shape ? { ...source, shape } : null;
}

const rearranging = new Set(['Identity', 'Cast', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

function rearrangedShape(index: GraphIndex, node: Node, shape: readonly number[]): readonly number[] | null {
  if (node.op === 'Identity' || node.op === 'Cast') return shape;
  if (node.op === 'Transpose') {
    const perm = intsAttribute(node, 'perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
    return perm.map((axis) => shape[axis] ?? 1);
  }
  const argument = constantValues(index, node.inputs[1] ?? '');
  if (node.op === 'Reshape' && argument) return resolveReshape(shape, argument);
  if (node.op === 'Squeeze' && argument) return shape.filter((_, axis) => !argument.includes(axis) && !argument.includes(axis - shape.length));
  return null;
}

/** Values of a stored constant, by way of nothing but identities. */
export function constantValues(index: GraphIndex, value: string): readonly number[] | null {
  const tensor = index.graph.initializers.get(value);
  if (tensor) return tensor.values;
  const node = index.producer.get(value);
  return node?.op === 'Identity' || node?.op === 'Cast' ? constantValues(index, node.inputs[0] ?? '') : null;
}

function resolveReshape(shape: readonly number[], target: readonly number[]): readonly number[] {
  const copied = target.map((size, axis) => (size === 0 ? shape[axis] ?? 1 : size));
  const count = shape.reduce((all, size) => all * size, 1);
  const known = copied.reduce((all, size) => (size === -1 ? all : all * size), 1);
  return copied.map((size) => (size === -1 ? count / Math.max(1, known) : size));
}
