import { boundOn, elementCount, highestRank } from '../graph/dtype';
import type { GraphIndex } from '../graph/order';
import { scopeOf } from '../graph/order';
import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { Tensor } from '../graph/tensor';
import { knownIntegers } from './dimensions';
import { constantValues, permutationOf, unsqueezed } from './source';

/** Consecutive elements of a stored tensor, from `start` on. */
export interface Run {
  readonly name: string;
  readonly tensor: Tensor;
  readonly start: number;
  readonly count: number;
}

/** A value that is put together from stretches of stored tensors, in row-major order. */
export interface Assembled {
  readonly shape: readonly number[];
  readonly runs: readonly Run[];
}

/**
 * Values are followed through at most so many operators in a row, through so many in all, and into so many stretches: the weights of two
 * directions have 16.
 */
const deepest = 32;
const mostValues = 256;
const mostRuns = 256;

/** What is known of values on the way to one: what is put together from one value twice is looked at once. */
interface Search {
  readonly known: Map<string, Assembled>;
  left: number;
}

/**
 * What stored tensors a value is assembled from by Slice, Split, Concat and reshapes along the outermost axis: exporters reorder the gates
 * of recurrent layers so, and join their directions. Null if any of it is computed, or is not contiguous.
 */
export function storedRuns(index: GraphIndex, value: string): Assembled | null {
  return follow(index, value, { known: new Map(), left: mostValues }, 0);
}

function follow(index: GraphIndex, value: string, search: Search, depth: number): Assembled | null {
  const scope = scopeOf(index, value);
  const tensor = scope.graph.initializers.get(value);
  if (tensor) return { shape: tensor.shape, runs: [{ name: value, tensor, start: 0, count: elementCount(tensor.shape) }] };
  const known = search.known.get(`${scope.scope}\0${value}`);
  if (known) return known;
  const node = scope.producer.get(value);
  if (node?.domain !== '' || depth === deepest || search.left-- <= 0) return null;
  const assembled = assemble(scope, node, value, search, depth + 1);
  if (!assembled || assembled.runs.length > mostRuns || assembled.shape.length > highestRank) return null;
  search.known.set(`${scope.scope}\0${value}`, assembled);
  return assembled;
}

function assemble(index: GraphIndex, node: Node, value: string, search: Search, depth: number): Assembled | null {
  const first = (): Assembled | null => follow(index, node.inputs[0] ?? '', search, depth);
  switch (node.op) {
    case 'Identity': case 'Cast': return first();
    case 'Unsqueeze': case 'Squeeze': case 'Reshape': case 'Expand': return reshaped(index, node, first());
    case 'Transpose': return transposed(node, first());
    case 'Slice': return sliced(index, node, first());
    case 'Split': return split(index, node, value, first());
    case 'Concat': return concatenated(index, node, search, depth);
    default: return null;
  }
}

function reshaped(index: GraphIndex, node: Node, given: Assembled | null): Assembled | null {
  const argument = given && knownIntegers(index, node.inputs[1] ?? '');
  if (!given) return null;
  const { shape, runs } = given;
  if (node.op === 'Squeeze') {
    const axes = argument?.map((axis) => (axis < 0 ? axis + shape.length : axis));
    return { shape: shape.filter((size, axis) => (axes ? !axes.includes(axis) : size !== 1)), runs };
  }
  if (!argument) return null;
  if (node.op === 'Unsqueeze') {
    const wider = unsqueezed(shape, argument);
    return wider && { shape: wider, runs };
  }
  if (argument.length > highestRank || (node.op === 'Expand' && elementCount(argument) !== elementCount(shape))) return null;
  const sizes = argument.map((size, axis) => (size === 0 ? shape[axis] ?? 1 : size));
  const known = sizes.reduce((all, size) => (size === -1 ? all : all * size), 1);
  return { shape: sizes.map((size) => (size === -1 ? elementCount(shape) / Math.max(1, known) : size)), runs };
}

/** Moving axes of size 1 about leaves the elements where they are. */
function transposed(node: Node, given: Assembled | null): Assembled | null {
  if (!given) return null;
  const order = permutationOf(node, given.shape.length);
  if (order.length !== given.shape.length) return null;
  const moved = order.filter((axis) => given.shape[axis] !== 1);
  const stays = moved.every((axis, i) => i === 0 || axis > (moved[i - 1] ?? 0));
  return stays ? { shape: order.map((axis) => given.shape[axis] ?? 1), runs: given.runs } : null;
}

/** Elements per index of an axis, where nothing but 1 is left of it; null for an inner axis. */
function rowLength(shape: readonly number[], axis: number): number | null {
  return elementCount(shape.slice(0, axis)) === 1 ? elementCount(shape.slice(axis + 1)) : null;
}

function part({ shape, runs }: Assembled, axis: number, start: number, end: number): Assembled | null {
  const row = rowLength(shape, axis);
  if (row === null || end < start) return null;
  return { shape: shape.map((size, i) => (i === axis ? end - start : size)), runs: cut(runs, start * row, end * row) };
}

function cut(runs: readonly Run[], from: number, to: number): readonly Run[] {
  let at = 0;
  return runs.flatMap((run) => {
    const [low, high] = [Math.max(from, at), Math.min(to, at + run.count)];
    const offset = run.start + low - at;
    at += run.count;
    return high > low ? [{ ...run, start: offset, count: high - low }] : [];
  });
}

function sliced(index: GraphIndex, node: Node, given: Assembled | null): Assembled | null {
  const argument = (position: number): readonly number[] | null => knownIntegers(index, node.inputs[position] ?? '');
  const [starts, ends, axes, steps] = [argument(1), argument(2), argument(3), argument(4)];
  if (!given || !starts || !ends || starts.length > highestRank || (steps?.some((step) => step !== 1) ?? false)) return null;
  let out: Assembled | null = given;
  starts.forEach((start, i) => {
    if (!out) return;
    const axis = axes?.[i] ?? i;
    const at = axis < 0 ? axis + out.shape.length : axis;
    const size = out.shape[at] ?? 0;
    out = part(out, at, boundOn(size, start), boundOn(size, ends[i] ?? 0));
  });
  return out;
}

function split(index: GraphIndex, node: Node, value: string, given: Assembled | null): Assembled | null {
  if (!given) return null;
  const axis = intAttribute(node, 'axis', 0);
  const at = axis < 0 ? axis + given.shape.length : axis;
  const size = given.shape[at] ?? 0;
  const piece = Math.ceil(size / Math.max(1, node.outputs.length));
  const sizes = constantValues(index, node.inputs[1] ?? '') ?? node.outputs.map((_, i) => Math.min(piece, size - i * piece));
  const position = node.outputs.indexOf(value);
  const start = sizes.slice(0, position).reduce((sum, length) => sum + length, 0);
  return part(given, at, start, start + (sizes[position] ?? 0));
}

function concatenated(index: GraphIndex, node: Node, search: Search, depth: number): Assembled | null {
  const given: Assembled[] = [];
  let count = 0;
  for (const input of node.inputs) {
    const next = follow(index, input, search, depth);
    count += next?.runs.length ?? 0;
    if (!next || count > mostRuns || given.length === mostRuns) return null;
    given.push(next);
  }
  const shape = given[0]?.shape ?? [];
  const axis = intAttribute(node, 'axis', 0);
  const at = axis < 0 ? axis + shape.length : axis;
  if (rowLength(shape, at) === null) return null;
  const joined = given.reduce((sum, each) => sum + (each.shape[at] ?? 0), 0);
  return { shape: shape.map((size, i) => (i === at ? joined : size)), runs: given.flatMap((each) => each.runs) };
}
