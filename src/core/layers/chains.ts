// Layers that follow on one another with the same activation and nothing between them that sets a scale: what one does wrong, the next multiplies.

import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { Chain, Layer } from './layer';
import { activationValue, isStepped } from './layer';
import { storedSource } from './source';

/** Operators that hand a signal on with the scale it has, or nearly so. */
const passing = new Set(['Identity', 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Cast', 'Dropout', 'MaxPool', 'AveragePool', 'Pad', 'Slice']);
/** A signal is followed back through at most this many. */
const farthest = 16;

/** The layers of a graph, those in a chain told how long that is and what they read. */
export function withChains(index: GraphIndex, layers: readonly Layer[]): readonly Layer[] {
  const links = layers.filter((layer) => layer.scope === index.scope && isLink(layer));
  if (links.length < 2) return layers;
  const byValue = new Map(links.map((layer) => [activationValue(layer), layer]));
  const before = new Map(layers.flatMap((layer) => {
    const previous = layer.scope === index.scope && isKernelOf(layer) ? linkBehind(index, layer, byValue) : null;
    return previous ? [[layer, previous] as const] : [];
  }));
  const depths = depthsOf(links, before);
  const chains = new Map(layers.flatMap((layer): readonly (readonly [Node, Chain])[] => {
    const [depth, previous] = [depths.get(layer), before.get(layer)];
    if (depth === undefined && !previous) return [];
    const reads = previous?.activation ? { activation: previous.activation, depth: depths.get(previous) ?? 1 } : null;
    return [[layer.node, { depth: depth ?? 0, reads }]];
  }));
  return layers.map((layer) => {
    const chain = chains.get(layer.node);
    return chain ? { ...layer, chain } : layer;
  });
}

/** Whether what a layer reads are sigmoids of another, whose mean is not 0. */
export const readsSigmoid = ({ chain }: Layer): boolean => chain?.reads?.activation.name === 'Sigmoid';

/** Of each link, how many there are from the first to the last of the longest way through it; in the order of the graph what a layer reads comes first. */
function depthsOf(links: readonly Layer[], before: ReadonlyMap<Layer, Layer>): ReadonlyMap<Layer, number> {
  const [above, below] = [new Map<Layer, number>(), new Map<Layer, number>()];
  const sameBefore = (layer: Layer): Layer | null => {
    const previous = before.get(layer);
    return previous && previous.activation?.name === layer.activation?.name ? previous : null;
  };
  for (const layer of links) {
    const previous = sameBefore(layer);
    above.set(layer, 1 + (previous ? above.get(previous) ?? 0 : 0));
  }
  for (const layer of links.toReversed()) {
    const previous = sameBefore(layer);
    if (previous) below.set(previous, Math.max(below.get(previous) ?? 0, 1 + (below.get(layer) ?? 0)));
  }
  return new Map(links.map((layer) => [layer, (above.get(layer) ?? 0) + (below.get(layer) ?? 0)]));
}

const isKernelOf = ({ weights }: Layer): boolean => weights.some(({ role, fans }) => role === 'kernel' && fans !== null);

function isLink(layer: Layer): boolean {
  const { activation, normalization, residual, branch, parallel = 1, feedsProduct } = layer;
  return activation?.scalar != null && normalization === null && residual === null && branch === null && parallel === 1 && !feedsProduct && !isStepped(layer)
    && isKernelOf(layer);
}

function linkBehind(index: GraphIndex, { node }: Layer, byValue: ReadonlyMap<string, Layer>): Layer | null {
  const computed = node.inputs.filter((input) => input !== '' && !storedSource(index, input));
  let [value] = computed;
  if (computed.length !== 1) return null;
  for (let step = 0; step < farthest && value !== undefined; step++) {
    const found = byValue.get(value);
    if (found) return found;
    const made = index.producer.get(value);
    if (made?.domain !== '' || !passing.has(made.op)) return null;
    value = made.inputs[0];
  }
  return null;
}
