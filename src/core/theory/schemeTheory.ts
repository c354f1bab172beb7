// What theory says of the layers of a network under a scheme, in the words of a simulation: moments that are predicted, and what tells causes apart.

import type { LayerResponse, LayerTheory, LossKind, SchemeTheory, TheoryMoments } from '../../protocol/simulation';
import type { SimulatedScheme } from '../../protocol/schemes';
import { elementCount } from '../graph/dtype';
import type { GraphIndex } from '../graph/order';
import type { Join } from '../layers/joins';
import type { Layer, LayerWeight } from '../layers/layer';
import { activationValue } from '../layers/layer';
import type { Activation } from '../ops/spec';
import type { Assumed } from './predict';
import { joinTheory } from './joinTheory';
import { layerResponses } from './layerResponses';
import { predict } from './predict';
import type { Mode } from './rule';
import { sameFunction } from './sameFunction';
import { shutShare } from './shut';
import type { Signal, TensorMoments } from './signal';
import { cosineOf, varianceOf } from './signal';

export interface TheorySource {
  readonly index: GraphIndex;
  readonly layers: readonly Layer[];
  readonly scheme: SimulatedScheme;
  /** Of the weights under the scheme, and under what is recommended. */
  readonly momentsOf: Assumed['momentsOf'];
  readonly recommendedOf: Assumed['momentsOf'];
  readonly shapeOf: Assumed['shapeOf'];
  readonly inputs?: Signal;
  readonly mode?: Mode;
  readonly loss?: LossKind;
  /** Without it only the weights are compared: theory is of inputs, gradients and targets whose law is known. */
  readonly isPredictable: boolean;
  /** Whether to say what gradients weights get. */
  readonly withWeights?: boolean;
  /** Where residual branches are added: what to say of the channels there. */
  readonly joins?: readonly Join[];
  /** Of which layers to say what a stack of such would do. */
  readonly withResponses?: (layer: Layer) => boolean;
}

export const schemeTheory = (source: TheorySource): SchemeTheory => foretell(source).theory;

export interface Foretold {
  readonly theory: SchemeTheory;
  /** What a stack of layers like that one would do; null where nothing is known. */
  readonly responseOf: (layer: Layer) => LayerResponse | null;
}

/** With what more can be asked of one layer, without following the whole network again. */
export function foretell({ momentsOf: asked, ...source }: TheorySource): Foretold {
  const { index, layers, scheme, recommendedOf, shapeOf, inputs, isPredictable, withResponses } = source;
  const { withWeights = false, joins = [], mode = {}, loss = 'noise' } = source;
  const momentsOf = remembered(asked);
  const prediction = isPredictable ? predict(index, layers, { momentsOf, shapeOf, mode, loss, ...(inputs ? { inputs } : {}) }) : null;
  const ofWeights = withWeights ? prediction?.weightGradients() : undefined;
  const respond = (isAsked: (layer: Layer) => boolean): ReadonlyMap<Layer, LayerResponse> | null => (
    prediction && layerResponses({ layers, momentsOf, shapeOf }, prediction, activationBehind, isAsked));
  const responses = withResponses ? respond(withResponses) : null;
  const ofLayer = (layer: Layer): LayerTheory => {
    const response = responses?.get(layer);
    const preactivation = prediction?.signals.get(layer.preactivation);
    const gradients = prediction?.gradients;
    const [activation, behind] = [activationBehind(layer, shapeOf), prediction?.signals.get(activationValue(layer))];
    const steepest = activation && steepestOf(activation);
    const throughTime = prediction?.throughTime(layer.node);
    return {
      name: layer.name,
      preactivation: describe(preactivation),
      activation: describe(behind),
      gradient: {
        preactivation: gradients?.get(layer.preactivation)?.second ?? null, activation: gradients?.get(activationValue(layer))?.second ?? null,
        weight: ofWeights?.(layer) ?? null,
      },
      inBranch: layer.branch !== null,
      scale: scaleOf(layer, momentsOf, recommendedOf),
      steepest,
      shut: preactivation && activation ? shutShare(activation, preactivation, steepest, behind) : null,
      ...(response ? { response } : {}),
      ...(throughTime ? { throughTime } : {}),
    };
  };
  const unpredicted = (prediction?.unpredicted ?? []).map(({ node: { name, op }, why }) => ({ node: name, op, reason: why }));
  return {
    theory: {
      scheme, layers: layers.map(ofLayer), unpredicted,
      ...(prediction && joins.length > 0 ? { joins: joins.map((join) => joinTheory(join, prediction.signals, shapeOf)) } : {}),
    },
    responseOf: (layer) => respond((each) => each === layer)?.get(layer) ?? null,
  };
}

/** Each tensor is asked for by several operators, and by its layer. */
export function remembered(momentsOf: Assumed['momentsOf']): Assumed['momentsOf'] {
  const known = new Map<string, TensorMoments | null>();
  return (id) => {
    let found = known.get(id);
    if (found === undefined) known.set(id, found = momentsOf(id));
    return found;
  };
}

/** The function that a layer's own output goes into, where neither a norm nor a pooling comes between. */
function activationBehind(layer: Layer, shapeOf: Assumed['shapeOf']): Activation | null {
  const [before, behind] = [layer.preactivation, activationValue(layer)].map((value) => shapeOf(value));
  const isPooled = before && behind && elementCount(before) !== elementCount(behind);
  return layer.normalization !== null || isPooled ? null : layer.activation?.scalar ?? null;
}

const describe = (signal: Signal | undefined): TheoryMoments | null => (
  signal ? { mean: signal.mean, variance: varianceOf(signal), cosine: cosineOf(signal, signal.common) } : null);

/** What is the same whatever the scale behind it, as a normalised kernel is, is never off. */
const isKernel = ({ role, frozen, computed }: LayerWeight): boolean => role === 'kernel' && frozen === null && computed?.power !== 0;

function scaleOf({ weights }: Layer, momentsOf: Assumed['momentsOf'], recommendedOf: Assumed['momentsOf']): number | null {
  const kernel = weights.find(isKernel);
  const [is, should] = [kernel && momentsOf(kernel.id), kernel && recommendedOf(kernel.id)].map((moments) => (moments ? spread(moments) : null));
  return is == null || !should ? null : is / should;
}

const spread = (moments: TensorMoments): number => Math.sqrt(varianceOf(moments));

/** Points between which activations have all that happens to their slope. */
const [widest, finest] = [8, 1 / 64];
const known = new WeakMap<Activation, number | null>();

/** Largest |f′|; null of a function that is steeper at the ends than in between. */
function steepestOf(of: Activation): number | null {
  const activation = sameFunction(of);
  const found = known.get(activation);
  if (found !== undefined) return found;
  let steepest = 0;
  for (let x = -widest; x <= widest; x += finest) steepest = Math.max(steepest, Math.abs(activation.df(x)));
  const ends = Math.max(Math.abs(activation.df(-2 * widest)), Math.abs(activation.df(2 * widest)));
  const result = Number.isFinite(steepest) && steepest > 0 && ends <= steepest * (1 + 1e-6) ? steepest : null;
  known.set(activation, result);
  return result;
}
