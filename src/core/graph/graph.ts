import type { Sampler } from '../../protocol/recipe';
import type { FormatId } from '../../protocol/report';
import type { DType } from './dtype';
import type { Tensor, TensorHome } from './tensor';

export type Attribute =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  | { readonly kind: 'graph'; readonly value: Graph }
  /** Inside a function: the attribute of that name of whoever calls it. */
  | { readonly kind: 'reference'; readonly value: string }
  | { readonly kind: 'other'; readonly value: string };

export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  /** Unique in its graph. */
  readonly name: string;
  /** '' is ai.onnx. */
  readonly domain: string;
  readonly op: string;
  /** Value names; '' where an optional input is absent. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
  /** Which of several functions of that name is called; absent for operators. */
  readonly overload?: string;
  /** Bytes of its field in the model file; absent for what stands in another's place, as in that of a call. */
  readonly source?: { readonly start: number; readonly end: number };
  /** Path of the module of the author's program that it comes from, where the exporter says so: "blocks.0.up". */
  readonly module?: string;
  /** The operator of the file that it stands for, where that is another: "QLinearConv". */
  readonly written?: string;
  /** Of a node that stands for a tensor without storing it (ConstantOfShape): what the tensor is called, and where the node is. */
  readonly computes?: { readonly id: string; readonly home: TensorHome };
}

export type Dimension = number | string;

export interface ValueInfo {
  readonly name: string;
  readonly dtype: DType;
  /** Null if the rank is unknown. */
  readonly shape: readonly Dimension[] | null;
  /** Of an input of the network: what its data are like, where the file says so. */
  readonly data?: Sampler;
}

/** The one intermediate representation: an ONNX graph whose `Constant` nodes have become initializers. */
export interface Graph {
  readonly name: string;
  /** Inputs that no initializer supplies. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** In an order in which every value is produced before it is consumed. */
  readonly nodes: readonly Node[];
}

/** An operator that the model defines itself, by a graph in operator sets of its own. */
export interface ModelFunction {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  /** Of attributes that a call may leave out. */
  readonly defaults: Attributes;
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
}

/** Where a model says of a tensor that its values are in another file. */
export interface ExternalReference {
  readonly file: string;
  /** As the model spells it. */
  readonly location: string;
  /** Bytes of the entry that says so in the model file, its tag and length included. */
  readonly entry: { readonly start: number; readonly end: number };
  /** The tensor's name, and where it stands in the model file. */
  readonly tensor: { readonly name: string; readonly start: number };
  /** Bytes of that file; none where that cannot be. */
  readonly offset: number;
  readonly length: number;
}

export interface Model {
  /** Path of the model file. */
  readonly file: string;
  readonly format: FormatId;
  readonly producer: string;
  readonly irVersion: number;
  /** Version of each imported operator set by domain; '' is ai.onnx. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly metadata: ReadonlyMap<string, string>;
  readonly graph: Graph;
  /** Names of the tensors that the exporter says are learned; null where it does not say. */
  readonly learned: ReadonlySet<string> | null;
  /** Names of what it says is kept beside them, such as running statistics. */
  readonly buffers?: ReadonlySet<string>;
  readonly functions: readonly ModelFunction[];
  /** All of them, also where nothing reads the tensor. */
  readonly external: readonly ExternalReference[];
}

/** A graph and the graphs inside its nodes, each before those inside it. */
export function* graphsIn(graph: Graph): Generator<Graph> {
  yield graph;
  for (const node of graph.nodes) {
    for (const attribute of Object.values(node.attributes)) if (attribute.kind === 'graph') yield* graphsIn(attribute.value);
  }
}

/** A node with other graphs inside; the node itself where it has none. */
export function withBodies(node: Node, change: (body: Graph) => Graph): Node {
  const entries = Object.entries(node.attributes);
  if (!entries.some(([, { kind }]) => kind === 'graph')) return node;
  const changed = entries.map(([name, attribute]): [string, Attribute] => (
    [name, attribute.kind === 'graph' ? changedBody(attribute, change(attribute.value)) : attribute]));
  return changed.every(([name, attribute]) => attribute === node.attributes[name]) ? node : { ...node, attributes: Object.fromEntries(changed) };
}

const changedBody = (attribute: Extract<Attribute, { readonly kind: 'graph' }>, value: Graph): Attribute => (
  attribute.value === value ? attribute : { kind: 'graph', value });

/** The graph with each node changed; itself where none is, so that what is known of it still holds. */
export function mapNodes(graph: Graph, change: (node: Node) => Node): Graph {
  const nodes = graph.nodes.map(change);
  return nodes.every((node, i) => node === graph.nodes[i]) ? graph : { ...graph, nodes };
}

/** Every graph of a model as it is stored: functions once, however often they are called. */
export function* graphsOf(model: Model): Generator<Graph> {
  for (const graph of [model.graph, ...model.functions.map((each) => each.graph)]) yield* graphsIn(graph);
}

export function intAttribute(node: Node, name: string, otherwise: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === 'int' ? attribute.value : otherwise;
}

export function floatAttribute(node: Node, name: string, otherwise: number): number {
  const attribute = node.attributes[name];
  return attribute?.kind === 'float' ? attribute.value : otherwise;
}

export function intsAttribute(node: Node, name: string): readonly number[] | null {
  const attribute = node.attributes[name];
  return attribute?.kind === 'ints' ? attribute.value : null;
}

export function stringAttribute(node: Node, name: string, otherwise: string): string {
  const attribute = node.attributes[name];
  return attribute?.kind === 'string' ? attribute.value : otherwise;
}
