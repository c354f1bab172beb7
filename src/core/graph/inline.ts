import type { Graph, Node } from './graph';
import { withBodies } from './graph';
import type { Tensor } from './tensor';
import { definedBy, valuesUsedBy } from './order';

type Rename = (value: string) => string;

/** Path of a graph inside a node, by which its values are known outside of it; as `GraphIndex` has it. */
export const scopeWithin = (node: Node, attribute: string): string => `${node.name}.${attribute}`;

/** Path of one step of a loop that is unrolled. */
export const stepWithin = (scope: string, step: number): string => `${scope}[${step}]`;

/** The name of a value of an unrolled loop without the steps in it: what all its copies are known by. */
export const withoutSteps = (name: string): string => name.replace(/\.body\[\d+\](?=\/)/g, '.body');

/** The nodes that stand in place of another, and the tensors they read. */
export interface Replacement {
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<string, Tensor>;
}

export function replaceNode(graph: Graph, node: Node, { nodes, initializers }: Replacement): Graph {
  return {
    ...graph, initializers: new Map([...graph.initializers, ...initializers]),
    nodes: graph.nodes.flatMap((each) => (each === node ? nodes : [each])),
  };
}

/** The graph with the graph of one attribute of a node in place of that node, its names behind the path of its scope. */
export function inlineBranch(graph: Graph, node: Node, attribute: string): Graph {
  const scope = scopeWithin(node, attribute);
  const { nodes, initializers, outputs } = copyBody(bodyOf(node, attribute), scope, new Map());
  const ends = outputs.flatMap((output, i): Node[] => {
    const name = node.outputs[i] ?? '';
    return name === '' ? [] : [identity(`${scope}/output ${i}`, output, name)];
  });
  return replaceNode(graph, node, { nodes: [...nodes, ...ends], initializers });
}

export function bodyOf(node: Node, attribute: string): Graph {
  const body = node.attributes[attribute];
  if (body?.kind !== 'graph') throw new Error(`${node.name} has no graph ${attribute}.`);
  return body.value;
}

export const identity = (name: string, input: string, output: string): Node => (
  { name, domain: '', op: 'Identity', inputs: [input], outputs: [output], attributes: {} });

interface Copy extends Replacement {
  /** Where the outputs of the body are. */
  readonly outputs: readonly string[];
}

/**
 * The nodes of a graph inside a node, their names behind a path; `given` says what its inputs are. Its tensors are stored once, however
 * often a loop around it runs.
 */
export function copyBody(body: Graph, path: string, given: ReadonlyMap<string, string>): Copy {
  const own = definedBy(body);
  const rename: Rename = (value) => {
    if (value === '') return '';
    const known = given.get(value);
    if (known !== undefined) return known;
    if (body.initializers.has(value)) return withoutSteps(`${path}/${value}`);
    return own.has(value) ? `${path}/${value}` : value;
  };
  return {
    nodes: body.nodes.map((each): Node => ({ ...renameNode(each, rename), name: `${path}/${each.name}` })),
    initializers: new Map([...body.initializers].map(([name, tensor]) => [rename(name), tensor])),
    outputs: body.outputs.map((output) => rename(output.name)),
  };
}

export function renameNode(node: Node, rename: Rename): Node {
  const inside = withBodies(node, (body) => renameCaptured(body, rename));
  return { ...inside, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename) };
}

/** A graph inside a renamed one: what it captures is renamed, what it defines itself is not. */
function renameCaptured(graph: Graph, outer: Rename): Graph {
  const own = definedBy(graph);
  const rename: Rename = (value) => (own.has(value) ? value : outer(value));
  return {
    ...graph, nodes: graph.nodes.map((node) => renameNode(node, rename)),
    outputs: graph.outputs.map((output) => ({ ...output, name: rename(output.name) })),
  };
}

/** The part of a graph that values are computed from. */
export function pruneTo(graph: Graph, values: Iterable<string>): Graph {
  const needed = new Set(values);
  const nodes = graph.nodes.toReversed().filter((node) => {
    if (!node.outputs.some((output) => needed.has(output))) return false;
    for (const used of valuesUsedBy(node)) needed.add(used);
    return true;
  });
  return {
    ...graph, nodes: nodes.reverse(), inputs: graph.inputs.filter(({ name }) => needed.has(name)),
    initializers: new Map([...graph.initializers].filter(([name]) => needed.has(name))),
  };
}
