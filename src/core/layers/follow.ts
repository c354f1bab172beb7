import type { Node } from '../graph/graph';
import type { GraphIndex, Located } from '../graph/order';
import { usersOf } from '../graph/order';
import { normalizations, writtenOutNormalizations } from './normalization';
import type { WrittenOut } from './normalization';
import type { FoundActivation } from './patterns';
import { activationOf } from './patterns';
import { isFixed, storedSource } from './source';

/** What happens to a layer's output before the next layer reads it. */
export interface Following {
  readonly activation: FoundActivation | null;
  /** The first normalisation on the way to the activation, by its operator. */
  readonly normalization: string | null;
  /** The output is multiplied with another computed value: a query, key or value. */
  readonly feedsProduct: boolean;
  /** Of those, a value: what it is multiplied with comes out of a softmax. */
  readonly isValue: boolean;
  /** The output reaches an output of the graph, without an activation or as the answer that a softmax or sigmoid makes of it. */
  readonly isHead: boolean;
}

/** Operators that pass a signal on without bending it. */
const passing = new Set([
  ...normalizations, 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Identity', 'Cast', 'Dropout', 'MaxPool', 'AveragePool',
  'GlobalAveragePool', 'GlobalMaxPool', 'Add', 'Sub', 'Sum', 'Concat', 'Slice', 'Split', 'Gather', 'Pad', 'Resize', 'Upsample', 'Expand', 'ReduceMean',
  'DepthToSpace', 'SpaceToDepth', 'Tile', 'QuantizeLinear', 'DequantizeLinear', 'ReorderInput', 'ReorderOutput',
]);
/** Activations that make probabilities of logits. */
const answering = new Set(['Softmax', 'LogSoftmax', 'Sigmoid', 'LogSigmoid']);
/** Operators of attention, which multiply their operands with each other. */
const attention = new Set(['Attention', 'MultiHeadAttention', 'GroupQueryAttention']);
/** A signal is followed through at most this many operators: the next layer is nearer in any network. */
const farthest = 64;

interface Step {
  readonly index: GraphIndex;
  readonly value: string;
  readonly normalization: string | null;
}

/** Follows values through a graph and its subgraphs; what is written out in primitives is looked up once per graph. */
export class Follower {
  readonly #written = new Map<GraphIndex, ReadonlyMap<string, WrittenOut>>();
  readonly #affines = new Map<GraphIndex, ReadonlyMap<Node, 'gamma' | 'beta'>>();
  readonly #ends = new Map<GraphIndex, ReadonlyMap<Node, string>>();
  readonly #inner = new Map<GraphIndex, ReadonlySet<Node>>();
  /** By value: several layers come by one. */
  readonly #next = new Map<GraphIndex, Map<string, readonly Step[]>>();

  follow(index: GraphIndex, start: string): Following {
    const seen = new Map([[index, new Set([start])]]);
    const queue: Step[] = [{ index, value: start, normalization: null }];
    let feedsProduct = false;
    let isValue = false;
    let isHead = false;
    let firstNormalization: string | null = null;
    for (let next = 0; next < queue.length && next < farthest; next++) {
      const here = queue[next];
      if (!here) break;
      // The square in a normalisation that is written out is no activation.
      const activation = this.written(here.index).has(here.value) ? null : activationOf(here.index, here.value);
      if (activation) {
        return { activation, normalization: here.normalization, feedsProduct, isValue, isHead: this.isAnswer(here.index, activation) };
      }
      isHead ||= here.index.owner === null && here.index.outputs.has(here.value);
      for (const user of usersOf(here.index, here.value)) {
        if (!isProduct(user)) continue;
        isValue ||= !feedsProduct && isWeighed(user, here.value);
        feedsProduct = true;
      }
      for (const step of this.#steps(here)) {
        firstNormalization ??= step.normalization;
        const known = seen.get(step.index) ?? new Set<string>();
        if (step.value === '' || known.has(step.value)) continue;
        seen.set(step.index, known.add(step.value));
        queue.push(step);
      }
    }
    return { activation: null, normalization: firstNormalization, feedsProduct, isValue, isHead };
  }

  /** Whether an activation makes an answer, a probability or its logarithm, that an output of the graph is made of. */
  isAnswer(index: GraphIndex, { name, value }: FoundActivation): boolean {
    if (!answering.has(name)) return false;
    const seen = new Set([value]);
    const queue: Step[] = [{ index, value, normalization: null }];
    for (let next = 0; next < queue.length && next < farthest; next++) {
      const here = queue[next];
      if (!here) break;
      if (here.index.owner === null && here.index.outputs.has(here.value)) return true;
      for (const step of this.#steps(here)) {
        if (step.value === '' || seen.has(step.value)) continue;
        seen.add(step.value);
        queue.push(step);
      }
    }
    return false;
  }

  /** Where the signal is after the next operators. */
  #steps({ index, value, normalization }: Step): readonly Step[] {
    const known = this.#next.get(index) ?? new Map<string, readonly Step[]>();
    this.#next.set(index, known);
    const steps = known.get(value) ?? this.#stepsBehind(index, value);
    known.set(value, steps);
    return normalization === null ? steps : steps.map((step) => ({ ...step, normalization }));
  }

  #stepsBehind(index: GraphIndex, value: string): readonly Step[] {
    const written = this.written(index).get(value);
    if (written) return [{ index, value: written.node.outputs[0] ?? '', normalization: written.op }];
    const steps = usersOf(index, value).flatMap((user): readonly Step[] => {
      if (!passing.has(user.node.op) && !isScaling(user, value)) return [];
      const normalization = normalizations.has(user.node.op) ? user.node.op : null;
      return user.node.outputs.map((output) => ({ index: user.index, value: output, normalization }));
    });
    return [...steps, ...leaving(index, value).map((step) => ({ ...step, normalization: null }))];
  }

  /** Whether a normalisation that is written out ends with the node. */
  isWrittenEnd(index: GraphIndex, node: Node): boolean {
    return this.#inputOf(index).has(node);
  }

  /** What the node multiplies or adds within a normalisation that is written out: its scale γ, its shift β, or null. */
  affineRole(index: GraphIndex, node: Node): 'gamma' | 'beta' | null {
    return this.#affine(index).get(node) ?? null;
  }

  #affine(index: GraphIndex): ReadonlyMap<Node, 'gamma' | 'beta'> {
    const known = this.#affines.get(index);
    if (known) return known;
    const found = new Map([...this.written(index).values()].flatMap(({ scale, shift }) => (
      [...(scale ? [[scale, 'gamma'] as const] : []), ...(shift ? [[shift, 'beta'] as const] : [])])));
    this.#affines.set(index, found);
    return found;
  }

  /** Whether the node is a part of a normalisation that is written out, whose own scale and shift mean nothing. */
  isWrittenInner(index: GraphIndex, node: Node): boolean {
    const known = this.#inner.get(index) ?? new Set([...this.written(index).values()].flatMap(({ inner }) => inner ?? []));
    this.#inner.set(index, known);
    return known.has(node);
  }

  #inputOf(index: GraphIndex): ReadonlyMap<Node, string> {
    const known = this.#ends.get(index);
    if (known) return known;
    const ends = new Map([...this.written(index)].map(([input, { node }]) => [node, input]));
    this.#ends.set(index, ends);
    return ends;
  }

  written(index: GraphIndex): ReadonlyMap<string, WrittenOut> {
    const known = this.#written.get(index);
    if (known) return known;
    const found = writtenOutNormalizations(index);
    this.#written.set(index, found);
    return found;
  }
}

/** Where an output of a subgraph goes on: `If` and `Scan` hand outputs on in order, `Loop` has its condition before them. */
function leaving(index: GraphIndex, value: string): readonly { readonly index: GraphIndex; readonly value: string }[] {
  const { owner } = index;
  if (!owner || !index.outputs.has(value)) return [];
  const offset = owner.node.op === 'Loop' ? 1 : 0;
  return index.graph.outputs.flatMap((output, position) => {
    const outer = owner.node.outputs[position - offset] ?? '';
    return output.name === value && outer !== '' ? [{ index: owner.index, value: outer }] : [];
  });
}

/** Of products that anybody writes. */
const mostFactors = 16;

function isProduct({ index, node }: Located): boolean {
  if (attention.has(node.op)) return node.inputs.slice(0, 3).every((input) => input === '' || !isFixed(index, input));
  const multiplies = node.op === 'MatMul' || node.op === 'Einsum' || node.op === 'FusedMatMul';
  return multiplies && node.inputs.length > 1 && node.inputs.length <= mostFactors && node.inputs.every((input) => !isFixed(index, input));
}

/** Operators between the softmax of attention and the product with the values. */
const weighing = new Set(['Cast', 'Dropout', 'Identity', 'Reshape', 'Where', 'Mul']);
const farthestSoftmax = 6;

/** Whether the other operand of a product is a softmax, which makes this one the values. */
function isWeighed({ index, node }: Located, value: string): boolean {
  if (attention.has(node.op)) return node.inputs[2] === value;
  let other = node.inputs.find((input) => input !== value) ?? '';
  for (let step = 0; step < farthestSoftmax; step++) {
    const before = index.producer.get(other);
    if (before?.op === 'Softmax') return true;
    if (!before || !weighing.has(before.op)) return false;
    other = before.inputs.find((input) => index.producer.has(input) && !storedSource(index, input)) ?? '';
  }
  return false;
}

/** Multiplication or division by a stored tensor or a size, as attention scales its scores and layers their branch. */
function isScaling({ index, node }: Located, value: string): boolean {
  return isBy(node) && node.inputs.length <= mostFactors && node.inputs.every((input) => input === value || isFixed(index, input));
}

const isBy = (node: Node): boolean => node.op === 'Mul' || node.op === 'Div';
