// The numbers of deep stacks for the layers of a network, from what is predicted of it.

import type { LayerResponse } from '../../protocol/simulation';
import type { Layer } from '../layers/layer';
import { activationValue } from '../layers/layer';
import type { Activation } from '../ops/spec';
import type { Assumed, Prediction } from './predict';
import { responseOf, spreadBehind } from './response';
import { nothing, varianceOf } from './signal';

interface Network {
  readonly layers: readonly Layer[];
  readonly momentsOf: Assumed['momentsOf'];
  readonly shapeOf: Assumed['shapeOf'];
}

type FunctionOf = (layer: Layer, shapeOf: Assumed['shapeOf']) => Activation | null;

/** Of those that are asked for. */
export function layerResponses(
  { layers, momentsOf, shapeOf }: Network, prediction: Prediction, functionOf: FunctionOf, isAsked: (layer: Layer) => boolean,
): ReadonlyMap<Layer, LayerResponse> {
  const byValue = new Map(layers.map((layer) => [activationValue(layer), layer]));
  const variances = new Map<Layer, number | null>();
  const gradientOf = (layer: Layer): number | null => prediction.gradients.get(layer.preactivation)?.second ?? null;
  const first = layers.map(gradientOf).find((gradient) => gradient !== null) ?? null;
  return new Map(layers.flatMap((layer): readonly (readonly [Layer, LayerResponse])[] => {
    variances.set(layer, spreadOf(layer, byValue.get(layer.reads), variances, prediction, momentsOf, (each) => functionOf(each, shapeOf)));
    if (!isAsked(layer)) return [];
    const [activation, preactivation] = [functionOf(layer, shapeOf), prediction.signals.get(layer.preactivation)];
    const kernel = layer.weights.find(({ role, fans, computed }) => role === 'kernel' && fans !== null && !computed);
    const moments = kernel && momentsOf(kernel.id);
    if (!activation || !preactivation || !kernel?.fans || !moments || varianceOf(preactivation) === 0) return [];
    const biases = biasVariance(layer, momentsOf);
    const [gradient, variance, units] = [gradientOf(layer), variances.get(layer) ?? null, unitsOf(layer)];
    return [[layer, {
      ...responseOf({ activation, preactivation, weights: kernel.fans.fanIn * moments.second, biases }),
      toInput: gradient && first !== null ? first / gradient : null, toOutput: gradient,
      // Its own units are a sample, too: of normal ones a variance over n is told to 2 / n.
      spread: variance === null || units === undefined ? null : Math.sqrt(variance + 2 / units),
    }]];
  }));
}

/** Of ln K: that of the layer before it, passed on, and what a finite number of its units adds; the first has that of its own kernel alone. */
function spreadOf(
  layer: Layer, before: Layer | undefined, variances: ReadonlyMap<Layer, number | null>, { signals }: Prediction, momentsOf: Assumed['momentsOf'],
  functionOf: (layer: Layer) => Activation | null,
): number | null {
  if (layer.op !== 'Gemm' && layer.op !== 'MatMul') return null;
  if (!before) return 0;
  const [passed, activation, signal, width] = [variances.get(before), functionOf(before), signals.get(before.preactivation), unitsOf(before)];
  const own = signals.get(layer.preactivation);
  if (passed === undefined || passed === null || !activation || !signal || !own || width === undefined) return null;
  const biases = biasVariance(layer, momentsOf);
  return spreadBehind(passed, activation, signal, width, 1 - Math.min(1, biases / varianceOf(own)));
}

const unitsOf = ({ weights }: Layer): number | undefined => weights.find(({ role }) => role === 'kernel')?.fans?.fanOut;

function biasVariance({ weights }: Layer, momentsOf: Assumed['momentsOf']): number {
  const bias = weights.find(({ role }) => role === 'bias');
  return varianceOf((bias && momentsOf(bias.id)) ?? nothing);
}
