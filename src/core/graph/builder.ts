import type { DType } from './dtype';
import { elementCount } from './dtype';
import type { Attribute, Attributes, Graph, Node, ValueInfo } from './graph';
import { Names } from './names';
import type { Tensor } from './tensor';
import { createTensor } from './tensor';

/** Attribute values as rules write them: whole numbers are ints unless marked by `float`. */
export type AttributeLiteral = number | string | readonly number[] | Attribute;

export const float = (value: number): Attribute => ({ kind: 'float', value });

/** Appends nodes, constants, inputs and outputs to a graph, with names that clash with nothing. */
export class GraphBuilder {
  readonly #nodes: Node[];
  readonly #initializers: Map<string, Tensor>;
  readonly #inputs: ValueInfo[];
  readonly #outputs: ValueInfo[];
  readonly #names: Names;
  readonly #constants = new Map<string, string>();
  /** Prefix of the names given from here on, such as "backward/conv1". */
  scope = '';
  /** Of the nodes appended from here on. */
  module: string | null = null;

  readonly #name: string;

  /** `names`: those of scopes around or inside the graph, and of nodes that are still to be appended; it learns every name given here. */
  constructor(base: Graph, names = new Names()) {
    this.#name = base.name;
    this.#nodes = [...base.nodes];
    this.#initializers = new Map(base.initializers);
    this.#inputs = [...base.inputs];
    this.#outputs = [...base.outputs];
    this.#names = names;
    for (const name of base.initializers.keys()) names.add(name);
    for (const { name } of base.inputs) names.add(name);
    for (const node of base.nodes) for (const name of [node.name, ...node.outputs]) names.add(name);
  }

  fresh(stem: string): string {
    return this.#names.fresh(this.scope === '' ? stem : `${this.scope}/${stem}`);
  }

  /** Builder of a graph inside a node, which sees the values of this one and gives no name twice. */
  inner(name: string): GraphBuilder {
    const builder = new GraphBuilder({ name, inputs: [], outputs: [], initializers: new Map(), nodes: [] }, this.#names);
    builder.scope = this.scope;
    return builder;
  }

  /** Adds a node with one output and returns its name. Trailing absent inputs may be left out. */
  add(op: string, inputs: readonly string[], attributes: Readonly<Record<string, AttributeLiteral>> = {}): string {
    return this.addMany(op, inputs, 1, attributes)[0] ?? '';
  }

  addMany(op: string, inputs: readonly string[], outputs: number, attributes: Readonly<Record<string, AttributeLiteral>> = {}): readonly string[] {
    const name = this.fresh(op);
    const names = Array.from({ length: outputs }, (_, i) => this.fresh(outputs === 1 ? `${op}_out` : `${op}_out${i}`));
    this.#nodes.push({ name, domain: '', op, inputs, outputs: names, attributes: literals(attributes), ...(this.module === null ? {}
      : { module: this.module }) });
    return names;
  }

  append(node: Node): void {
    this.#nodes.push(node);
    for (const name of [node.name, ...node.outputs]) this.#names.add(name);
  }

  /** Name of an optional output of a node already there, which is given one if it has none. */
  requireOutput(nodeName: string, position: number): string {
    const at = this.#nodes.findIndex((node) => node.name === nodeName);
    const node = this.#nodes[at];
    if (!node) throw new Error(`There is no node ${nodeName}.`);
    const known = node.outputs[position];
    if (known !== undefined && known !== '') return known;
    const name = this.fresh(`${node.op}_out${position}`);
    const outputs = Array.from({ length: Math.max(position + 1, node.outputs.length) }, (_, i) => (i === position ? name : node.outputs[i] ?? ''));
    this.#nodes[at] = { ...node, outputs };
    return name;
  }

  /** A constant tensor; equal constants are stored once. */
  constant(dtype: DType, shape: readonly number[], values: readonly number[]): string {
    const key = `${dtype}|${shape.join()}|${values.join()}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = this.fresh('constant');
    this.#initializers.set(name, createTensor(dtype, shape, values));
    this.#constants.set(key, name);
    return name;
  }

  scalar(value: number, dtype: DType = 'float32'): string {
    return this.constant(dtype, [], [value]);
  }

  ints(values: readonly number[]): string {
    return this.constant('int64', [values.length], values);
  }

  initializer(name: string, tensor: Tensor): void {
    if (tensor.values && tensor.values.length !== elementCount(tensor.shape)) throw new Error(`Constant ${name} does not fit its shape.`);
    this.#initializers.set(name, tensor);
    this.#names.add(name);
  }

  /** Turns an initializer into an input that is fed at every run. */
  feed(name: string, info: ValueInfo): void {
    this.#initializers.delete(name);
    this.#inputs.push(info);
    this.#names.add(name);
  }

  input(stem: string, dtype: DType, shape: readonly (number | string)[] | null): string {
    const name = this.fresh(stem);
    this.#inputs.push({ name, dtype, shape });
    return name;
  }

  output(name: string, dtype: DType): void {
    if (!this.#outputs.some((output) => output.name === name)) this.#outputs.push({ name, dtype, shape: null });
  }

  clearOutputs(): void {
    this.#outputs.length = 0;
  }

  build(): Graph {
    // A graph is what it was when it was built: what is asked of it once is remembered.
    return { name: this.#name, inputs: [...this.#inputs], outputs: [...this.#outputs], initializers: new Map(this.#initializers), nodes: [...this.#nodes] };
  }
}

function literals(attributes: Readonly<Record<string, AttributeLiteral>>): Attributes {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, literal(value)]));
}

function literal(value: AttributeLiteral): Attribute {
  if (typeof value === 'number') return { kind: 'int', value };
  if (typeof value === 'string') return { kind: 'string', value };
  return 'kind' in value ? value : { kind: 'ints', value };
}
