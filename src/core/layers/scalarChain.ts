import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { scopeOf, usersOf } from '../graph/order';
import { specOf } from '../ops/registry';
import { erf } from '../ops/erf';
import { signChanges } from '../ops/roots';
import type { Activation } from '../ops/spec';
import { scalarValue } from './source';

/** A number and its derivative with respect to x. */
interface Dual { readonly v: number; readonly d: number }
type ScalarFunction = (x: number) => Dual;

/** Values of a link that are kept while a chain is looked at: all its links are compared with others at the same places. */
const mostValues = 64;

/**
 * Remembers its last value: links share operands, and without it a chain of n could cost 2ⁿ evaluations. Until it is told to forget, it
 * remembers its first ones, too.
 */
function remembering(f: ScalarFunction): Pick<ChainLink, 'at' | 'forget'> {
  let [last, value]: [number, Dual] = [NaN, { v: NaN, d: NaN }];
  let values: Map<number, Dual> | null = new Map();
  return {
    at: (x) => {
      if (x === last) return value;
      const known = values?.get(x);
      if (known) return known;
      [last, value] = [x, f(x)];
      if (values && values.size < mostValues) values.set(x, value);
      return value;
    },
    forget: () => { values = null; },
  };
}

/** A node that computes a scalar function of one value, element by element, with those before it. */
export interface ChainLink {
  readonly node: Node;
  readonly output: string;
  /** As a function of the value the chain starts from. */
  readonly at: ScalarFunction;
  /** Gives back what it has remembered. */
  readonly forget: () => void;
  /** Positions, in terms of its own first operand, where the node's function is not smooth. */
  readonly kinks: readonly number[];
  /** Its first operand, as a function. */
  readonly operand: ScalarFunction;
  /** Outputs of earlier links, and the start, that it reads. */
  readonly reads: ReadonlySet<string>;
}

type Binary = (a: Dual, b: Dual) => Dual;
const binary: ReadonlyMap<string, Binary> = new Map(Object.entries<Binary>({
  Add: (a, b) => ({ v: a.v + b.v, d: a.d + b.d }),
  Sub: (a, b) => ({ v: a.v - b.v, d: a.d - b.d }),
  Mul: (a, b) => ({ v: a.v * b.v, d: a.d * b.v + a.v * b.d }),
  Div: (a, b) => ({ v: a.v / b.v, d: (a.d * b.v - a.v * b.d) / b.v ** 2 }),
  // d(aᵇ) = b aᵇ⁻¹ da + aᵇ ln a db, the second term only where b varies.
  Pow: (a, b) => ({ v: a.v ** b.v, d: b.v * a.v ** (b.v - 1) * a.d + (b.d === 0 ? 0 : a.v ** b.v * Math.log(a.v) * b.d) }),
  Min: (a, b) => (a.v <= b.v ? a : b),
  Max: (a, b) => (a.v >= b.v ? a : b),
}));

interface Unary { readonly f: (x: number) => number; readonly df: (x: number) => number; readonly kinks: readonly number[] }
const smooth = (f: Unary['f'], df: Unary['df']): Unary => ({ f, df, kinks: [] });
const unary: ReadonlyMap<string, Unary> = new Map(Object.entries<Unary>({
  Identity: smooth((x) => x, () => 1),
  Cast: smooth((x) => x, () => 1),
  Neg: smooth((x) => -x, () => -1),
  Exp: smooth(Math.exp, Math.exp),
  Log: smooth(Math.log, (x) => 1 / x),
  Sqrt: smooth(Math.sqrt, (x) => 0.5 / Math.sqrt(x)),
  Reciprocal: smooth((x) => 1 / x, (x) => -1 / x ** 2),
  Sin: smooth(Math.sin, Math.cos),
  Cos: smooth(Math.cos, (x) => -Math.sin(x)),
  Erf: smooth(erf, (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x)),
  Abs: { f: Math.abs, df: Math.sign, kinks: [0] },
}));

/** Nor an operator of one with more inputs. */
const mostInputs = 8;
/** No activation function is written with more operators. */
const longest = 24;

/**
 * The nodes that compute scalar functions of a value, element by element and from nothing else, in an order in which each reads only those
 * before it. Composing them tells what function a group of operators is, however an exporter has written it.
 */
export function scalarChain(index: GraphIndex, value: string): readonly ChainLink[] {
  const scope = usersOf(index, value)[0]?.index ?? scopeOf(index, value);
  const known = new Map<string, ScalarFunction>([[value, (x) => ({ v: x, d: 1 })]]);
  const links: ChainLink[] = [];
  const seen = new Set<Node>();
  const queue = [value];
  for (let next = 0; next < queue.length; next++) {
    // A node whose other operand comes later in the chain is met again when that one is reached.
    for (const node of scope.consumers.get(queue[next] ?? '') ?? []) {
      if (links.length === longest) return links;
      if (seen.has(node)) continue;
      const link = linkOf(scope, node, known);
      if (!link) continue;
      seen.add(node);
      links.push(link);
      known.set(link.output, link.at);
      queue.push(link.output);
    }
  }
  return links;
}

function linkOf(index: GraphIndex, node: Node, known: ReadonlyMap<string, ScalarFunction>): ChainLink | null {
  const [output = ''] = node.outputs;
  if (node.domain !== '' || output === '' || node.inputs.length > mostInputs) return null;
  const reads = new Set(node.inputs.filter((input) => known.has(input)));
  const first = known.get(node.inputs[0] ?? '');
  const own = unary.get(node.op) ?? activationOfNode(index, node);
  if (own) return first ? { node, output, reads, operand: first, kinks: own.kinks, ...remembering((x) => applied(own, first(x))) } : null;
  const combine = binary.get(node.op);
  if (!combine || node.inputs.length !== 2) return null;
  const [left, right] = node.inputs.map((input) => known.get(input) ?? constantFunction(index, input));
  if (!left || !right) return null;
  const difference: ScalarFunction = (x) => ({ v: left(x).v - right(x).v, d: 0 });
  const kinks = node.op === 'Min' || node.op === 'Max' ? [0] : [];
  return { node, output, reads, operand: kinks.length > 0 ? difference : left, kinks, ...remembering((x) => combine(left(x), right(x))) };
}

const applied = ({ f, df }: Unary, { v, d }: Dual): Dual => ({ v: f(v), d: df(v) * d });

function constantFunction(index: GraphIndex, input: string): ScalarFunction | null {
  const value = scalarValue(index, input);
  return value === null ? null : () => ({ v: value, d: 0 });
}

/** The activation function of a single node by its operator's entry; null if it is none. */
export function activationOfNode(index: GraphIndex, node: Node): Activation | null {
  const spec = node.domain === '' ? specOf(node) : undefined;
  return spec?.activation?.(node, (formal) => scalarValue(index, node.inputs[spec.inputs.indexOf(formal)] ?? '')) ?? null;
}

/** The function as quadrature wants it, with the kinks of the links it is made of where their operands reach them. */
export function asActivation(link: ChainLink, links: readonly ChainLink[]): Activation {
  const kinks = ancestorsOf(link, links).flatMap(({ operand, kinks: own }) => own.flatMap((kink) => crossings((x) => operand(x).v - kink)));
  return { f: (x) => link.at(x).v, df: (x) => link.at(x).d, kinks };
}

/** The links that a link reads, and it itself, in order. */
export function ancestorsOf(link: ChainLink, links: readonly ChainLink[]): readonly ChainLink[] {
  const wanted = new Set([link.output]);
  const found: ChainLink[] = [];
  for (const each of [...links].reverse()) {
    if (!wanted.has(each.output)) continue;
    found.unshift(each);
    for (const read of each.reads) wanted.add(read);
  }
  return found;
}

/** Beyond these normal input does not reach; kinks of functions in use are further apart than a step. */
const [reach, steps] = [12, 1536];

const crossings = (g: (x: number) => number): readonly number[] => [...signChanges(g, -reach, reach, steps)];
