import { elementCount, highestRank, isFloat } from '../graph/dtype';
import type { GraphIndex } from '../graph/order';
import { scopeOf } from '../graph/order';
import type { Node } from '../graph/graph';
import { intAttribute, intsAttribute } from '../graph/graph';
import type { Tensor } from '../graph/tensor';
import type { Quantization } from './quantized';
import { quantizationOf, writtenQuantization } from './quantized';

/** A stored tensor behind a value, and the shape an operator sees it in. */
export interface StoredSource {
  readonly name: string;
  readonly tensor: Tensor;
  /** After the transpositions and reshapes on the way. */
  readonly shape: readonly number[];
  /** Operators on the way, from the tensor on. */
  readonly way: readonly Node[];
  readonly quantization: Quantization | null;
}

/** Whether it holds floats, or integers that stand for them. */
export const isReal = ({ tensor, quantization }: Pick<StoredSource, 'tensor'> & Partial<StoredSource>): boolean => (
  isFloat(tensor.dtype) || quantization != null);

/** A tensor is followed through at most this many operators: no exporter rearranges one so often. */
const farthest = 64;
const copying = new Set(['Identity', 'Cast', 'CastLike']);
const keeping = new Set(['Identity', 'Cast', 'CastLike', 'QuantizeLinear', 'DequantizeLinear', 'Clip', 'Neg', 'Abs', 'Expand']);
const rearranging = new Set(['Identity', 'Cast', 'CastLike', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'DequantizeLinear']);

/**
 * The stored tensor a value comes from, in whatever scope it is defined, through operators that only rearrange or retype its elements;
 * null if it is computed.
 */
export function storedSource(index: GraphIndex, value: string): StoredSource | null {
  const way: Node[] = [];
  let quantization: Quantization | null = null;
  let name = value;
  let scope = scopeOf(index, name);
  let tensor = tensorNamed(scope, name);
  while (!tensor) {
    const node = scope.producer.get(name);
    const written = node?.op === 'Add' ? writtenQuantization(scope, node) : null;
    if (!written && (node?.domain !== '' || !rearranging.has(node.op) || way.length === farthest)) return null;
    if (node?.op === 'DequantizeLinear') quantization = quantizationOf(scope, node);
    if (node?.op === 'DequantizeLinear' && !quantization) return null;
    if (node && !written) way.unshift(node);
    quantization = written?.quantization ?? quantization;
    name = written?.integers ?? node?.inputs[0] ?? '';
    scope = scopeOf(scope, name);
    tensor = tensorNamed(scope, name);
  }
  let shape = tensor.shape;
  for (const node of way) {
    const rearranged = rearrangedShape(index, node, shape);
    if (!rearranged) return null;
    shape = rearranged;
  }
  return { name, tensor, shape, way, quantization };
}

/** The stored tensor whose first rows a value is, as of a table that is as long as the longest sequence; in the shape that is stored. */
export function slicedSource(index: GraphIndex, value: string): StoredSource | null {
  const slice = index.producer.get(value);
  return slice?.op === 'Slice' && slice.domain === '' ? storedSource(index, slice.inputs[0] ?? '') : null;
}

/** A tensor that is stored, or made by a ConstantOfShape whose shape is. */
function tensorNamed(scope: GraphIndex, name: string): Tensor | undefined {
  const stored = scope.graph.initializers.get(name);
  if (stored) return stored;
  const node = scope.producer.get(name);
  if (node?.op !== 'ConstantOfShape' || node.domain !== '') return undefined;
  const shape = constantValues(scope, node.inputs[0] ?? '');
  if (!shape || shape.length > highestRank || shape.some((size) => size < 0) || !Number.isSafeInteger(elementCount(shape))) return undefined;
  const value = node.attributes.value?.kind === 'tensor' ? node.attributes.value.value : null;
  const dtype = value?.dtype ?? 'float32';
  // Small integer ones are shapes and masks, which nobody looks for here.
  if (!isFloat(dtype)) return undefined;
  const id = node.computes?.id ?? (scope.scope === '' ? name : `${scope.scope}/${name}`);
  const home = node.computes ? { home: node.computes.home } : {};
  return { id, dtype, shape, storage: 'computed', place: null, values: null, fill: value?.values?.[0] ?? 0, ...home };
}

/** The shape of a value behind an operator that only rearranges it; null where that is not known. */
export function rearrangedShape(index: GraphIndex, node: Node, shape: readonly number[]): readonly number[] | null {
  if (keeping.has(node.op)) return shape;
  if (node.op === 'Transpose') return permuted(node, shape);
  if (node.op === 'Flatten') {
    const axis = intAttribute(node, 'axis', 1);
    const split = axis < 0 ? axis + shape.length : axis;
    return [elementCount(shape.slice(0, split)), elementCount(shape.slice(split))];
  }
  const given = node.inputs[1] ?? '';
  if (node.op === 'Squeeze' && given === '') return shape.filter((size) => size !== 1);
  const argument = constantValues(index, given);
  if (!argument) return null;
  if (node.op !== 'Squeeze' && argument.length > highestRank) return null;
  if (node.op === 'Reshape') return resolveReshape(shape, argument);
  if (node.op === 'Squeeze') return shape.filter((_, axis) => !argument.includes(axis) && !argument.includes(axis - shape.length));
  return unsqueezed(shape, argument);
}

/** A shape with axes of size 1 put into it; null where there are more than any model has. */
export function unsqueezed(shape: readonly number[], axes: readonly number[]): readonly number[] | null {
  const rank = shape.length + axes.length;
  if (rank > highestRank) return null;
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) || axes.includes(axis - rank) ? 1 : rest.shift() ?? 1));
}

/** A shape with its axes in another order; null where they are no order of these axes. */
export function permuted(node: Node, shape: readonly number[]): readonly number[] | null {
  const order = permutationOf(node, shape.length);
  return order.length === shape.length ? order.map((axis) => shape[axis] ?? 1) : null;
}

/** Input axis of every output axis. */
export function permutationOf(node: Node, rank: number): readonly number[] {
  return intsAttribute(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
}

/** Values of a stored constant, by way of nothing but identities. */
export function constantValues(index: GraphIndex, value: string): readonly number[] | null {
  let name = value;
  let scope = index;
  for (let step = 0; step < farthest; step++) {
    scope = scopeOf(scope, name);
    const tensor = scope.graph.initializers.get(name);
    if (tensor) return tensor.values;
    const node = scope.producer.get(name);
    if (!node || !copying.has(node.op)) return null;
    name = node.inputs[0] ?? '';
  }
  return null;
}

/** Whether a value is worked out from stored tensors and from shapes alone: 1/√d, where an exporter reads d off a shape. */
export function isFixed(index: GraphIndex, value: string): boolean {
  const scope = scopeOf(index, value);
  const known = fixed.get(scope) ?? fixedValues(scope);
  fixed.set(scope, known);
  return known.has(value);
}

/** Every layer is asked for what it reads and what follows it. */
const fixed = new WeakMap<GraphIndex, ReadonlySet<string>>();

function fixedValues(index: GraphIndex): ReadonlySet<string> {
  const found = new Set(index.graph.initializers.keys());
  const isOwn = (value: string): boolean => value === '' || found.has(value) || isFixedAround(index, value);
  for (const { op, inputs, outputs } of index.graph.nodes) {
    // CastLike takes nothing but the element type of its second input.
    const read = op === 'CastLike' ? inputs.slice(0, 1) : inputs;
    if (op === 'Shape' || op === 'Size' || read.every(isOwn)) for (const output of outputs) if (output !== '') found.add(output);
  }
  return found;
}

/** Of a value that a graph around this one makes. */
function isFixedAround(index: GraphIndex, value: string): boolean {
  const around = index.owner && !index.defined.has(value) ? index.owner.index : null;
  return around !== null && isFixed(around, value);
}

/** The value of a constant with one element, which may be quantised; null for anything else. */
export function scalarValue(index: GraphIndex, value: string): number | null {
  const values = value === '' ? null : constantValues(index, value);
  if (values) return values.length === 1 ? values[0] ?? null : null;
  const scope = scopeOf(index, value);
  const node = scope.producer.get(value);
  if (node?.op !== 'DequantizeLinear' || node.domain !== '') return null;
  const [q, scale, zero = [0]] = node.inputs.map((input) => constantValues(scope, input));
  return q?.length === 1 && scale?.length === 1 && zero?.length === 1 ? ((q[0] ?? NaN) - (zero[0] ?? NaN)) * (scale[0] ?? NaN) : null;
}

/** The value that another is by way of nothing but these operators; exporters take a few. */
export function valueBehind(index: GraphIndex, value: string, operators: ReadonlySet<string>): string {
  let name = value;
  for (let step = 0; step < mostBehind; step++) {
    const node = index.producer.get(name);
    if (node?.domain !== '' || !operators.has(node.op)) return name;
    name = node.inputs[0] ?? '';
  }
  return name;
}

const mostBehind = 16;

function resolveReshape(shape: readonly number[], target: readonly number[]): readonly number[] {
  const copied = target.map((size, axis) => (size === 0 ? shape[axis] ?? 1 : size));
  const count = shape.reduce((all, size) => all * size, 1);
  const known = copied.reduce((all, size) => (size === -1 ? all : all * size), 1);
  return copied.map((size) => (size === -1 ? count / Math.max(1, known) : size));
}
