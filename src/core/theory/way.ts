// The way of signals through a graph, step by step, as far as its structure alone tells: worked out once, whatever the weights are.

import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { usersOf } from '../graph/order';
import type { WrittenOut } from '../layers/normalization';
import { writtenOutNormalizations } from '../layers/normalization';
import type { FoundActivation } from '../layers/patterns';
import { activationOf } from '../layers/patterns';
import type { StoredSource } from '../layers/source';
import { storedSource } from '../layers/source';
import { specOf } from '../ops/registry';
import type { Activation } from '../ops/spec';
import { lookUp } from './productRules';
import type { MomentRule } from './rule';
import { dataOf } from './rule';
import { ruleOf } from './rules';

/** One node, or several that are one function or one norm. */
export interface Step {
  readonly node: Node;
  readonly output: string;
  /** The value that it is a function of, where not the inputs of the node. */
  readonly of?: string;
  readonly activation?: Activation;
  readonly written?: WrittenOut;
  readonly rule: MomentRule | null;
  /** It works out a part of a function that is one step. */
  readonly isInside?: true;
  /** Positions of the inputs that carry a signal, by the rule. */
  readonly data: readonly number[];
  /** Those inputs. */
  readonly read: readonly string[];
}

export interface Way {
  readonly steps: readonly Step[];
  /** The stored tensor that a value comes from. */
  readonly stored: (value: string) => StoredSource | null;
}

const known = new WeakMap<GraphIndex, Way>();

/** Every scheme goes the same way. */
export function wayThrough(index: GraphIndex): Way {
  const found = known.get(index) ?? { steps: stepsOf(index), stored: remembered(index) };
  known.set(index, found);
  return found;
}

function remembered(index: GraphIndex): Way['stored'] {
  const sources = new Map<string, StoredSource | null>();
  return (value) => {
    if (value === '') return null;
    let source = sources.get(value);
    if (source === undefined) sources.set(value, source = storedSource(index, value));
    return source;
  };
}

/** In the order of the graph, an activation or norm that is written with several nodes where it ends. */
function stepsOf(index: GraphIndex): readonly Step[] {
  const norms = new Map([...writtenOutNormalizations(index)].map(([of, written]) => [written.node, { of, written }]));
  const bent = new Map<string, { readonly of: string; readonly found: FoundActivation }>();
  const inside = new Set<string>();
  for (const { outputs } of index.graph.nodes) {
    for (const of of outputs) {
      const found = !inside.has(of) && isBent(index, of) ? activationOf(index, of) : null;
      if (!found?.scalar) continue;
      bent.set(found.value, { of, found });
      for (const value of valuesBetween(index, of, found.value)) inside.add(value);
    }
  }
  return index.graph.nodes.flatMap((node): readonly Step[] => {
    const norm = norms.get(node);
    const output = node.outputs.find((each) => each !== '');
    if (output === undefined) return [];
    if (norm) return [{ node, output, of: norm.of, written: norm.written, rule: null, data: [], read: [] }];
    const activation = bent.get(output);
    if (activation?.found.scalar) return [{ node, output, of: activation.of, activation: activation.found.scalar, rule: null, data: [], read: [] }];
    const rule = isLookUp(index, node) ? lookUp : ruleOf(node);
    const data = rule ? dataOf(rule, node) : [];
    return [{ node, output, rule, data, read: data.map((position) => node.inputs[position] ?? ''), ...(inside.has(output) ? { isInside: true } : {}) }];
  });
}

/** So many operators a function takes at most. */
const longest = 64;

/** What a function that is written out works out on the way, for nobody else: no function begins there. */
function valuesBetween(index: GraphIndex, from: string, to: string): ReadonlySet<string> {
  const before = new Set(index.producer.get(to)?.inputs);
  for (const value of before) {
    if (before.size > longest) break;
    if (value !== from) for (const input of index.producer.get(value)?.inputs ?? []) before.add(input);
  }
  const found = new Set<string>();
  const inOrder = [...before].toSorted((a, b) => (index.position.get(a) ?? -1) - (index.position.get(b) ?? -1));
  for (const value of inOrder) {
    const isMade = value !== from && index.producer.get(value)?.inputs.some((input) => input === from || found.has(input)) === true;
    // Constants, which every function of a graph may share, are left out before their users are looked at.
    if (isMade && index.consumers.get(value)?.every(({ outputs }) => outputs.every((output) => output === to || before.has(output)))) found.add(value);
  }
  return found;
}

/** Operators that a function may begin with which exporters write out. */
const spelling = new Set([
  'Mul', 'Div', 'Pow', 'Sigmoid', 'Erf', 'Exp', 'Abs', 'Max', 'Min', 'Sqrt', 'Where', 'Greater', 'Less', 'Neg', 'Sub', 'Tanh', 'Softplus', 'Log',
]);

/** Whether a value may be the input of a function that is written with several operators: two of them read it, or one that is no function by itself. */
function isBent(index: GraphIndex, value: string): boolean {
  const users = usersOf(index, value);
  return users.length > 1 || users.some(({ node }) => node.domain !== '' || spelling.has(node.op));
}

function isLookUp(index: GraphIndex, { op, inputs }: Node): boolean {
  return op === 'Gather' && storedSource(index, inputs[0] ?? '') !== null;
}

/** Whether no gradient goes through, as through a shape or a comparison: what comes out is no signal. */
export function isSilent(node: Node): boolean {
  const spec = specOf(node);
  return spec !== undefined && Object.values(spec.gradient).every((rule) => rule === 'non-differentiable');
}
