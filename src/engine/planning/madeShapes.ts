import { elementCount, highestRank } from '../../core/graph/dtype';
import type { Graph, Node } from '../../core/graph/graph';
import { intAttribute, intsAttribute } from '../../core/graph/graph';
import type { GraphIndex } from '../../core/graph/order';
import { indexGraph } from '../../core/graph/order';
import type { Tensor } from '../../core/graph/tensor';
import { knownIntegers } from '../../core/layers/dimensions';
import type { Shape } from '../../core/layers/shapeRules';
import { broadcast } from '../../core/layers/shapeRules';
import { rearrangedShape } from '../../core/layers/source';
import { operators } from '../../core/ops/registry';

/** What a node makes of the size that a file states, before anything is run. */
export interface Made {
  readonly node: Node;
  readonly shape: readonly number[];
}

/** What is known of a node: shapes of its inputs, and numbers that they hold. */
interface Known {
  readonly node: Node;
  readonly shape: (position: number) => Shape | null;
  readonly integers: (position: number) => readonly number[] | null;
  readonly floats: (position: number) => readonly number[] | null;
}

/** Axes that an operator names, or all of them. */
function axesOf(given: readonly number[] | null, rank: number): readonly number[] {
  return given?.map((axis) => (axis < 0 ? axis + rank : axis)) ?? Array.from({ length: rank }, (_, axis) => axis);
}

function padded({ node, shape, integers }: Known): Shape | null {
  const [input, pads] = [shape(0), integers(1)];
  if (!input || !pads || ((node.inputs[3] ?? '') !== '' && !integers(3))) return null;
  const axes = axesOf(integers(3), input.length);
  return input.map((size, axis) => {
    const at = axes.indexOf(axis);
    return at < 0 ? size : size + (pads[at] ?? 0) + (pads[at + axes.length] ?? 0);
  });
}

function resized({ node, shape, integers, floats }: Known): Shape | null {
  const [input, scales, sizes] = [shape(0), floats(2), integers(3)];
  if (!input) return sizes;
  const axes = axesOf(intsAttribute(node, 'axes'), input.length);
  return input.map((size, axis) => {
    const at = axes.indexOf(axis);
    return at < 0 ? size : sizes?.[at] ?? Math.floor(size * (scales?.[at] ?? 1));
  });
}

function oneHot({ node, shape, integers, floats }: Known): Shape | null {
  const [depth] = integers(1) ?? floats(1) ?? [];
  if (depth === undefined) return null;
  const indices = shape(0) ?? [];
  const axis = intAttribute(node, 'axis', -1);
  return indices.toSpliced(axis < 0 ? axis + indices.length + 1 : axis, 0, depth);
}

function ranged({ integers, floats }: Known): Shape | null {
  const [start, limit, delta] = [0, 1, 2].map((position) => (integers(position) ?? floats(position))?.[0]);
  return start === undefined || limit === undefined || !delta ? null : [Math.max(0, Math.ceil((limit - start) / delta))];
}

/** Operators whose output may be larger than all they are given, by what they are given. What is not known counts as one. */
const makers: ReadonlyMap<string, (known: Known) => Shape | null> = new Map(Object.entries<(known: Known) => Shape | null>({
  ConstantOfShape: ({ integers }) => integers(0),
  Expand: ({ shape, integers }) => broadcast(shape(0) ?? [], integers(1) ?? []),
  Tile: ({ shape, integers }) => {
    const [input, repeats] = [shape(0), integers(1)];
    return input?.map((size, axis) => size * (repeats?.[axis] ?? 1)) ?? repeats;
  },
  Range: ranged, Pad: padded, Resize: resized, OneHot: oneHot,
}));

/** Elements of a stored tensor that is no list of integers. */
export type ReadFloats = (tensor: Tensor) => readonly number[];

/** What the nodes of a graph make, and of the graphs inside, as far as the file states its size or it follows from `given`. */
export function madeShapes(graph: Graph, given: ReadonlyMap<string, Shape>, read: ReadFloats): readonly Made[] {
  const found: Made[] = [];
  collect(indexGraph(graph), new Map(given), read, found);
  return found;
}

function collect(index: GraphIndex, shapes: Map<string, Shape>, read: ReadFloats, found: Made[]): void {
  const { initializers, nodes } = index.graph;
  for (const [name, { shape }] of initializers) shapes.set(name, shape);
  for (const node of nodes) {
    // Of an If one branch alone is run, and which is not known yet.
    if (node.op !== 'If') for (const body of index.bodies.get(node) ?? []) collect(body, shapes, read, found);
    const known = knownOf(index, node, shapes, read);
    const make = node.domain === '' ? makers.get(node.op) : undefined;
    const shape = make ? make(known) : keptShape(index, known);
    if (!shape || shape.length > highestRank || !shape.every((size) => size >= 0)) continue;
    if (node.outputs[0] !== undefined) shapes.set(node.outputs[0], shape);
    if (make || isGrown(known, shape)) found.push({ node, shape });
  }
}

/** Larger than each of its inputs, as a column beside a row becomes. */
const isGrown = ({ node, shape }: Known, made: Shape): boolean => (
  node.inputs.every((_, position) => elementCount(shape(position) ?? []) < elementCount(made)));

const mostNumbers = 1024;

function knownOf(index: GraphIndex, node: Node, shapes: ReadonlyMap<string, Shape>, read: ReadFloats): Known {
  const at = (position: number): string => node.inputs[position] ?? '';
  return {
    node,
    shape: (position) => shapes.get(at(position)) ?? null,
    integers: (position) => knownIntegers(index, at(position)),
    floats: (position) => {
      const tensor = index.graph.initializers.get(at(position));
      return tensor && elementCount(tensor.shape) <= mostNumbers ? read(tensor) : null;
    },
  };
}

const rearranging = new Set(['Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten']);

/** Behind an operator that works element by element, or only moves elements about. */
function keptShape(index: GraphIndex, { node, shape }: Known): Shape | null {
  const [first, spec] = [shape(0), node.domain === '' ? operators.get(node.op) : undefined];
  if (!first || !spec) return null;
  if (rearranging.has(node.op)) return rearrangedShape(index, node, first);
  if (spec.broadcasts) return node.inputs.reduce<Shape | null>((all, _, position) => (all ? broadcast(all, shape(position) ?? []) : null), first);
  return spec.activation || node.op === 'Identity' || node.op === 'Cast' ? first : null;
}
