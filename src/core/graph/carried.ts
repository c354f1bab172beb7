import type { Graph, Node } from './graph';
import { intAttribute, mapNodes, withBodies } from './graph';
import { renameNode } from './inline';
import { definedBy } from './order';

/**
 * Values that every step of a loop hands on as it got them are what they were before it: frameworks whose loops know no outer values (tf.while_loop,
 * lax.scan) carry weights so. Their bodies read the outer value itself here, so that a weight inside is seen to be stored.
 */
export function captureCarried(graph: Graph): Graph {
  return mapNodes(graph, (node) => captureIn(withBodies(node, captureCarried)));
}

function captureIn(node: Node): Node {
  return withBodies(node, (body) => {
    const outer = new Map(handedOn(node, body).map(({ inside, position }) => [inside, node.inputs[position] ?? ''] as const));
    if (outer.size === 0) return body;
    // What hands the value on goes on doing so.
    const nodes = body.nodes.map((each) => (each.op === 'Identity' ? each : renameNode(each, (value) => outer.get(value) ?? value)));
    return { ...body, nodes };
  });
}

/** Inputs of a node that its body hands on as it got them, with the name that each has inside. */
export function handedOn(node: Node, body: Graph): readonly { readonly position: number; readonly inside: string }[] {
  // Inputs of a Loop are its number of steps, its condition, and what it carries, and those of its body a counter, the condition, and that.
  const before = node.op === 'Loop' ? { inputs: 2, outputs: 1 } : node.op === 'Scan' ? { inputs: 0, outputs: 0 } : null;
  if (!before || node.domain !== '') return [];
  const carried = node.op === 'Loop' ? node.inputs.length - 2 : Math.max(0, body.inputs.length - intAttribute(node, 'num_scan_inputs', 0));
  const own = definedBy(body);
  return Array.from({ length: Math.max(0, carried) }, (_, i) => ({ position: before.inputs + i, made: body.outputs[before.outputs + i]?.name }))
    .flatMap(({ position, made = '' }) => {
      const [given = '', inside = ''] = [node.inputs[position], body.inputs[position]?.name];
      return given !== '' && inside !== '' && !own.has(given) && sourceOf(body, made) === inside ? [{ position, inside }] : [];
    });
}

/** The value that another is by way of nothing but identities. */
function sourceOf(graph: Graph, value: string): string {
  const copies = new Map(graph.nodes.flatMap((node) => (node.op === 'Identity' ? [[node.outputs[0] ?? '', node.inputs[0] ?? ''] as const] : [])));
  const seen = new Set([value]);
  for (const name of seen) {
    const before = copies.get(name);
    if (before === undefined) return name;
    seen.add(before);
  }
  return value;
}
