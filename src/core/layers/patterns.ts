import type { Node } from '../graph/graph';
import { floatAttribute, stringAttribute } from '../graph/graph';
import type { GraphIndex, Located } from '../graph/order';
import { usersOf } from '../graph/order';
import { operators } from '../ops/registry';
import type { Activation } from '../ops/spec';
import type { ChainLink } from './scalarChain';
import { activationOfNode, ancestorsOf, asActivation, scalarChain } from './scalarChain';

/** An activation function found behind a value, whatever operators spell it. */
export interface FoundActivation {
  /** "Relu", "Gelu", "Silu", "Softmax" */
  readonly name: string;
  /** The value it makes. */
  readonly value: string;
  /** Null where it is not a scalar function (softmax). */
  readonly scalar: Activation | null;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
/** x σ(βx) (Ramachandran et al. 2017, arXiv 1710.05941); β = 1 is SiLU (Elfwing et al. 2017, arXiv 1702.03118) */
export function swish(beta: number): Activation {
  return { f: (x) => x * logistic(beta * x), df: (x) => logistic(beta * x) * (1 + beta * x * logistic(-beta * x)), kinks: [] };
}
/** GELU's own approximation by a sigmoid (Hendrycks & Gimpel 2016, arXiv 1606.08415, section 2). */
const quickGelu = swish(1.702);

function standard(op: string, attributes: Node['attributes'] = {}): Activation {
  const node: Node = { name: '', domain: '', op, inputs: [], outputs: [], attributes };
  const scalar = operators.get(op)?.activation?.(node, () => null);
  if (!scalar) throw new Error(`${op} has no scalar function.`);
  return scalar;
}

const tanhGelu = standard('Gelu', { approximate: { kind: 'string', value: 'tanh' } });
const clipped = (low: number, high: number): Activation => (
  { f: (x) => Math.min(Math.max(x, low), high), df: (x) => (x > low && x < high ? 1 : 0), kinks: [low, high] });
const hardSigmoid = standard('HardSigmoid', { alpha: { kind: 'float', value: 1 / 6 } });
const squaredRelu: Activation = { f: (x) => Math.max(0, x) ** 2, df: (x) => 2 * Math.max(0, x), kinks: [0] };
const logSigmoid: Activation = { f: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))), df: (x) => logistic(-x), kinks: [] };

/** Functions that exporters spell with several operators, by their usual names. */
const spelled: readonly (readonly [string, Activation])[] = [
  ['Relu', standard('Relu')], ['Relu6', clipped(0, 6)], ['Tanh', standard('Tanh')], ['Sigmoid', standard('Sigmoid')], ['Gelu', standard('Gelu')],
  ['Gelu', tanhGelu], ['QuickGelu', quickGelu], ['Silu', swish(1)], ['Mish', standard('Mish')], ['HardSwish', standard('HardSwish')],
  ['HardSigmoid', hardSigmoid], ['HardSigmoid', standard('HardSigmoid')], ['Softplus', standard('Softplus')], ['Softsign', standard('Softsign')],
  ['Elu', standard('Elu')], ['Selu', standard('Selu')], ['SquaredRelu', squaredRelu], ['LogSigmoid', logSigmoid],
];

/** Where functions are compared; half precision keeps three digits of their constants. */
const grid = Array.from({ length: 33 }, (_, i) => (i - 16) / 2 + 0.03);
const tolerance = 4e-3;
const spelledValues = spelled.map(([name, scalar]) => ({ name, scalar, values: grid.map((x) => scalar.f(x)) }));

/** Operators of ONNX Runtime's own that are one activation. */
type Contributed = (node: Node) => readonly [string, Activation];
const contributed: ReadonlyMap<string, Contributed> = new Map(Object.entries<Contributed>({
  Gelu: () => ['Gelu', standard('Gelu')],
  BiasGelu: () => ['Gelu', standard('Gelu')],
  FastGelu: () => ['Gelu', tanhGelu],
  QuickGelu: (node) => {
    const alpha = floatAttribute(node, 'alpha', 1.702);
    return [alpha === 1 ? 'Silu' : 'QuickGelu', swish(alpha)];
  },
}));

/** The activation that a fused product names and has applied to its output already, with the parameters it gives (ContribOperators.md). */
export function activationWithin(node: Node, output: string): FoundActivation | null {
  const isGated = node.domain === '' && node.op === 'CausalConvWithState' && /^(silu|swish)$/i.test(stringAttribute(node, 'activation', 'none'));
  if (isGated) return { name: 'Silu', value: output, scalar: swish(1) };
  const isFused = (node.domain === 'com.microsoft' && /^Fused(Conv|Gemm)$/.test(node.op)) || (node.domain === 'com.microsoft.nchwc' && node.op === 'Conv');
  const name = isFused ? stringAttribute(node, 'activation', '') : '';
  if (name === '') return null;
  const given = node.attributes.activation_params;
  const [alpha, beta] = given?.kind === 'floats' ? given.value : ['alpha', 'beta'].map((each) => {
    const attribute = node.attributes[`activation_${each}`];
    return attribute?.kind === 'float' ? attribute.value : undefined;
  });
  if (name === 'Clip') return { name, value: output, scalar: clipped(alpha ?? -Infinity, beta ?? Infinity) };
  const attributes = Object.entries({ alpha, beta }).flatMap(([key, value]) => (value === undefined ? [] : [[key, { kind: 'float', value }] as const]));
  return { name, value: output, scalar: operators.has(name) ? standard(name, Object.fromEntries(attributes)) : null };
}

/** The activation applied to a value, if one is: one operator, or several that compute one. */
export function activationOf(index: GraphIndex, value: string): FoundActivation | null {
  const known = recognised.get(index) ?? new Map<string, FoundActivation | null>();
  recognised.set(index, known);
  const before = known.get(value);
  if (before !== undefined) return before;
  const users = usersOf(index, value);
  const found = notScalar(users, value) ?? contrib(users, value) ?? composed(index, value);
  known.set(value, found);
  return found;
}

/** By value: several layers come by one, and theory goes the same way once more. */
const recognised = new WeakMap<GraphIndex, Map<string, FoundActivation | null>>();

function notScalar(users: readonly Located[], value: string): FoundActivation | null {
  const node = users.find((user) => user.node.domain === '' && user.node.inputs[0] === value && /^(Log)?Softmax$/.test(user.node.op))?.node;
  return node ? { name: node.op, value: node.outputs[0] ?? '', scalar: null } : null;
}

function contrib(users: readonly Located[], value: string): FoundActivation | null {
  for (const { node } of users) {
    const found = node.domain === 'com.microsoft' && node.inputs[0] === value ? contributed.get(node.op)?.(node) : undefined;
    if (found) return { name: found[0], value: node.outputs[0] ?? '', scalar: found[1] };
  }
  return null;
}

function composed(index: GraphIndex, value: string): FoundActivation | null {
  const links = scalarChain(index, value);
  const found = composedOf(index, value, links);
  for (const { forget } of links) forget();
  return found;
}

function composedOf(index: GraphIndex, value: string, links: readonly ChainLink[]): FoundActivation | null {
  const scope = usersOf(index, value)[0]?.index;
  const last = scope && links.find((link) => leaves(scope, link, links) && !isAffine(link));
  if (!scope || !last) return null;
  const way = ancestorsOf(last, links);
  const ends = way.filter((link, i) => isBottleneck(link, way.slice(i + 1)) && !isAffine(link));
  // The last that has a name, since log σ is the sigmoid first, where it is first complete.
  const named = ends.flatMap((end) => {
    // A slope that is learned is not what it happens to be.
    const known = end.node.op === 'PRelu' ? null : recognise(end);
    return known ? [{ end, known }] : [];
  });
  const found = named.find(({ known }) => known.name === named.at(-1)?.known.name);
  if (found) return { name: found.known.name, value: found.end.output, scalar: singleAt(scope, found.end, value) ?? found.known.scalar };
  const single = ends.find((end) => activationOfNode(scope, end.node) !== null);
  if (single) return { name: single.node.op, value: single.output, scalar: singleAt(scope, single, value) ?? asActivation(single, links) };
  // A power or a product without a name, beside which the signal goes on as it is, measures the signal and does not bend it.
  const inside = new Set(links.map(({ node }) => node));
  if (usersOf(index, value).some(({ node }) => !inside.has(node))) return null;
  const name = [...new Set(way.map((link) => link.node.op))].filter((op) => op !== 'Cast' && op !== 'Identity').slice(-3).join('·');
  return { name, value: last.output, scalar: asActivation(last, links) };
}

/** The exact function of a node that reads the value itself. */
function singleAt(index: GraphIndex, link: ChainLink, value: string): Activation | null {
  return link.node.inputs[0] === value && link.reads.size === 1 ? activationOfNode(index, link.node) : null;
}

/** Something that is not part of the chain reads it. */
function leaves(index: GraphIndex, link: ChainLink, links: readonly ChainLink[]): boolean {
  const inside = new Set(links.map(({ node }) => node));
  return index.outputs.has(link.output)
    || (index.consumers.get(link.output) ?? []).some((node) => !inside.has(node));
}

/** Everything after it reads nothing that is before it. */
function isBottleneck(link: ChainLink, after: readonly ChainLink[]): boolean {
  const made = new Set([link.output, ...after.map((each) => each.output)]);
  return after.every((each) => [...each.reads].every((read) => made.has(read)));
}

/** f(x) = ax + b, as a scale or a shift is. */
function isAffine({ at }: ChainLink): boolean {
  const [zero, one] = [at(0).v, at(1).v];
  const scale = Math.abs(zero) + Math.abs(one - zero);
  return grid.every((x) => Math.abs(at(x).v - zero - (one - zero) * x) <= 1e-9 * scale * (1 + Math.abs(x)));
}

function recognise(link: ChainLink): { readonly name: string; readonly scalar: Activation } | null {
  const values = grid.map((x) => link.at(x).v);
  let best: { name: string; scalar: Activation; error: number } | null = null;
  for (const candidate of spelledValues) {
    const error = largestError(values, candidate.values);
    if (error !== null && (!best || error < best.error)) best = { ...candidate, error };
  }
  return best;
}

/** Null where two functions differ by more than is tolerated, which most do at once. */
function largestError(values: readonly number[], expected: readonly number[]): number | null {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    const error = Math.abs(value - (expected[i] ?? NaN)) / (1 + Math.abs(value));
    if (!(error <= tolerance)) return null;
    largest = Math.max(largest, error);
  }
  return largest;
}
