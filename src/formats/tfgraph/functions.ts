// Calls of functions that a graph brings with it (tensorflow/core/framework/function.proto), with the nodes of the function in their place.

import { Failure } from '../../protocol/failure';
import type { JsonView } from '../json/view';
import type { Reference, TensorFlowNode } from './graphDef';
import { mostNodes, readNodes, readReference } from './graphDef';

const calls = new Set(['PartitionedCall', 'StatefulPartitionedCall']);
/** Functions that are called inside functions this deep call themselves. */
const deepest = 32;

interface Definition {
  readonly inputs: readonly string[];
  readonly nodes: readonly TensorFlowNode[];
  readonly results: readonly Reference[];
}

/** Of operators whose outputs have several names, these names in order (their registrations in tensorflow/core/ops). */
const ports: Readonly<Record<string, readonly string[]>> = {
  TopKV2: ['values', 'indices'], FusedBatchNorm: ['y', 'batch_mean', 'batch_variance'], FusedBatchNormV2: ['y', 'batch_mean', 'batch_variance'],
  FusedBatchNormV3: ['y', 'batch_mean', 'batch_variance'], Switch: ['output_false', 'output_true'], Unique: ['y', 'idx'],
  MaxPoolWithArgmax: ['output', 'argmax'],
};

/** By the number of the output: 'indices' is the second of TopKV2. */
const numbered = ({ node, port, index }: Reference, op: string | undefined): Reference => (
  { node, port: null, index: index + Math.max(0, ports[op ?? '']?.indexOf(port ?? '') ?? 0) });

interface Inlined {
  readonly nodes: readonly TensorFlowNode[];
  /** What makes an output that a call has in the graph as it is written. */
  readonly resolve: (reference: Reference) => Reference;
}

export function inlineCalls(file: string, nodes: readonly TensorFlowNode[], library: JsonView | null): Inlined {
  if (!library || !nodes.some(({ op }) => calls.has(op))) return { nodes, resolve: (reference) => reference };
  const definitions = new Map((library.find('function')?.items() ?? []).map((each) => [each.get('signature').get('name').text(), each] as const));
  const read = new Map<string, Definition>();
  const flat: TensorFlowNode[] = [];
  /** What stands for an output of a call, or for an input of a function. */
  const aliases = new Map<string, Reference>();
  const queue = nodes.map((node) => ({ node, depth: 0 }));
  for (const { node, depth } of queue) {
    const name = calls.has(node.op) ? node.attributes.find('f')?.get('func').get('name').text() : undefined;
    const written = name === undefined ? undefined : definitions.get(name);
    if (name === undefined || !written) {
      flat.push(node);
      continue;
    }
    const definition = read.get(name) ?? readDefinition(written);
    read.set(name, definition);
    if (depth >= deepest || queue.length + definition.nodes.length > mostNodes) {
      const what = `functions are nested more than ${deepest} deep, or make more than ${mostNodes} nodes`;
      throw new Failure('unsupported', `${file}: node ${node.name} (${node.op}) calls ${name}, with which ${what}. Convert it with its functions in place.`);
    }
    const inside = (each: Reference): Reference => ({ ...each, node: `${node.name}/${each.node}` });
    definition.inputs.forEach((input, i) => {
      const given = node.inputs[i];
      if (given) aliases.set(`${node.name}/${input}:0`, given);
    });
    definition.results.forEach((result, i) => aliases.set(`${node.name}:${i}`, inside(result)));
    for (const each of definition.nodes) {
      queue.push({ node: { ...each, name: `${node.name}/${each.name}`, inputs: each.inputs.map(inside) }, depth: depth + 1 });
    }
  }
  const resolve = (reference: Reference): Reference => followed(aliases, reference);
  return { nodes: flat.map((node) => ({ ...node, inputs: node.inputs.map(resolve) })), resolve };
}

/** What stands behind all calls. */
function followed(aliases: ReadonlyMap<string, Reference>, from: Reference): Reference {
  let reference = from;
  for (let step = 0; step <= aliases.size; step++) {
    const next = aliases.get(`${reference.node}:${reference.index}`);
    if (!next) return reference;
    reference = next;
  }
  return reference;
}

function readDefinition(view: JsonView): Definition {
  const signature = view.get('signature');
  const namesOf = (list: string): readonly string[] => (signature.find(list)?.items() ?? []).map((each) => each.get('name').text());
  const body = view.find('nodeDef');
  const nodes = body ? readNodes(body) : [];
  const ops = new Map(nodes.map(({ name, op }) => [name, op] as const));
  const own = (reference: Reference): Reference => numbered(reference, ops.get(reference.node));
  const results = namesOf('outputArg').map((name) => own(readReference(view.get('ret').get(name))));
  return { inputs: namesOf('inputArg'), nodes: nodes.map((node) => ({ ...node, inputs: node.inputs.map(own) })), results };
}
