import type { Attribute, Graph, Node } from './graph';
import type { Tensor } from './tensor';
import { definedBy, valuesUsedBy } from './order';

type Rename = (value: string) => string;

/** Path of a graph inside a node, by which its values are known outside of it; as `GraphIndex` has it. */
export const scopeWithin = (node: Node, attribute: string): string => `${node.name}.${attribute}`;

/** The graph with the graph of one attribute of a node in place of that node, its names behind the path of its scope. */
export function inlineBranch(graph: Graph, node: Node, attribute: string): Graph {
  const body = node.attributes[attribute];
  if (body?.kind !== 'graph') throw new Error(`${node.name} has no graph ${attribute}.`);
  const { value: branch } = body;
  const scope = scopeWithin(node, attribute);
  const own = definedBy(branch);
  const rename: Rename = (value) => (value !== '' && own.has(value) ? `${scope}/${value}` : value);
  const inner = branch.nodes.map((each): Node => ({ ...renameNode(each, rename), name: `${scope}/${each.name}` }));
  const ends = branch.outputs.flatMap((output, i): Node[] => {
    const name = node.outputs[i] ?? '';
    return name === '' ? [] : [{ name: `${scope}/output ${i}`, domain: '', op: 'Identity', inputs: [rename(output.name)], outputs: [name], attributes: {} }];
  });
  const initializers = new Map<string, Tensor>([...graph.initializers, ...[...branch.initializers].map(([name, tensor]) => [rename(name), tensor] as const)]);
  return { ...graph, initializers, nodes: graph.nodes.flatMap((each) => (each === node ? [...inner, ...ends] : [each])) };
}

function renameNode(node: Node, rename: Rename): Node {
  const attributes = Object.entries(node.attributes).map(([name, attribute]): [string, Attribute] => (
    [name, attribute.kind === 'graph' ? { kind: 'graph', value: renameCaptured(attribute.value, rename) } : attribute]));
  return { ...node, inputs: node.inputs.map(rename), outputs: node.outputs.map(rename), attributes: Object.fromEntries(attributes) };
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
