import { elementCount } from '../graph/dtype';
import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { findRecurrences } from '../graph/recurrence';
import { carriedBy } from './cells';
import type { Layer, LayerWeight } from './layer';
import { activationValue } from './layer';

/** The steps of a recurrence that is written out are one layer, where they have one kernel. */
export function withStepsTogether(index: GraphIndex, layers: readonly Layer[]): readonly Layer[] {
  const byNode = new Map(layers.map((layer) => [layer.node, layer]));
  const byOutput = new Map(layers.toReversed().map((layer) => [layer.preactivation, layer]));
  const gone = new Set<Node>();
  const together = new Map<Node, Layer>();
  for (const chain of findRecurrences(index)) {
    const [first, ...others] = chain.flatMap(({ product }) => byNode.get(product) ?? []);
    const kernel = first?.weights.find(({ role }) => role === 'kernel');
    if (!first || !kernel || !others.every(({ weights }) => weights.some(({ id }) => id === kernel.id))) continue;
    for (const { node } of others) gone.add(node);
    const reading = byOutput.get(chain[0]?.sequence ?? '');
    if (reading) together.set(reading.node, { ...reading, steps: [] });
    together.set(first.node, {
      ...first, detail: `${chain.length} steps`, weights: first.weights.map((weight) => (weight === kernel ? asRecurrent(weight) : weight)),
      steps: others.map((layer) => ({ preactivation: layer.preactivation, activation: activationValue(layer) })),
    });
  }
  return gone.size === 0 ? layers : layers.flatMap((layer) => (gone.has(layer.node) ? [] : [together.get(layer.node) ?? layer]));
}

const moving = new Set(['Identity', 'Cast', 'Squeeze', 'Unsqueeze', 'Reshape', 'Flatten']);

/** In the body of a loop, a square kernel that is multiplied with what the loop carries is a recurrent one. */
export function withCarriedStates(index: GraphIndex, layers: readonly Layer[]): readonly Layer[] {
  const { producer } = index;
  const states = new Set(carriedBy(index));
  if (states.size === 0) return layers;
  const isState = (value: string, steps = 0): boolean => {
    const before = producer.get(value);
    return states.has(value) || (before !== undefined && moving.has(before.op) && steps < states.size && isState(before.inputs[0] ?? '', steps + 1));
  };
  return layers.map((layer) => {
    const isSquare = ({ role, tensor: { shape } }: LayerWeight): boolean => role === 'kernel' && shape.length === 2 && shape[0] === shape[1];
    if (layer.scope !== index.scope || !layer.weights.some(isSquare) || !isState(layer.node.inputs[0] ?? '')) return layer;
    return { ...layer, weights: layer.weights.map((weight) => (isSquare(weight) ? asRecurrent(weight) : weight)) };
  });
}

function asRecurrent(weight: LayerWeight): LayerWeight {
  const { fans, tensor: { shape } } = weight;
  const [rows = 1] = shape;
  return { ...weight, role: 'recurrent', parts: fans ? [{ name: 'state', fans, slices: [], rows, columns: elementCount(shape) / rows }] : [] };
}
