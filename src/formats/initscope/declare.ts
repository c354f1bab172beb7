// Gives every weight of a network the law that it is drawn by: schemes as written, resolved by the fans of the operators that read the weights.

import type { Graph } from '../../core/graph/graph';
import type { Declaration, Tensor } from '../../core/graph/tensor';
import { recipeBlocks } from '../../core/initializers/advice';
import { sumsOf } from '../../core/initializers/drawnSums';
import { foresee } from '../../core/initializers/foresight';
import { networkOf } from '../../core/initializers/network';
import { gateBiasAdvice } from '../../core/initializers/recurrentAdvice';
import type { Drawn, Place } from '../../core/initializers/scheme';
import { schemeOf } from '../../core/initializers/schemes';
import { detectLayers } from '../../core/layers/detect';
import type { Initializers, NamedScheme, Role } from './initializers';
import { isKernel, namedScheme, ownOf } from './initializers';
import type { LayerScope } from './scope';
import { refusal } from './written';

/** `mean` and `variance` are running statistics, which nobody initialises. */
export interface WrittenWeight {
  /** What its tensor is called: "block3/conv1/kernel". */
  readonly value: string;
  readonly role: Role | 'mean' | 'variance';
  readonly shape: readonly number[];
  /** What its layer says, and what stands around that, the nearest first. */
  readonly initializers: readonly Initializers[];
  /** The layer it is of. */
  readonly layer: Pick<LayerScope, 'path' | 'type' | 'view'>;
}

/** As the graph has it until its laws are known. */
function undrawn({ value, shape }: WrittenWeight): Tensor {
  return { id: value, dtype: 'float32', shape, storage: 'declared', place: null, values: null };
}

/**
 * Where nothing is said. Kernels as Keras (Glorot & Bengio 2010, eq. 16, by the operator's own fans); recurrent kernels orthogonal, gate by gate
 * (Saxe et al. 2014); tables of unit variance, as torch.nn.Embedding; positions as GPT (Radford et al. 2018, section 4.1); norms neutral
 * (Ioffe & Szegedy 2015); slopes as He et al. 2015, section 2.1.
 */
export const defaults: Readonly<Record<WrittenWeight['role'], NamedScheme>> = {
  kernel: namedScheme('xavier-uniform'), output: namedScheme('xavier-uniform'), recurrent: namedScheme('orthogonal'),
  bias: namedScheme('zeros'), embedding: namedScheme('normal', { std: 1 }),
  position: namedScheme('normal', { std: 0.02 }), gamma: namedScheme('ones'), beta: namedScheme('zeros'), slope: namedScheme('constant', { value: 0.25 }),
  mean: namedScheme('zeros'), variance: namedScheme('ones'),
};

/** Where weights are in the layers of their graph; one that no layer reads is nowhere. */
export function placesOf(graph: Graph, weights: readonly WrittenWeight[]): ReadonlyMap<string, Place> {
  const unset = weights.map((weight) => [weight.value, undrawn(weight)] as const);
  const undeclared = { ...graph, initializers: new Map([...graph.initializers, ...unset]) };
  const layers = foresee(undeclared, detectLayers(undeclared));
  const network = networkOf(layers);
  const places = new Map<string, Place>();
  for (const layer of layers) for (const weight of layer.weights) if (!places.has(weight.id)) places.set(weight.id, { layer, weight, network });
  return places;
}

/** The graph with laws for its weights. */
export function declareWeights(graph: Graph, weights: readonly WrittenWeight[], places: ReadonlyMap<string, Place>): Graph {
  const initializers = new Map(graph.initializers);
  const declared = new Map(weights.flatMap((weight): readonly (readonly [string, Declaration])[] => {
    const place = places.get(weight.value);
    return place ? [[weight.value, declarationOf(weight, place)]] : [];
  }));
  for (const weight of weights) {
    const own = declared.get(weight.value);
    const blocks = own && (sumsOf(own.blocks, (value) => declared.get(value)) ?? own.blocks);
    const start = own && blocks ? { declared: { ...own, blocks } } : { stripped: true, problem: unread } as const;
    initializers.set(weight.value, { ...undrawn(weight), ...start });
  }
  return { ...graph, initializers };
}

const unread = 'no layer reads it';

function declarationOf(weight: WrittenWeight, place: Place): Declaration {
  const { view, type } = weight.layer;
  const { fans } = place.weight;
  const { name, blocks, scheme } = lawOf(weight, place, weight.initializers);
  if (!blocks) throw refusal(scheme?.view ?? view, `says nothing of ${weight.value}`, `Choose another scheme for it than ${name}.`);
  return { name, blocks, at: { path: view.path, field: 'initializer', beside: type }, ...(fans ? { fans } : {}) };
}

/** How a weight starts by what is written; no blocks where the scheme for it has nothing to say of it. */
export interface Law {
  readonly name: string;
  readonly blocks: Declaration['blocks'] | null;
  readonly scheme: NamedScheme | null;
}

/** What these initializers, the nearest first, draw a weight by. */
export function lawOf({ role }: Pick<WrittenWeight, 'role'>, place: Place, initializers: readonly Initializers[]): Law {
  for (const { own, all } of initializers) {
    const named = role === 'mean' || role === 'variance' ? null : ownOf({ own }, role);
    if (named) return law(named, drawnBy(role, place, named));
    const drawn = all && schemeOf(all.id).draw(place, all.options);
    if (drawn) return law(all, drawn);
  }
  if (role === 'bias' && place.layer.op === 'LSTM') {
    const { blocks, recommendation } = gateBiasAdvice(place.weight);
    return { name: recommendation.title, blocks: recipeBlocks(blocks), scheme: null };
  }
  return law(defaults[role], drawnBy(role, place, defaults[role]));
}

/** A scheme for just that weight, which some would leave alone: fixed numbers fill anything, what fans decide draws recurrent kernels, too. */
export function drawnBy(role: WrittenWeight['role'], place: Place, { id, options }: Pick<NamedScheme, 'id' | 'options'>): Drawn | null {
  const { draw } = schemeOf(id);
  const own = isKernel(role) ? draw(place, options) : null;
  return own ?? draw({ ...place, weight: { ...place.weight, role: isKernel(role) ? 'kernel' : 'embedding' } }, options);
}

const law = (scheme: NamedScheme, drawn: Drawn | null): Law => ({ name: scheme.called, blocks: drawn && recipeBlocks(drawn.blocks), scheme });
