import type { ValueFacts } from '../../core/autodiff/valueFacts';
import { GraphBuilder } from '../../core/graph/builder';
import type { Graph, Node } from '../../core/graph/graph';
import type { Draw, Feed } from './draw';
import { noise } from './inputs';
import type { Value } from '../runtime';

/** A network with dropout on, whatever else is known of it. */
export interface Dropping<Network> {
  readonly forward: Network;
  readonly facts: ValueFacts;
  readonly masks: readonly Feed[];
}

/**
 * Turns dropout on: y = x · mask, each element of the mask 0 with the probability `ratio`, else 1 / (1 − ratio) (ONNX, Dropout-13). Masks
 * are fed, since those of ONNX Runtime would be others at every run. `scalar` reads a stored ratio.
 */
export function turnOnDropout<Network extends { readonly graph: Graph }>(
  forward: Network, facts: ValueFacts, scalar: (name: string) => number,
): Dropping<Network> {
  const shapes = new Map(facts.shapes);
  const types = new Map(facts.types);
  const masks: Feed[] = [];
  const fed: string[] = [];
  const nodes = forward.graph.nodes.map((node): Node => {
    const [x = '', ratioName = ''] = node.inputs;
    const shape = facts.shapes.get(x);
    if (node.op !== 'Dropout' || node.outputs.length > 1 || !shape) return node;
    const ratio = ratioName === '' ? 0.5 : scalar(ratioName);
    if (!(ratio > 0 && ratio < 1)) return node;
    const mask = `${node.name}/mask`;
    const create = (draw: Draw): Value => (
      { dtype: 'float32', shape, data: noise(`dropout:${node.name}`, draw, shape, 'uniform').map((u) => (u < ratio ? 0 : 1 / (1 - ratio))) });
    masks.push({ input: mask, create });
    fed.push(mask);
    shapes.set(mask, shape);
    types.set(mask, 'float32');
    return { ...node, op: 'Mul', inputs: [x, mask], attributes: {} };
  });
  const builder = new GraphBuilder({ ...forward.graph, nodes });
  for (const mask of fed) builder.feed(mask, { name: mask, dtype: 'float32', shape: shapes.get(mask) ?? [] });
  return { forward: { ...forward, graph: builder.build() }, facts: { ...facts, shapes, types }, masks };
}
