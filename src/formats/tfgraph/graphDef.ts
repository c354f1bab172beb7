// The nodes of a GraphDef in JSON (tensorflow/core/framework/graph.proto), and those of them that its outputs are made of, in order.

import { Failure } from '../../protocol/failure';
import type { JsonView } from '../json/view';
import { Attributes } from './attributes';

/** An output of a node: by its number, or within a function by the name of an output and a number among those of that name. */
export interface Reference {
  readonly node: string;
  readonly port: string | null;
  readonly index: number;
}

export interface TensorFlowNode {
  readonly name: string;
  readonly op: string;
  /** Without those that only say what runs before it. */
  readonly inputs: readonly Reference[];
  /** Names of nodes that only have to run before it. */
  readonly before: readonly string[];
  readonly attributes: Attributes;
  /** Of a constant: what the manifest calls it. */
  readonly stored: string;
  readonly view: JsonView;
}

/** More operators than any network has. */
export const mostNodes = 200_000;

export function readNodes(list: JsonView): readonly TensorFlowNode[] {
  const items = list.items();
  if (items.length > mostNodes) throw list.wrong(`a list of at most ${mostNodes} nodes`);
  const names = new Set<string>();
  return items.map((view) => {
    const node = readNode(view);
    if (node.name === '' || names.has(node.name)) throw view.get('name').wrong('a name of its own');
    names.add(node.name);
    return node;
  });
}

function readNode(view: JsonView): TensorFlowNode {
  const written = view.find('input')?.items() ?? [];
  const isOrder = (input: JsonView): boolean => input.text().startsWith('^');
  const name = view.get('name').text();
  return {
    name, op: view.get('op').text(), inputs: written.filter((input) => !isOrder(input)).map(readReference),
    before: written.filter(isOrder).map((input) => input.text().slice(1)), attributes: new Attributes(view.find('attr')), stored: name, view,
  };
}

/** "name", "name:1", or "name:output:1". */
export function readReference(view: JsonView): Reference {
  const [node = '', ...rest] = view.text().split(':');
  const [port = null, last = '0'] = rest.length > 1 ? rest : [null, ...rest];
  const index = Number(last);
  if (node === '' || rest.length > 2 || !Number.isSafeInteger(index) || index < 0) throw view.wrong('the name of a node, with the number of an output');
  return { node, port, index };
}

/** What a loop hands back to its beginning (control flow of TensorFlow 1): the only way in which a graph may go in a circle. */
export const handingBack = 'NextIteration';

/** The nodes that some are made of, each behind those that it reads. */
export function orderedFrom(file: string, nodes: ReadonlyMap<string, TensorFlowNode>, ends: readonly string[]): readonly TensorFlowNode[] {
  const needed = neededBy(file, nodes, ends);
  const sourcesOf = (node: TensorFlowNode): ReadonlySet<string> => new Set(node.inputs.flatMap((input) => (
    nodes.get(input.node)?.op === handingBack ? [] : [input.node])));
  const waiting = new Map<string, number>();
  const readers = new Map<string, TensorFlowNode[]>();
  for (const node of needed) {
    const sources = sourcesOf(node);
    waiting.set(node.name, sources.size);
    for (const source of sources) {
      const known = readers.get(source);
      if (known) known.push(node);
      else readers.set(source, [node]);
    }
  }
  const ordered = needed.filter(({ name }) => waiting.get(name) === 0);
  for (let next = 0; next < ordered.length; next++) {
    for (const reader of readers.get(ordered[next]?.name ?? '') ?? []) {
      const left = (waiting.get(reader.name) ?? 0) - 1;
      waiting.set(reader.name, left);
      if (left === 0) ordered.push(reader);
    }
  }
  // From whoever waits, back along what it waits for, one comes onto the circle.
  const seen = new Set<TensorFlowNode>();
  let stuck = needed.find(({ name }) => (waiting.get(name) ?? 0) > 0);
  if (!stuck) return ordered;
  while (!seen.has(stuck)) {
    seen.add(stuck);
    const before: string | undefined = stuck.inputs.find(({ node }) => (waiting.get(node) ?? 0) > 0)?.node;
    stuck = nodes.get(before ?? '') ?? stuck;
  }
  throw new Failure('broken-file', `${file}: node ${stuck.name} (${stuck.op}) reads what is made of its own output, where an order was expected in which`
    + ' every node comes behind those that it reads. Convert the model again.');
}

function neededBy(file: string, nodes: ReadonlyMap<string, TensorFlowNode>, ends: readonly string[]): readonly TensorFlowNode[] {
  const queue = [...new Set(ends)];
  const seen = new Set(queue);
  const needed: TensorFlowNode[] = [];
  for (const name of queue) {
    const node = nodes.get(name);
    if (!node) throw new Failure('broken-file', `${file}: an output is made by node ${name}, which the graph does not have. Convert the model again.`);
    needed.push(node);
    for (const input of node.inputs) {
      if (seen.has(input.node)) continue;
      if (!nodes.has(input.node)) {
        throw new Failure('broken-file', `${file}: node ${name} (${node.op}) reads ${input.node}, where the name of a node of the graph was expected.`
          + ' Convert the model again.');
      }
      seen.add(input.node);
      queue.push(input.node);
    }
  }
  return needed;
}
