import { highestRank } from '../graph/dtype';
import type { GraphIndex } from '../graph/order';
import { scopeOf } from '../graph/order';
import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import { constantValues } from './source';

/** A list of integers that a model works out from shapes, null where one depends on what is fed. */
type Integers = readonly (number | null)[];

/** At most so many operators are looked at for one list: exporters take ten. */
const mostOperators = 64;
const longestWindow = 1024;

/**
 * The integers that a value holds, where they are constants or follow from constants: the bounds by which an exporter that folds nothing
 * takes the gates of a recurrent layer apart are multiples of a size that it reads off the first state. Null if one of them is not known.
 */
export function knownIntegers(index: GraphIndex, value: string): readonly number[] | null {
  if (value === '') return null;
  const found = integers(index, value, { left: mostOperators });
  const known = found?.filter((each) => each !== null);
  return known && known.length === found?.length ? known : null;
}

/** Whether a Gather or a Slice leaves an axis all it has, in another order: windows are turned round by it, as a convolution is made a correlation. */
export function isReordering(index: GraphIndex, node: Node, shape: readonly number[]): boolean {
  const argument = (position: number): readonly number[] | null => knownIntegers(index, node.inputs[position] ?? '');
  if (node.op === 'Gather') {
    const [indices, size] = [argument(1), shape.at(intAttribute(node, 'axis', 0)) ?? 0];
    return indices?.length === size && size > 1 && new Set(indices.map((each) => (each < 0 ? each + size : each))).size === size;
  }
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map(argument);
  return node.op === 'Slice' && (steps?.every((step, i) => {
    const size = shape.at(axes?.[i] ?? i) ?? 0;
    return step === -1 && ((starts?.[i] ?? 0) >= size - 1 || starts?.[i] === -1) && (ends?.[i] ?? 0) < -size;
  }) ?? false);
}

interface Search {
  left: number;
}

function integers(index: GraphIndex, value: string, search: Search): Integers | null {
  const stored = constantValues(index, value);
  if (stored) return stored;
  const scope = scopeOf(index, value);
  const node = scope.producer.get(value);
  if (node?.domain !== '' || search.left-- <= 0) return null;
  const given = (position: number): Integers | null => integers(scope, node.inputs[position] ?? '', search);
  switch (node.op) {
    case 'Identity': case 'Cast': case 'Squeeze': case 'Reshape': return given(0);
    // What becomes part of a list is one integer.
    case 'Unsqueeze': return given(0) ?? [null];
    case 'Add': return both(given(0), given(1), (a, b) => a + b);
    case 'Sub': return both(given(0), given(1), (a, b) => a - b);
    case 'Mul': return both(given(0), given(1), (a, b) => a * b);
    case 'Div': return both(given(0), given(1), (a, b) => Math.trunc(a / b));
    case 'Range': return range(given(0)?.[0], given(1)?.[0], given(2)?.[0]);
    case 'Gather': return picked(given(0), given(1));
    case 'Concat': return joined(node, scope, search);
    case 'Shape': return sizes(shapeOf(scope, node.inputs[0] ?? '', search), intAttribute(node, 'start', 0), intAttribute(node, 'end', highestRank));
    default: return null;
  }
}

/** The shape of a stored tensor, or of one that is made in a shape, such as a first state of zeros. */
function shapeOf(index: GraphIndex, value: string, search: Search): Integers | null {
  const scope = scopeOf(index, value);
  const tensor = scope.graph.initializers.get(value);
  if (tensor) return tensor.shape;
  const node = scope.producer.get(value);
  if (node?.domain !== '' || search.left-- <= 0) return null;
  if (node.op === 'Identity' || node.op === 'Cast') return shapeOf(scope, node.inputs[0] ?? '', search);
  if (node.op === 'Gemm') return productShape(scope, node);
  // Of sums, that of the first product: nothing is broadcast to more.
  if (node.op === 'Add') return shapeOf(scope, node.inputs[0] ?? '', search) ?? shapeOf(scope, node.inputs[1] ?? '', search);
  if (node.op === 'ConstantOfShape') return integers(scope, node.inputs[0] ?? '', search);
  if (node.op === 'Gather') return gathered(node, shapeOf(scope, node.inputs[0] ?? '', search), integers(scope, node.inputs[1] ?? '', search));
  if (node.op !== 'Expand') return null;
  const filled = shapeOf(scope, node.inputs[0] ?? '', search);
  // ONNX Expand: what is expanded broadcasts against the shape; of one element it becomes that shape.
  return filled?.every((size) => size === 1) === true ? integers(scope, node.inputs[1] ?? '', search) : null;
}

/** Of a Gemm by a stored matrix as many outputs are known as it has: a chunk of them is worked out from their number. */
function productShape(index: GraphIndex, node: Node): Integers | null {
  const kernel = scopeOf(index, node.inputs[1] ?? '').graph.initializers.get(node.inputs[1] ?? '');
  return kernel?.shape.length === 2 ? [null, kernel.shape[intAttribute(node, 'transB', 0) === 1 ? 0 : 1] ?? null] : null;
}

function both(a: Integers | null, b: Integers | null, apply: (a: number, b: number) => number): Integers | null {
  if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return null;
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => {
    const [left, right] = [a[a.length === 1 ? 0 : i] ?? null, b[b.length === 1 ? 0 : i] ?? null];
    return left === null || right === null ? null : apply(left, right);
  });
}

type Size = number | null | undefined;

/** Of more elements than any axis of a window has, none. */
function range(start: Size, limit: Size, delta: Size): Integers | null {
  if (typeof start !== 'number' || typeof limit !== 'number' || typeof delta !== 'number' || delta === 0) return null;
  const count = Math.ceil((limit - start) / delta);
  return count >= 0 && count <= longestWindow ? Array.from({ length: count }, (_, i) => start + i * delta) : null;
}

function picked(list: Integers | null, at: Integers | null): Integers | null {
  return list && (at?.map((position) => (position === null ? null : list.at(position) ?? null)) ?? null);
}

/** By a list of indices, not by a single one, which ONNX Gather drops the axis for: a shape with as many along the axis. */
function gathered(node: Node, shape: Integers | null, indices: Integers | null): Integers | null {
  const axis = intAttribute(node, 'axis', 0);
  return shape?.at(axis) !== undefined && indices && indices.length > 1 ? shape.with(axis, indices.length) : null;
}

function joined(node: Node, scope: GraphIndex, search: Search): Integers | null {
  const all: (number | null)[] = [];
  for (const input of node.inputs) {
    const part = integers(scope, input, search);
    if (!part || all.length + part.length > highestRank) return null;
    all.push(...part);
  }
  return all;
}

/** Axes from `start` to `end` of a shape; of one that is not known, as many unknown sizes. */
function sizes(shape: Integers | null, start: number, end: number): Integers | null {
  if (shape) return shape.slice(start, end);
  return start >= 0 && end > start && end < highestRank ? Array.from({ length: end - start }, () => null) : null;
}
