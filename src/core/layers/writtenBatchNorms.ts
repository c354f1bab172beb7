import { GraphBuilder, float } from '../graph/builder';
import { elementCount } from '../graph/dtype';
import type { Graph, Node } from '../graph/graph';
import { mapNodes, withBodies } from '../graph/graph';
import { namesOf } from '../graph/names';
import type { GraphIndex } from '../graph/order';
import { indexGraph, valuesUsedBy } from '../graph/order';
import { broadcastShapes } from '../ops/matrix';
import { rankOf } from './rank';
import { isReal, rearrangedShape, scalarValue, storedSource, valueBehind } from './source';

/**
 * Batch normalisation that an exporter has written out with its stored statistics (Ioffe & Szegedy 2015, algorithm 2):
 *   y = x g + (β − E[x] g),  or  y = (x − E[x]) g + β,  with  g = γ / √(Var[x] + ε).
 * It becomes the operator again, so that its statistics are known as such and the network can be run as it trains. Where the channels come last
 * the operator, which has them second, is given all other axes as one.
 */
export function restoreBatchNorms(graph: Graph): Graph {
  const inside = mapNodes(graph, (node) => withBodies(node, restoreBatchNorms));
  const matching = new Matching(indexGraph(inside));
  const found = new Map<Node, Match>();
  const taken = new Set<Node>();
  for (const node of inside.nodes.toReversed()) {
    const match = taken.has(node) ? null : matching.end(node);
    if (!match) continue;
    found.set(node, match);
    for (const each of match.inner) taken.add(each);
  }
  if (found.size === 0) return inside;
  const builder = new GraphBuilder({ ...inside, nodes: [] }, namesOf(inside));
  for (const node of inside.nodes) {
    const match = found.get(node);
    if (match) write(node, match, builder);
    else builder.append(node);
  }
  return withoutUnread(builder.build(), inside);
}

/** A stored vector: its value before it is shaped to be broadcast. */
interface Vector {
  readonly value: string;
  readonly count: number;
  readonly isShaped: boolean;
}

/** γ / √(Var + ε) */
interface Scale {
  readonly gamma: Vector | null;
  readonly variance: Vector;
  readonly epsilon: number;
}

interface Formula extends Scale {
  readonly input: string;
  readonly mean: Vector;
  readonly beta: Vector | null;
  /** Worked out of stored vectors: what the signal is multiplied with and what is added to it. */
  readonly met: readonly string[];
  /** Nodes that end a normalisation themselves when they are looked at alone. */
  readonly inner: readonly Node[];
}

interface Match extends Formula {
  /** The axis of the signal that the vectors meet, counted from the last, which is 0: shapes are broadcast so. */
  readonly fromLast: number;
}

const shaping = new Set(['Identity', 'Reshape', 'Unsqueeze', 'Squeeze']);
const keeping = new Set([...shaping, 'Cast', 'Expand']);
const farthest = 16;

class Matching {
  readonly #index: GraphIndex;

  constructor(index: GraphIndex) {
    this.#index = index;
  }

  end(node: Node): Match | null {
    const formula = this.#shifted(node) ?? this.#centred(node);
    if (!formula) return null;
    const { input, mean, variance, gamma, beta, met } = formula;
    const areAlike = [variance, gamma, beta].every((each) => each === null || each.count === mean.count);
    const [fromLast = null, ...others] = new Set(met.map((value) => this.#axisOf(value, mean.count)));
    // What is known of the data alone is no statistic of a network.
    const isOfInput = gamma === null && beta === null && this.#index.graph.inputs.some(({ name }) => name === this.#through(input));
    if (fromLast === null || others.length > 0 || !areAlike || isOfInput) return null;
    return fromLast === 0 || rankOf(this.#index, input) === fromLast + 2 ? { ...formula, fromLast } : null;
  }

  /** x g + (β − E g), and (x − E) g + β. */
  #shifted({ op, domain, inputs }: Node): Formula | null {
    if (op !== 'Add' || domain !== '') return null;
    for (const [scaled = '', rest = ''] of [inputs, inputs.toReversed()]) {
      const beta = this.#vector(rest);
      const inner = this.#index.producer.get(scaled);
      const centred = beta && inner ? this.#centred(inner) : null;
      if (inner && centred?.beta === null) return { ...centred, beta, met: [...centred.met, rest], inner: [...centred.inner, inner] };
      if (inner?.op !== 'Mul') continue;
      for (const [input = '', factor = ''] of [inner.inputs, inner.inputs.toReversed()]) {
        const scale = this.#scale(factor);
        const shift = scale && this.#shift(rest, factor);
        if (scale && shift && !this.#vector(input)) return { input, ...scale, ...shift, met: [factor, rest], inner: [inner] };
      }
    }
    return null;
  }

  /** (x − E) g, also with γ behind it. */
  #centred(node: Node): Formula | null {
    const plain = this.#standardised(node);
    if (plain || node.op !== 'Mul' || node.domain !== '') return plain;
    const [a = '', b = ''] = node.inputs;
    for (const [signal, factor] of [[a, b], [b, a]] as const) {
      const gamma = this.#vector(factor);
      const inner = gamma ? this.#index.producer.get(signal) : undefined;
      const own = inner ? this.#standardised(inner) : null;
      if (inner && own?.gamma === null) return { ...own, gamma, met: [...own.met, factor], inner: [inner] };
    }
    return null;
  }

  /** (x − E) g, or divided by √(Var + ε). */
  #standardised({ op, domain, inputs: [a = '', b = ''] }: Node): Formula | null {
    if (domain !== '' || (op !== 'Mul' && op !== 'Div')) return null;
    for (const [signal, factor] of op === 'Mul' ? [[a, b], [b, a]] as const : [[a, b]] as const) {
      const scale = op === 'Mul' ? this.#scale(factor) : this.#root(factor);
      const difference = scale ? this.#index.producer.get(signal) : undefined;
      const [input = '', second = ''] = difference?.op === 'Sub' ? difference.inputs : [];
      const mean = this.#vector(second);
      if (scale && mean && !this.#vector(input)) return { input, ...scale, mean, beta: null, met: [factor, second], inner: [] };
    }
    return null;
  }

  /** β − E g in its forms, and −E g. */
  #shift(value: string, factor: string): { readonly mean: Vector; readonly beta: Vector | null } | null {
    const node = this.#producer(value);
    const [a = '', b = ''] = node?.inputs ?? [];
    if (node?.op === 'Sub') {
      const [beta, mean] = [this.#vector(a), this.#meanTimes(b, factor)];
      return beta && mean ? { mean, beta } : null;
    }
    if (node?.op === 'Add') {
      const [first, second] = [this.#negative(a, factor), this.#negative(b, factor)];
      const [mean, beta] = first ? [first, this.#vector(b)] : [second, this.#vector(a)];
      return mean && beta ? { mean, beta } : null;
    }
    const mean = this.#negative(value, factor);
    return mean && { mean, beta: null };
  }

  /** E, of −E g. */
  #negative(value: string, factor: string): Vector | null {
    const node = this.#producer(value);
    const [a = '', b = ''] = node?.inputs ?? [];
    if (node?.op === 'Neg') return this.#meanTimes(a, factor);
    if (node?.op !== 'Mul') return null;
    const negated = (each: string): Vector | null => {
      const before = this.#producer(each);
      return before?.op === 'Neg' ? this.#vector(before.inputs[0] ?? '') : null;
    };
    return this.#isSame(b, factor) ? negated(a) : this.#isSame(a, factor) ? negated(b) : null;
  }

  #meanTimes(value: string, factor: string): Vector | null {
    const node = this.#producer(value);
    const [a = '', b = ''] = node?.inputs ?? [];
    if (node?.op !== 'Mul') return null;
    return this.#isSame(b, factor) ? this.#vector(a) : this.#isSame(a, factor) ? this.#vector(b) : null;
  }

  #scale(value: string): Scale | null {
    const node = this.#producer(value);
    if (node?.op !== 'Mul') return this.#inverse(node);
    const [a = '', b = ''] = node.inputs;
    const gamma = this.#vector(a) ?? this.#vector(b);
    const inverse = gamma && this.#inverse(this.#producer(this.#vector(a) ? b : a));
    return inverse?.gamma === null ? { ...inverse, gamma } : null;
  }

  /** 1/√… and γ/√… */
  #inverse(node: Node | undefined): Scale | null {
    const [a = '', b = ''] = node?.inputs ?? [];
    if (node?.op === 'Reciprocal') return this.#root(a);
    if (node?.op === 'Pow' && scalarValue(this.#index, b) === -0.5) return this.#variance(a);
    const root = node?.op === 'Div' ? this.#root(b) : null;
    if (!root || scalarValue(this.#index, a) === 1) return root;
    const gamma = this.#vector(a);
    return gamma && { ...root, gamma };
  }

  #root(value: string): Scale | null {
    const node = this.#producer(value);
    const [a = '', b = ''] = node?.inputs ?? [];
    return node?.op === 'Sqrt' || (node?.op === 'Pow' && scalarValue(this.#index, b) === 0.5) ? this.#variance(a) : null;
  }

  #variance(value: string): Scale | null {
    const node = this.#producer(value);
    const [a = '', b = ''] = node?.op === 'Add' ? node.inputs : [];
    const variance = this.#vector(a) ?? this.#vector(b);
    const epsilon = scalarValue(this.#index, a) ?? scalarValue(this.#index, b);
    return variance && epsilon !== null ? { variance, epsilon, gamma: null } : null;
  }

  /** A stored tensor of this graph with one axis, or with one that is longer than 1. */
  #vector(value: string): Vector | null {
    const source = storedSource(this.#index, value);
    if (!source || !isReal(source) || !this.#index.graph.initializers.has(source.name)) return null;
    const count = elementCount(source.shape);
    if (count <= 1 || !source.shape.includes(count)) return null;
    const unshaped = valueBehind(this.#index, value, shaping);
    return { value: unshaped, count, isShaped: storedSource(this.#index, unshaped)?.shape.length !== 1 };
  }

  /** The axis along which a value has all of its elements, counted from the last; null where it has others, or its shape is not known. */
  #axisOf(value: string, count: number): number | null {
    const shape = this.#shapeOf(value);
    return shape?.includes(count) === true && elementCount(shape) === count ? shape.length - 1 - shape.indexOf(count) : null;
  }

  /** Of a value that is worked out of stored tensors. */
  #shapeOf(value: string, steps = 0): readonly number[] | null {
    const stored = storedSource(this.#index, value);
    const node = stored ? undefined : this.#index.producer.get(value);
    if (!node || steps > farthest) return stored?.shape ?? null;
    const shapes = node.inputs.slice(0, keeping.has(node.op) ? 1 : undefined).map((input) => this.#shapeOf(input, steps + 1));
    const known = shapes.filter((each) => each !== null);
    if (known.length < shapes.length) return null;
    const shape = known.reduce(broadcastShapes, []);
    return keeping.has(node.op) ? rearrangedShape(this.#index, node, shape) : shape;
  }

  readonly #isSame = (a: string, b: string): boolean => this.#through(a) === this.#through(b);

  #through(value: string): string {
    return valueBehind(this.#index, value, keeping);
  }

  #producer(value: string): Node | undefined {
    return this.#index.producer.get(this.#through(value));
  }
}

function write(node: Node, { input, mean, variance, gamma, beta, epsilon, fromLast }: Match, builder: GraphBuilder): void {
  const { count } = mean;
  const asVector = ({ value, isShaped }: Vector): string => (isShaped ? builder.add('Reshape', [value, builder.ints([count])]) : value);
  const filled = (value: number): string => builder.constant('float32', [count], Array.from({ length: count }, () => value));
  const inputs = [gamma ? asVector(gamma) : filled(1), beta ? asVector(beta) : filled(0), asVector(mean), asVector(variance)];
  const own = { ...node, op: 'BatchNormalization', attributes: { epsilon: float(epsilon) } };
  if (fromLast > 0) {
    builder.append({ ...own, inputs: [input, ...inputs] });
    return;
  }
  const flat = builder.add('Reshape', [input, builder.ints([-1, count])]);
  const normalised = builder.fresh(`${node.name}_flat`);
  builder.append({ ...own, inputs: [flat, ...inputs], outputs: [normalised] });
  const back = builder.add('Shape', [input]);
  builder.append({ name: builder.fresh('Reshape'), domain: '', op: 'Reshape', inputs: [normalised, back], outputs: node.outputs, attributes: {} });
}

/** Without the nodes that nothing reads any more, which something did. */
function withoutUnread(graph: Graph, before: Graph): Graph {
  const known = indexGraph(before);
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const isNeeded = (node: Node): boolean => node.outputs.some((output) => needed.has(output))
    || !node.outputs.some((output) => known.consumers.has(output) || known.outputs.has(output));
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!isNeeded(node)) return false;
    for (const used of valuesUsedBy(node)) needed.add(used);
    return true;
  });
  return { ...graph, nodes: nodes.reverse() };
}
