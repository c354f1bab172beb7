import { elementCount, isFloat } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { intsAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { scopeOf } from '../graph/order';
import type { Tensor } from '../graph/tensor';
import { isReordering } from './dimensions';
import { rearrangedShape, scalarValue } from './source';

/** A stored tensor that a kernel is computed from. */
export interface Leaf {
  readonly name: string;
  readonly tensor: Tensor;
  /**
   * The power of its scale that the kernel has: 1 where the kernel is as large as it is, 0 where that makes no difference, as under a
   * normalisation, −1 where it is divided by it.
   */
  readonly degree: number;
  /** What it is to a batch normalisation that standardises the kernel. */
  readonly statistic?: 'running mean' | 'running variance';
}

/** What is known of a value that is computed from stored tensors. */
export interface Computation {
  readonly shape: readonly number[] | null;
  readonly leaves: ReadonlyMap<string, Leaf>;
  /** Product of the numbers it is multiplied with; null where one of them is not known. */
  readonly factor: number | null;
  /** What happens to it on the way. */
  readonly marks: ReadonlySet<Mark>;
  /** Nodes on the way that look their operand up by computed indices, as a mixture of experts does. */
  readonly gathers: readonly Node[];
}

export type Mark = 'selected' | 'quantised' | 'multiplied' | 'added' | 'standardised';

/** No kernel is computed by more operators. */
const mostNodes = 96;

/** How a value is computed from stored tensors and nothing else (but for which of several stacked matrices is taken); null where it is not. */
export function computationOf(index: GraphIndex, value: string): Computation | null {
  const traced = computations.get(index) ?? new Map<string, Computation | null>();
  computations.set(index, traced);
  const known = traced.get(value);
  if (known !== undefined) return known;
  const found = new Tracing(index).of(value);
  traced.set(value, found);
  return found;
}

const computations = new WeakMap<GraphIndex, Map<string, Computation | null>>();

class Tracing {
  readonly #index: GraphIndex;
  readonly #known = new Map<string, Computation | null>();
  #nodes = 0;

  constructor(index: GraphIndex) {
    this.#index = index;
  }

  of(value: string): Computation | null {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    this.#known.set(value, null);
    const found = this.#trace(value);
    this.#known.set(value, found);
    return found;
  }

  #trace(value: string): Computation | null {
    const scope = scopeOf(this.#index, value);
    const tensor = scope.graph.initializers.get(value);
    if (tensor) return stored(value, tensor, scalarValue(scope, value));
    const node = mayBeComputed(scope, value) ? scope.producer.get(value) : undefined;
    if (node?.domain !== '' || ++this.#nodes > mostNodes) return null;
    if (node.op === 'Shape' || node.op === 'Size') return number(null);
    if (selecting.has(node.op)) return this.#selected(node);
    const binary = binaries.get(node.op);
    const read = node.op === 'BatchNormalization' ? 5 : binary ? 2 : 1;
    const [first, ...others] = node.inputs.slice(0, read).map((input) => (input === '' ? null : this.of(input)));
    if (!first) return null;
    if (binary) return others[0] ? binary(first, others[0]) : null;
    const power = powers.get(node.op);
    if (power !== undefined) return { ...raised(first, power), shape: shaped(node, first) };
    if (node.op === 'Pow') return raised(first, scalarValue(scope, node.inputs[1] ?? '') ?? 1);
    if (node.op === 'BatchNormalization') return standardised(first, others);
    if (node.op === 'Slice' && first.shape && isReordering(scope, node, first.shape)) return first;
    if (!alike.has(node.op)) return null;
    // A look-up by a single index has no axis for it.
    const isSingle = node.op === 'Transpose' && first.marks.has('selected') && intsAttribute(node, 'perm')?.length === (first.shape?.length ?? 0) - 1;
    const shape = isSingle ? first.shape?.slice(1) ?? null : first.shape;
    return { ...first, shape: shape && (rearrangedShape(scope, node, shape) ?? shape), marks: marked(node, first) };
  }

  /** One of several matrices that lie behind each other, by an index that is computed. */
  #selected(node: Node): Computation | null {
    const data = this.of(node.inputs[0] ?? '');
    // Sizes that are read off a shape are numbers.
    if (data?.leaves.size === 0) return number(null);
    if (data?.shape && isReordering(this.#index, node, data.shape)) return { ...data, gathers: [...data.gathers, node] };
    if (!data?.shape || data.shape.length < 3) return null;
    return { ...data, shape: [1, ...data.shape.slice(1)], marks: new Set([...data.marks, 'selected']), gathers: [...data.gathers, node] };
  }
}

/** Whether a value is not computed from what the network is given, as far as its graph tells: most are, and need not be traced. */
function mayBeComputed(index: GraphIndex, value: string): boolean {
  const known = fixed.get(index) ?? fixedValues(index);
  fixed.set(index, known);
  return known.has(value);
}

const fixed = new WeakMap<GraphIndex, ReadonlySet<string>>();

function fixedValues(index: GraphIndex): ReadonlySet<string> {
  const found = new Set(index.graph.initializers.keys());
  const around = index.owner?.index;
  const isFixed = (value: string): boolean => (
    found.has(value) || (around !== undefined && !index.defined.has(value) && mayBeComputed(scopeOf(around, value), value)));
  for (const { op, inputs: [first = '', second = ''], outputs } of index.graph.nodes) {
    const isOwn = op === 'Shape' || op === 'Size' || (isFixed(first) && (!binaries.has(op) || isFixed(second)));
    if (isOwn) for (const output of outputs) if (output !== '') found.add(output);
  }
  return found;
}

const selecting = new Set(['Gather', 'GatherND']);
/** Operators that leave values as they are, or nearly. */
const alike = new Set([
  'Identity', 'Cast', 'CastLike', 'Transpose', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten', 'Expand', 'QuantizeLinear', 'DequantizeLinear', 'Clip',
  'Neg', 'Abs',
]);
/** To which power an operator raises the scale of what it reads. */
const powers: ReadonlyMap<string, number> = new Map(Object.entries({
  Sqrt: 0.5, Reciprocal: -1, ReduceL1: 1, ReduceL2: 1, ReduceMean: 1, ReduceSum: 1, ReduceMax: 1, ReduceMin: 1, ReduceSumSquare: 2, ReduceProd: 1,
}));

type Binary = (a: Computation, b: Computation) => Computation;
const binaries: ReadonlyMap<string, Binary> = new Map(Object.entries<Binary>({
  Mul: (a, b) => product(a, b), Div: (a, b) => product(a, raised(b, -1)),
  Add: sum, Sub: sum, Max: sum, Min: sum,
  MatMul: (a, b) => ({ ...product(a, b), shape: matrixShape(a.shape, b.shape), marks: new Set([...a.marks, ...b.marks, 'multiplied' as const]) }),
}));

const none: Omit<Computation, 'shape' | 'factor' | 'leaves'> = { marks: new Set(), gathers: [] };
const number = (factor: number | null): Computation => ({ shape: [], leaves: new Map(), factor, ...none });

function stored(name: string, tensor: Tensor, scalar: number | null): Computation | null {
  if (!isFloat(tensor.dtype) || (elementCount(tensor.shape) === 1 && !lengthOfAll.test(name))) return { ...number(scalar), shape: tensor.shape };
  return { shape: tensor.shape, leaves: new Map([[tensor.id, { name, tensor, degree: 1 }]]), factor: 1, ...none };
}

/** A single number may be any factor; as the length of a whole kernel PyTorch names it (`weight_norm` with `dim=None`). */
const lengthOfAll = /(_g|\.original0)$/;

function raised(a: Computation, power: number): Computation {
  const leaves = new Map([...a.leaves].map(([id, leaf]) => [id, { ...leaf, degree: leaf.degree * power }]));
  return { ...a, leaves, factor: a.factor === null ? null : Math.abs(a.factor) ** power };
}

const larger = (a: Computation, b: Computation): Computation['shape'] => {
  if (!a.shape || !b.shape) return a.leaves.size === 0 ? b.shape : b.leaves.size === 0 ? a.shape : null;
  return elementCount(a.shape) >= elementCount(b.shape) && a.shape.length >= b.shape.length ? a.shape : b.shape;
};

const together = (a: Computation, b: Computation): Pick<Computation, 'marks' | 'gathers'> => (
  { marks: new Set([...a.marks, ...b.marks]), gathers: [...new Set([...a.gathers, ...b.gathers])] });

function product(a: Computation, b: Computation): Computation {
  const leaves = new Map(a.leaves);
  for (const [id, leaf] of b.leaves) leaves.set(id, { ...leaf, degree: leaf.degree + (leaves.get(id)?.degree ?? 0) });
  return { shape: larger(a, b), leaves, factor: a.factor === null || b.factor === null ? null : a.factor * b.factor, ...together(a, b) };
}

/** Of a number that is added, as ε is, nothing is said. */
function sum(a: Computation, b: Computation): Computation {
  if (b.leaves.size === 0) return a;
  if (a.leaves.size === 0) return b;
  const leaves = new Map(a.leaves);
  for (const [id, leaf] of b.leaves) leaves.set(id, { ...leaf, degree: Math.max(leaf.degree, leaves.get(id)?.degree ?? -Infinity) });
  const isOwn = [...b.leaves.keys()].every((id) => a.leaves.has(id)) || [...a.leaves.keys()].every((id) => b.leaves.has(id));
  const { marks: both, gathers } = together(a, b);
  return { shape: larger(a, b), leaves, factor: a.factor === b.factor ? a.factor : null, marks: isOwn ? both : new Set([...both, 'added']), gathers };
}

function standardised(a: Computation, [scale, ...others]: readonly (Computation | null | undefined)[]): Computation {
  const leaves = new Map([...a.leaves].map(([id, leaf]) => [id, { ...leaf, degree: 0 }]));
  const [shift, mean, variance] = others;
  for (const other of [scale, shift]) for (const [id, leaf] of other?.leaves ?? []) leaves.set(id, leaf);
  for (const [id, leaf] of mean?.leaves ?? []) leaves.set(id, { ...leaf, degree: 0, statistic: 'running mean' });
  for (const [id, leaf] of variance?.leaves ?? []) leaves.set(id, { ...leaf, degree: 0, statistic: 'running variance' });
  return { ...a, leaves, marks: new Set([...a.marks, 'standardised']) };
}

function matrixShape(a: Computation['shape'], b: Computation['shape']): Computation['shape'] {
  return a?.length === 2 && b?.length === 2 ? [a[0] ?? 1, b[1] ?? 1] : null;
}

/** A reduction broadcasts against what it was taken of: how it is shaped does not matter. */
const shaped = (node: Node, { shape }: Computation): Computation['shape'] => (node.op.startsWith('Reduce') ? [1] : shape);

function marked({ op }: Node, { marks }: Computation): Computation['marks'] {
  return op === 'QuantizeLinear' ? new Set([...marks, 'quantised' as const]) : marks;
}
