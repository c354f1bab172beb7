import { elementCount } from '../graph/dtype';
import type { GraphIndex } from '../graph/order';
import type { Node } from '../graph/graph';
import { intAttribute, intsAttribute } from '../graph/graph';
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
  const way: Node[] = [];
  let name = value;
  let tensor = index.graph.initializers.get(name);
  while (!tensor) {
    const node = index.producer.get(name);
    if (node?.domain !== '' || !rearranging.has(node.op) || way.length === farthest) return null;
    way.push(node);
    name = node.inputs[0] ?? '';
    tensor = index.graph.initializers.get(name);
  }
  let shape = tensor.shape;
  for (const node of way.reverse()) {
    const rearranged = rearrangedShape(index, node, shape);
    if (!rearranged) return null;
    shape = rearranged;
  }
  return { name, tensor, shape };
}

/** A tensor is followed through at most this many operators: no exporter rearranges one so often. */
const farthest = 64;
const rearranging = new Set(['Identity', 'Cast', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

function rearrangedShape(index: GraphIndex, node: Node, shape: readonly number[]): readonly number[] | null {
  if (node.op === 'Identity' || node.op === 'Cast') return shape;
  if (node.op === 'Transpose') {
    const perm = intsAttribute(node, 'perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
    return perm.map((axis) => shape[axis] ?? 1);
  }
  if (node.op === 'Flatten') {
    const axis = intAttribute(node, 'axis', 1);
    const split = axis < 0 ? axis + shape.length : axis;
    return [elementCount(shape.slice(0, split)), elementCount(shape.slice(split))];
  }
  const given = node.inputs[1] ?? '';
  if (node.op === 'Squeeze' && given === '') return shape.filter((size) => size !== 1);
  const argument = constantValues(index, given);
  if (!argument) return null;
  if (node.op === 'Reshape') return resolveReshape(shape, argument);
  if (node.op === 'Squeeze') return shape.filter((_, axis) => !argument.includes(axis) && !argument.includes(axis - shape.length));
  const rank = shape.length + argument.length;
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (argument.includes(axis) || argument.includes(axis - rank) ? 1 : rest.shift() ?? 1));
}

/** Values of a stored constant, by way of nothing but identities. */
export function constantValues(index: GraphIndex, value: string): readonly number[] | null {
  let name = value;
  for (let step = 0; step < farthest; step++) {
    const tensor = index.graph.initializers.get(name);
    if (tensor) return tensor.values;
    const node = index.producer.get(name);
    if (node?.op !== 'Identity' && node?.op !== 'Cast') return null;
    name = node.inputs[0] ?? '';
  }
  return null;
}

function resolveReshape(shape: readonly number[], target: readonly number[]): readonly number[] {
  const copied = target.map((size, axis) => (size === 0 ? shape[axis] ?? 1 : size));
  const count = shape.reduce((all, size) => all * size, 1);
  const known = copied.reduce((all, size) => (size === -1 ? all : all * size), 1);
  return copied.map((size) => (size === -1 ? count / Math.max(1, known) : size));
}
