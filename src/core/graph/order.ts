import type { Graph, Node } from './graph';
import { shortened } from './names';

/** Who makes and who uses each value of a graph, and how the graph lies in the one around it. */
export interface GraphIndex {
  readonly graph: Graph;
  /** "If_25.then_branch"; empty at the top. */
  readonly scope: string;
  readonly producer: ReadonlyMap<string, Node>;
  /** Nodes that read a value, also by a subgraph of theirs. */
  readonly consumers: ReadonlyMap<string, readonly Node[]>;
  /** The node whose attribute this graph is, and the graph that node is in; null at the top. */
  readonly owner: { readonly index: GraphIndex; readonly node: Node } | null;
  readonly bodies: ReadonlyMap<Node, readonly GraphIndex[]>;
  /** Values that inputs, initializers and nodes of this graph define. */
  readonly defined: ReadonlySet<string>;
  /** Values that are outputs of this graph. */
  readonly outputs: ReadonlySet<string>;
  /** By value, the place of the node that makes it in the order of the graph. */
  readonly position: ReadonlyMap<string, number>;
}

const indexed = new WeakMap<Graph, GraphIndex>();

export function indexGraph(graph: Graph): GraphIndex {
  const known = indexed.get(graph) ?? indexScope(graph, '', null);
  indexed.set(graph, known);
  return known;
}

function indexScope(graph: Graph, scope: string, owner: GraphIndex['owner']): GraphIndex {
  const producer = new Map<string, Node>();
  const consumers = new Map<string, Node[]>();
  const bodies = new Map<Node, GraphIndex[]>();
  const position = new Map<string, number>();
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const index: GraphIndex = { graph, scope, producer, consumers, owner, bodies, defined: definedBy(graph), outputs, position };
  for (const [at, node] of graph.nodes.entries()) {
    for (const output of node.outputs) {
      if (output === '') continue;
      producer.set(output, node);
      position.set(output, at);
    }
    for (const input of valuesUsedBy(node)) {
      const users = consumers.get(input);
      if (!users) consumers.set(input, [node]);
      else if (users.at(-1) !== node) users.push(node);
    }
    for (const [name, attribute] of Object.entries(node.attributes)) {
      if (attribute.kind !== 'graph') continue;
      const inner = shortened(`${scope === '' ? '' : `${scope}/`}${node.name}.${name}`);
      bodies.set(node, [...bodies.get(node) ?? [], indexScope(attribute.value, inner, { index, node })]);
    }
  }
  return index;
}

/** Values that inputs, initializers and nodes of a graph define; an absent output is none, but is named '' like one. */
export function definedBy(graph: Graph): ReadonlySet<string> {
  const known = defined.get(graph) ?? new Set([
    ...graph.initializers.keys(), ...graph.inputs.map((input) => input.name), ...graph.nodes.flatMap((node) => node.outputs),
  ]);
  defined.set(graph, known);
  return known;
}

const defined = new WeakMap<Graph, ReadonlySet<string>>();

/** The innermost scope around `index` that defines a value: a subgraph sees what the graphs around it define. */
export function scopeOf(index: GraphIndex, value: string): GraphIndex {
  let scope = index;
  while (!scope.defined.has(value) && scope.owner) scope = scope.owner.index;
  return scope;
}

/** A node, in the graph it is in. */
export interface Located {
  readonly index: GraphIndex;
  readonly node: Node;
}

/** Who reads a value by name: nodes of its own graph, and of subgraphs that capture it. */
export function usersOf(index: GraphIndex, value: string): readonly Located[] {
  const known = located.get(index) ?? new Map<string, readonly Located[]>();
  located.set(index, known);
  const users = known.get(value) ?? locateUsers(index, value);
  known.set(value, users);
  return users;
}

/** By value: a signal is followed from every layer before it. */
const located = new WeakMap<GraphIndex, Map<string, readonly Located[]>>();

function locateUsers(index: GraphIndex, value: string): readonly Located[] {
  return (index.consumers.get(value) ?? []).flatMap((node): readonly Located[] => {
    const bodies = index.bodies.get(node);
    if (!bodies) return [{ index, node }];
    const inside = bodies.flatMap((body) => (body.defined.has(value) ? [] : usersOf(body, value)));
    return node.inputs.includes(value) ? [{ index, node }, ...inside] : inside;
  });
}

/** Input values, and those that a subgraph of the node captures from the scope around it. */
export function valuesUsedBy(node: Node): readonly string[] {
  const used = node.inputs.filter((input) => input !== '');
  for (const attribute of Object.values(node.attributes)) {
    if (attribute.kind === 'graph') used.push(...capturedBy(attribute.value));
  }
  return used;
}

function capturedBy(graph: Graph): readonly string[] {
  const known = captured.get(graph);
  if (known) return known;
  const own = definedBy(graph);
  const used = new Set([...graph.nodes.flatMap(valuesUsedBy), ...graph.outputs.map((output) => output.name)]);
  const found = [...used].filter((name) => !own.has(name));
  captured.set(graph, found);
  return found;
}

/** Every graph around asks for it again. */
const captured = new WeakMap<Graph, readonly string[]>();

/**
 * The nodes so that every value is produced before it is consumed (as given if they already are, else by Kahn's algorithm), and the
 * names of nodes on a cycle, which have no such order.
 */
export function orderNodes(nodes: readonly Node[]): { readonly ordered: readonly Node[]; readonly cyclic: readonly string[] } {
  const producer = new Map<string, number>();
  nodes.forEach((node, i) => node.outputs.forEach((output) => output !== '' && producer.set(output, i)));
  if (isOrdered(nodes, producer)) return { ordered: nodes, cyclic: [] };
  const waitingFor = nodes.map(() => 0);
  const users = nodes.map((): number[] => []);
  nodes.forEach((node, i) => {
    for (const input of new Set(valuesUsedBy(node))) {
      const source = producer.get(input);
      if (source === undefined) continue;
      waitingFor[i] = (waitingFor[i] ?? 0) + 1;
      users[source]?.push(i);
    }
  });
  const ready = nodes.flatMap((_, i) => (waitingFor[i] === 0 ? [i] : []));
  const ordered: Node[] = [];
  for (let next = 0; next < ready.length; next++) {
    const i = ready[next] ?? 0;
    const node = nodes[i];
    if (node) ordered.push(node);
    for (const user of users[i] ?? []) {
      const left = (waitingFor[user] ?? 0) - 1;
      waitingFor[user] = left;
      if (left === 0) ready.push(user);
    }
  }
  return { ordered, cyclic: nodes.filter((_, i) => (waitingFor[i] ?? 0) > 0).map((node) => node.name) };
}

function isOrdered(nodes: readonly Node[], producer: ReadonlyMap<string, number>): boolean {
  return nodes.every((node, i) => valuesUsedBy(node).every((input) => (producer.get(input) ?? -1) < i));
}

/** Those of nodes in order whose outputs somebody reads in the end: `outputs`, or another of them that is kept. */
export function reaching(nodes: readonly Node[], outputs: readonly string[]): readonly Node[] {
  const read = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    const isRead = node.outputs.some((output) => read.has(output));
    if (isRead) for (const value of valuesUsedBy(node)) read.add(value);
    return isRead;
  });
  return kept.toReversed();
}
