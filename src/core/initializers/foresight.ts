// A recommendation follows the signal through the graph: what is advised for a layer answers what those before it, as advised, will hand to it.

import { elementCount } from '../graph/dtype';
import type { Graph } from '../graph/graph';
import { indexGraph } from '../graph/order';
import type { Layer } from '../layers/layer';
import { activationValue } from '../layers/layer';
import { openedShapes } from '../layers/openedShapes';
import { predictSignals } from '../theory/predict';
import type { Signal, TensorMoments } from '../theory/signal';
import type { Arrival } from './arrivals';
import { setArrivals } from './arrivals';
import { drawnMoments } from './drawnSums';
import { withDrawnParts } from './drawnParts';
import { originOf } from './origins';
import { recommend } from './recommendation';

/** Layers whose kernels are advised by what arrives at them; worked out, once, when the first of them is asked. */
export function foresee(graph: Graph, layers: readonly Layer[]): readonly Layer[] {
  const signals = new Map<string, Signal>();
  let isAsked = false;
  setArrivals(layers, (layer) => {
    if (!isAsked) {
      // Set before, since whatever is advised on the way asks again, and finds what is known so far.
      isAsked = true;
      follow(graph, layers, signals);
    }
    return arrivalOf(graph, layers, layer, signals);
  });
  return layers;
}

function follow(graph: Graph, layers: readonly Layer[], signals: Map<string, Signal>): void {
  const index = indexGraph(graph);
  const shapes = openedShapes(index);
  const weights = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, { layer, weight }] as const)).toReversed());
  const momentsOf = (id: string): TensorMoments | null => {
    const place = weights.get(id);
    const advice = place && recommend(place.layer, place.weight);
    if (!advice) return null;
    const blocks = advice.blocks.map(({ resolved: { sampler }, slices }) => (slices ? { sampler, slices } : { sampler }));
    return withDrawnParts(drawnMoments(blocks, place.weight.tensor.shape), blocks, place.weight.parts);
  };
  // As it is trained: dropout drops.
  predictSignals(index, layers, { momentsOf, shapeOf: (value) => shapes.get(value) ?? null, mode: { drops: true } }, signals);
}

function arrivalOf(graph: Graph, layers: readonly Layer[], layer: Layer, signals: ReadonlyMap<string, Signal>): Arrival | null {
  const value = layer.scope === '' ? layer.node.inputs.find((input) => signals.has(input)) : undefined;
  const second = value === undefined ? undefined : signals.get(value)?.second;
  if (value === undefined || second === undefined || !(second > 0) || !Number.isFinite(second)) return null;
  const index = indexGraph(graph);
  const shapes = openedShapes(index);
  const [made, bent] = [layer.preactivation, activationValue(layer)].map((each) => shapes.get(each)).map((shape) => shape && elementCount(shape));
  const isSplit = made !== undefined && bent !== undefined && bent < made;
  return { second, from: originOf(index, layers, value), isSplit };
}
