// What theory says of the runs of a scheme, from the moments of its weights and the shapes that the network was run with.

import { indexGraph } from '../../core/graph/order';
import type { Layer } from '../../core/layers/layer';
import { activationValue } from '../../core/layers/layer';
import { predict } from '../../core/theory/predict';
import type { Signal } from '../../core/theory/signal';
import { cosineOf, varianceOf } from '../../core/theory/signal';
import type { SimulationRequest } from '../../protocol/engine';
import type { SimulatedScheme } from '../../protocol/schemes';
import type { LayerTheory, SchemeTheory, SimulationOptions, TheoryMoments } from '../../protocol/simulation';
import type { OpenedModel } from '../../formats/openModel';
import type { WeightStore } from '../feeding/weights';

/** Theory is of gradients that are noise, of norms in training, without dropout, and of inputs whose law is known. */
export function isPredictable({ options: { loss, batchNorm, dropout }, files: { input, cotangent } }: SimulationRequest): boolean {
  return loss === 'noise' && batchNorm === 'training' && !dropout && input === undefined && cotangent === undefined;
}

export function predictScheme(
  { graph, layers }: OpenedModel, store: WeightStore, scheme: SimulatedScheme, shapes: ReadonlyMap<string, readonly number[]>, { input }: SimulationOptions,
): SchemeTheory {
  const inputs = input ? { mean: input.mean, second: input.mean ** 2 + input.variance, common: input.mean ** 2, local: input.mean ** 2 } : undefined;
  const { signals, gradients, unpredicted } = predict(indexGraph(graph), layers, {
    momentsOf: store.momentsUnder(scheme), shapeOf: (value) => shapes.get(value) ?? null, ...(inputs ? { inputs } : {}),
  });
  const ofLayer = (layer: Layer): LayerTheory => ({
    name: layer.name,
    preactivation: momentsOf(signals.get(layer.preactivation)),
    activation: momentsOf(signals.get(activationValue(layer))),
    gradient: {
      preactivation: gradients.get(layer.preactivation)?.second ?? null, activation: gradients.get(activationValue(layer))?.second ?? null,
    },
  });
  return {
    scheme, layers: layers.map(ofLayer),
    unpredicted: unpredicted.map(({ node: { name, op }, why }) => ({ node: name, op, reason: why })),
  };
}

const momentsOf = (signal: Signal | undefined): TheoryMoments | null => (
  signal ? { mean: signal.mean, variance: varianceOf(signal), cosine: cosineOf(signal, signal.common) } : null);
