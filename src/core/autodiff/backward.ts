import type { GraphBuilder } from '../graph/builder';
import { isFloat } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { Algebra } from '../ops/algebra';
import { calledName, formalInput } from '../ops/registry';
import type { OperatorSpec, Rule } from '../ops/spec';
import { say } from '../../protocol/words';
import { createRuleContext } from './ruleContext';
import type { ValueFacts } from './valueFacts';

export interface BackwardRequest {
  /** Forward graph, to which the backward graph is appended. */
  readonly builder: GraphBuilder;
  readonly nodes: readonly Node[];
  readonly facts: ValueFacts;
  /** Output value → its cotangent, a value of the same shape. */
  readonly cotangents: ReadonlyMap<string, string>;
  /** Values whose gradient is wanted. */
  readonly targets: ReadonlySet<string>;
  /** Values read by nodes that are not in the graph: their gradient is unknown. With the names of those nodes. */
  readonly hidden: ReadonlyMap<string, ReadonlySet<string>>;
  readonly operators: ReadonlyMap<string, OperatorSpec>;
}

export interface BackwardResult {
  /** Value → its gradient. A target without entry that is not blocked has no path to an output: its gradient is exactly 0. */
  readonly gradients: ReadonlyMap<string, string>;
  /** Values whose gradient is unknown, with the names of the nodes that hide it. */
  readonly blocked: ReadonlyMap<string, ReadonlySet<string>>;
  /** Nodes without a rule that a gradient reached. */
  readonly unsupported: readonly { readonly node: Node; readonly reason: string }[];
}

/** Reverse-mode differentiation: walks the nodes backwards, from cotangents to targets, and appends what the rules say. */
export function appendBackward(request: BackwardRequest): BackwardResult {
  return new BackwardPass(request).run();
}

class BackwardPass {
  readonly #request: BackwardRequest;
  readonly #algebra: Algebra;
  readonly #needed: ReadonlySet<string>;
  readonly #contributions = new Map<string, string[]>();
  readonly #gradients = new Map<string, string>();
  readonly #blocked = new Map<string, Set<string>>();
  readonly #unsupported: { node: Node; reason: string }[] = [];

  constructor(request: BackwardRequest) {
    this.#request = request;
    this.#algebra = new Algebra(request.builder);
    this.#needed = neededValues(request);
  }

  run(): BackwardResult {
    for (const [value, nodes] of this.#request.hidden) this.#block(value, nodes);
    for (const [value, cotangent] of this.#request.cotangents) this.#contribute(value, cotangent);
    for (const node of this.#request.nodes.toReversed()) this.#visit(node);
    for (const target of this.#request.targets) this.#gradientOf(target);
    this.#request.builder.scope = '';
    return { gradients: this.#gradients, blocked: this.#blocked, unsupported: this.#unsupported };
  }

  #visit(node: Node): void {
    const reached = node.outputs.filter((output) => this.#contributions.has(output) || this.#blocked.has(output));
    const wanted = node.inputs.flatMap((input, position) => (this.#needed.has(input) ? [position] : []));
    if (reached.length === 0 || wanted.length === 0) return;
    this.#request.builder.scope = `backward/${node.name}`;
    const spec = node.domain === '' ? this.#request.operators.get(node.op) : undefined;
    const hiding = new Set(node.outputs.flatMap((output) => [...(this.#blocked.get(output) ?? [])]));
    if (!spec) {
      const reason = say('there is no gradient rule for {0}', calledName(node));
      this.#unsupported.push({ node, reason });
      hiding.add(node.name);
    }
    if (!spec || hiding.size > 0) {
      for (const position of wanted) if (ruleAt(spec, position) !== 'non-differentiable') this.#block(node.inputs[position] ?? '', hiding);
      return;
    }
    this.#apply(node, spec, wanted);
  }

  #apply(node: Node, spec: OperatorSpec, wanted: readonly number[]): void {
    const { builder, facts } = this.#request;
    const cotangentOf = (value: string): string | undefined => this.#gradientOf(value);
    const create = createRuleContext({ node, spec, algebra: this.#algebra, builder, facts, cotangentOf });
    for (const position of wanted) {
      const rule = ruleAt(spec, position);
      const input = node.inputs[position] ?? '';
      if (rule === 'non-differentiable' || rule === undefined) continue;
      const result = rule(create(position));
      const shape = typeof result === 'string' ? (spec.broadcasts ? this.#shape(node.outputs[0] ?? '') : this.#shape(input)) : result.shape;
      const value = typeof result === 'string' ? result : result.value;
      this.#contribute(input, this.#algebra.sumTo(value, shape, this.#shape(input)));
    }
  }

  #shape(value: string): readonly number[] {
    const shape = this.#request.facts.shapes.get(value);
    if (!shape) throw new Error(`The shape of ${value} is not known.`);
    return shape;
  }

  #contribute(value: string, gradient: string): void {
    const contributions = this.#contributions.get(value);
    if (contributions) contributions.push(gradient);
    else this.#contributions.set(value, [gradient]);
  }

  #block(value: string, hiding: ReadonlySet<string>): void {
    const known = this.#blocked.get(value) ?? new Set();
    for (const node of hiding) known.add(node);
    this.#blocked.set(value, known);
  }

  /** The sum of all contributions; asked for only after every consumer of the value has been visited. */
  #gradientOf(value: string): string | undefined {
    const known = this.#gradients.get(value);
    if (known !== undefined) return known;
    const contributions = this.#contributions.get(value);
    if (!contributions || this.#blocked.has(value)) return undefined;
    const [first] = contributions;
    const sum = contributions.length === 1 && first !== undefined ? first : this.#request.builder.add('Sum', contributions);
    this.#gradients.set(value, sum);
    return sum;
  }
}

function ruleAt(spec: OperatorSpec | undefined, position: number): Rule | 'non-differentiable' | undefined {
  const formal = spec ? formalInput(spec, position) : undefined;
  return formal === undefined ? undefined : spec?.gradient[formal];
}

/** Values that depend on a target through floating-point values: the only ones worth a gradient. */
function neededValues({ nodes, facts, targets, operators }: BackwardRequest): ReadonlySet<string> {
  const needed = new Set(targets);
  for (const node of nodes) {
    const spec = node.domain === '' ? operators.get(node.op) : undefined;
    const depends = node.inputs.some((input, position) => needed.has(input) && ruleAt(spec, position) !== 'non-differentiable');
    if (!depends) continue;
    for (const output of node.outputs) if (output !== '' && isFloat(facts.types.get(output) ?? 'float32')) needed.add(output);
  }
  return needed;
}
