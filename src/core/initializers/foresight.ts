// A recommendation follows the signal through the graph: what is advised for a layer answers what those before it, as advised, will hand to it.

import { elementCount, isFloat } from '../graph/dtype';
import type { Graph } from '../graph/graph';
import { indexGraph } from '../graph/order';
import type { Layer } from '../layers/layer';
import { activationValue } from '../layers/layer';
import { openedShapes } from '../layers/openedShapes';
import type { Assumed } from '../theory/predict';
import { predictSignals } from '../theory/predict';
import type { Signal } from '../theory/signal';
import { standardNormal } from '../theory/signal';
import { recipeBlocks } from './advice';
import { setArrivals } from './arrivals';
import { momentsDrawn } from './drawnParts';
import { originOf } from './origins';
import { recommend } from './recommendation';

/**
 * Of an input with places, what two of them have in common: between noise, 0, and flat images, 1. Where places are averaged it decides how much is left,
 * and nobody standardises it away.
 */
const inCommon = 1 / 4;

/** Layers whose kernels are advised by what arrives at them; worked out, once, when the first of them is asked. */
export function foresee(graph: Graph, layers: readonly Layer[]): readonly Layer[] {
  const hasPlaces = graph.inputs.some(({ dtype, shape }) => isFloat(dtype) && (shape?.length ?? 0) > 2);
  const ofData = once(graph, layers, { inputs: hasPlaces ? { ...standardNormal, local: inCommon } : standardNormal, mode: { drops: true } });
  const ofNoise = once(graph, layers, {});
  setArrivals(layers, {
    ofData: (layer) => {
      const { value, second } = arriving(layer, ofData());
      if (value === null || second === null || isOfSteps(graph, value)) return null;
      return { second, from: originOf(indexGraph(graph), layers, value), isSplit: isSplit(graph, layer) };
    },
    ofNoise: (layer) => arriving(layer, ofNoise()).second,
  });
  return layers;
}

const stepping = new Set(['LSTM', 'GRU', 'RNN', 'Scan', 'Loop']);

/** What steps leave behind is far from what a unit has that is read at once, and formats write it with other operators. */
function isOfSteps(graph: Graph, of: string): boolean {
  const { producer } = indexGraph(graph);
  let node = producer.get(of);
  for (let i = 0; i < 8 && node && !stepping.has(node.op); i++) node = producer.get(node.inputs[0] ?? '');
  return node !== undefined && stepping.has(node.op);
}

function arriving(layer: Layer, signals: ReadonlyMap<string, Signal>): { readonly value: string | null; readonly second: number | null } {
  const value = layer.scope === '' ? layer.node.inputs.find((input) => signals.has(input)) ?? null : null;
  const second = value === null ? 0 : signals.get(value)?.second ?? 0;
  return { value, second: second > 0 && Number.isFinite(second) ? second : null };
}

/** What is advised on the way asks again, and finds what is known so far. */
function once(graph: Graph, layers: readonly Layer[], assumed: Pick<Assumed, 'inputs' | 'mode'>): () => ReadonlyMap<string, Signal> {
  const signals = new Map<string, Signal>();
  let isAsked = false;
  return () => {
    if (isAsked) return signals;
    isAsked = true;
    const index = indexGraph(graph);
    const shapes = openedShapes(index);
    predictSignals(index, layers, { ...assumed, momentsOf: recommendedMoments(layers), shapeOf: (value) => shapes.get(value) ?? null }, signals);
    return signals;
  };
}

function recommendedMoments(layers: readonly Layer[]): Assumed['momentsOf'] {
  const weights = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, { layer, weight }] as const)).toReversed());
  return (id) => {
    const place = weights.get(id);
    const advice = place && recommend(place.layer, place.weight);
    return advice ? momentsDrawn(place.weight, recipeBlocks(advice.blocks)) : null;
  };
}

function isSplit(graph: Graph, layer: Layer): boolean {
  const shapes = openedShapes(indexGraph(graph));
  const [made, bent] = [layer.preactivation, activationValue(layer)].map((each) => shapes.get(each)).map((shape) => shape && elementCount(shape));
  return made !== undefined && bent !== undefined && bent < made;
}
