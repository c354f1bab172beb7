// Gives every weight of a network the law that it is drawn by: schemes as written, resolved by the fans of the operators that read the weights.

import type { Graph } from '../../core/graph/graph';
import type { Declaration, Tensor } from '../../core/graph/tensor';
import { networkOf } from '../../core/initializers/network';
import { gateBiasAdvice } from '../../core/initializers/recurrentAdvice';
import type { Drawn, Place } from '../../core/initializers/scheme';
import { schemeOf } from '../../core/initializers/schemes';
import { detectLayers } from '../../core/layers/detect';
import type { JsonView } from '../json/view';
import type { Initializers, NamedScheme, Role } from './initializers';
import { byDefault } from './initializers';
import { refusal } from './written';

/** `mean` and `variance` are running statistics, which nobody initialises. */
export interface WrittenWeight {
  /** What its tensor is called: "block3/conv1/kernel". */
  readonly value: string;
  readonly role: Role | 'mean' | 'variance';
  readonly shape: readonly number[];
  readonly initializers: Initializers;
  /** The layer it is of. */
  readonly view: JsonView;
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
  kernel: byDefault('xavier-uniform'), recurrent: byDefault('orthogonal'), bias: byDefault('zeros'), embedding: byDefault('normal', { std: 1 }),
  position: byDefault('normal', { std: 0.02 }), gamma: byDefault('ones'), beta: byDefault('zeros'), slope: byDefault('constant', { value: 0.25 }),
  mean: byDefault('zeros'), variance: byDefault('ones'),
};

/** The graph with laws for its weights. `all` is what the network says of all its layers. */
export function declareWeights(graph: Graph, weights: readonly WrittenWeight[], all: Initializers): Graph {
  const unset = weights.map((weight) => [weight.value, undrawn(weight)] as const);
  const layers = detectLayers({ ...graph, initializers: new Map([...graph.initializers, ...unset]) });
  const network = networkOf(layers);
  const places = new Map<string, Place>();
  for (const layer of layers) for (const weight of layer.weights) if (!places.has(weight.id)) places.set(weight.id, { layer, weight, network });
  const initializers = new Map(graph.initializers);
  for (const weight of weights) {
    const place = places.get(weight.value);
    const start = place ? { declared: declarationOf(weight, place, all) } : { stripped: true, problem: unread } as const;
    initializers.set(weight.value, { ...undrawn(weight), ...start });
  }
  return { ...graph, initializers };
}

const unread = 'no layer reads it';

function declarationOf(weight: WrittenWeight, place: Place, all: Initializers): Declaration {
  const { role } = weight;
  for (const { own, all: general } of [weight.initializers, all]) {
    const named = role === 'mean' || role === 'variance' ? undefined : own.get(role);
    if (named) return declared(named, asAsked(weight, place, named));
    const drawn = general && schemeOf(general.id).draw(place, general.options);
    if (drawn) return declared(general, drawn);
  }
  if (role === 'bias' && place.layer.op === 'LSTM') {
    const { blocks, recommendation } = gateBiasAdvice(place.weight);
    return { name: recommendation.title, blocks: drawnBlocks({ blocks, title: recommendation.title }) };
  }
  return declared(defaults[role], asAsked(weight, place, defaults[role]));
}

/** A scheme for just that weight, which some would leave alone: fixed numbers fill anything, what fans decide draws recurrent kernels, too. */
function asAsked({ role, value, view }: WrittenWeight, place: Place, { id, options, view: at }: NamedScheme): Drawn {
  const { draw } = schemeOf(id);
  const isKernel = role === 'kernel' || role === 'recurrent';
  const own = isKernel ? draw(place, options) : null;
  const drawn = own ?? draw({ ...place, weight: { ...place.weight, role: isKernel ? 'kernel' : 'embedding' } }, options);
  if (drawn) return drawn;
  throw refusal(at ?? view, `says nothing of ${value}`, `Choose another scheme for it than ${id}.`);
}

const declared = ({ called }: NamedScheme, drawn: Drawn): Declaration => ({ name: called, blocks: drawnBlocks(drawn) });

const drawnBlocks = ({ blocks }: Drawn): Declaration['blocks'] => (
  blocks.map(({ resolved: { sampler }, slices }) => (slices ? { sampler, slices } : { sampler })));
