import { GraphBuilder, float } from '../../core/graph/builder';
import type { Graph, Node } from '../../core/graph/graph';
import { intsAttribute, mapNodes, withBodies } from '../../core/graph/graph';
import { namesOf } from '../../core/graph/names';
import type { GraphIndex } from '../../core/graph/order';
import { indexGraph, valuesUsedBy } from '../../core/graph/order';
import { elementCount, isFloat } from '../../core/graph/dtype';
import { constantValues, scalarValue, storedSource, valueBehind } from '../../core/layers/source';

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

/** A stored vector. */
interface Vector {
  readonly name: string;
  readonly count: number;
  /** The axis of the signal that it meets, counted from the last, which is 0: shapes are broadcast so. */
  readonly fromLast: number;
  readonly stored: readonly number[];
}

/** γ / √(Var + ε) */
interface Scale {
  readonly gamma: Vector | null;
  readonly variance: Vector;
  readonly epsilon: number;
}

interface Match extends Scale {
  readonly input: string;
  readonly mean: Vector;
  readonly beta: Vector | null;
  /** Nodes that end a normalisation themselves when they are looked at alone. */
  readonly inner: readonly Node[];
}

const keeping = new Set(['Cast', 'Identity', 'Reshape', 'Unsqueeze', 'Squeeze', 'Expand']);
const farthest = 16;

class Matching {
  readonly #index: GraphIndex;

  constructor(index: GraphIndex) {
    this.#index = index;
  }

  end(node: Node): Match | null {
    const match = this.#shifted(node) ?? this.#centred(node);
    if (!match) return null;
    const vectors = [match.mean, match.variance, match.gamma, match.beta].filter((each) => each !== null);
    const areAlike = vectors.every(({ count, fromLast }) => count === match.mean.count && fromLast === match.mean.fromLast);
    // What is known of the data alone is no statistic of a network.
    const isOfInput = match.gamma === null && match.beta === null && this.#index.graph.inputs.some(({ name }) => name === this.#through(match.input));
    const { fromLast } = match.mean;
    const isPlaced = fromLast === 0 || rankOf(this.#index, match.input) === fromLast + 2;
    return areAlike && isPlaced && !isOfInput ? match : null;
  }

  /** x g + (β − E g), and (x − E) g + β. */
  #shifted({ op, domain, inputs }: Node): Match | null {
    if (op !== 'Add' || domain !== '') return null;
    for (const [scaled = '', rest = ''] of [inputs, inputs.toReversed()]) {
      const beta = this.#vector(rest);
      const inner = this.#index.producer.get(scaled);
      const centred = beta && inner ? this.#centred(inner) : null;
      if (inner && centred?.beta === null) return { ...centred, beta, inner: [...centred.inner, inner] };
      if (inner?.op !== 'Mul') continue;
      for (const [input = '', factor = ''] of [inner.inputs, inner.inputs.toReversed()]) {
        const scale = this.#scale(factor);
        const shift = scale && this.#shift(rest, factor);
        if (scale && shift && !this.#vector(input)) return { input, ...scale, ...shift, inner: [inner] };
      }
    }
    return null;
  }

  /** (x − E) g, also with γ behind it. */
  #centred(node: Node): Match | null {
    const plain = this.#standardised(node);
    if (plain || node.op !== 'Mul' || node.domain !== '') return plain;
    const [a = '', b = ''] = node.inputs;
    for (const [signal, factor] of [[a, b], [b, a]] as const) {
      const gamma = this.#vector(factor);
      const inner = gamma ? this.#index.producer.get(signal) : undefined;
      const own = inner ? this.#standardised(inner) : null;
      if (inner && own?.gamma === null) return { ...own, gamma, inner: [inner] };
    }
    return null;
  }

  /** (x − E) g, or divided by √(Var + ε). */
  #standardised({ op, domain, inputs: [a = '', b = ''] }: Node): Match | null {
    if (domain !== '' || (op !== 'Mul' && op !== 'Div')) return null;
    for (const [signal, factor] of op === 'Mul' ? [[a, b], [b, a]] as const : [[a, b]] as const) {
      const scale = op === 'Mul' ? this.#scale(factor) : this.#root(factor);
      const difference = scale ? this.#index.producer.get(signal) : undefined;
      const [input = '', second = ''] = difference?.op === 'Sub' ? difference.inputs : [];
      const mean = this.#vector(second);
      if (scale && mean && !this.#vector(input)) return { input, ...scale, mean, beta: null, inner: [] };
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
    if (!source || !isFloat(source.tensor.dtype) || !this.#index.graph.initializers.has(source.name)) return null;
    const { name, shape, tensor } = source;
    const count = elementCount(shape);
    return count > 1 && shape.includes(count) ? { name, count, fromLast: shape.length - 1 - shape.indexOf(count), stored: tensor.shape } : null;
  }

  readonly #isSame = (a: string, b: string): boolean => this.#through(a) === this.#through(b);

  #through(value: string): string {
    return valueBehind(this.#index, value, keeping);
  }

  #producer(value: string): Node | undefined {
    return this.#index.producer.get(this.#through(value));
  }
}

function write(node: Node, { input, mean, variance, gamma, beta, epsilon }: Match, builder: GraphBuilder): void {
  const { count, fromLast } = mean;
  const asVector = ({ name, stored }: Vector): string => (stored.length === 1 ? name : builder.add('Reshape', [name, builder.ints([count])]));
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

/** Operators whose output has as many axes as their first input. */
const ranked = new Set([
  'Identity', 'Cast', 'Relu', 'LeakyRelu', 'Sigmoid', 'Tanh', 'Clip', 'Elu', 'Selu', 'HardSwish', 'Softplus', 'Gelu', 'BatchNormalization', 'MaxPool',
  'AveragePool', 'Dropout', 'Pad', 'Concat', 'LayerNormalization', 'InstanceNormalization', 'Softmax', 'Resize',
]);

/** How many axes a signal has, as far as the operators before it tell; null where they do not. */
function rankOf(index: GraphIndex, value: string, steps = 0): number | null {
  const node = index.producer.get(value);
  const [a = '', b = ''] = node?.inputs ?? [];
  if (!node || steps > farthest) return index.graph.inputs.find(({ name }) => name === value)?.shape?.length ?? null;
  switch (node.op) {
    case 'Conv': case 'ConvTranspose': return storedSource(index, b)?.shape.length ?? rankOf(index, a, steps + 1);
    case 'Gemm': return 2;
    case 'Transpose': return intsAttribute(node, 'perm')?.length ?? rankOf(index, a, steps + 1);
    case 'Reshape': return constantValues(index, b)?.length ?? null;
    // Two signals that are added have as many axes.
    case 'Add': case 'Sub': case 'Mul': case 'Div': return rankOf(index, storedSource(index, a) ? b : a, steps + 1);
    default: return ranked.has(node.op) ? rankOf(index, a, steps + 1) : null;
  }
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
