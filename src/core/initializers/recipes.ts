import type { Recipe } from '../../protocol/recipe';
import type { SchemeId, SchemeOptions } from '../../protocol/schemes';
import type { Layer, LayerWeight } from '../layers/layer';
import { networkOf } from './network';
import { recommend } from './recommendation';
import type { Drawn, Place } from './scheme';
import { schemeOf } from './schemes';

/** How layers are to be drawn. */
export interface SchemeRequest {
  readonly scheme: SchemeId;
  /** Schemes of single layers, by name, in place of the general one. */
  readonly overrides?: ReadonlyMap<string, SchemeId>;
  /** Parameters in place of the schemes' own; each scheme takes those it has. */
  readonly options?: SchemeOptions;
}

export interface RecipeRequest extends SchemeRequest {
  readonly seed: number;
  /** Names of the layers to draw; all if absent. */
  readonly layers?: ReadonlySet<string>;
  /** Tensors that were tied to others and are stored apart, by id: they get the values of those, where these are drawn as well. */
  readonly twins?: ReadonlyMap<string, NonNullable<Recipe['twin']>>;
}

/** Fully resolved recipes for every weight of the chosen layers that is not left alone; a tied tensor gets one. */
export function createRecipes(layers: readonly Layer[], request: RecipeRequest): readonly Recipe[] {
  const recipes = new Map<string, Recipe>();
  const network = networkOf(layers);
  for (const layer of layers) {
    if (request.layers && !request.layers.has(layer.name)) continue;
    for (const weight of layer.weights) {
      const drawn = recipes.has(weight.id) ? null : drawWeight({ layer, weight, network }, request);
      if (drawn) recipes.set(weight.id, createRecipe(weight, drawn, schemeFor(layer, request), request.seed));
    }
  }
  for (const [id, twin] of request.twins ?? []) {
    const first = recipes.get(twin.tensorId);
    if (first && recipes.has(id)) recipes.set(id, { ...first, tensorId: id, twin });
  }
  return [...recipes.values()];
}

function createRecipe({ id }: LayerWeight, { blocks, title }: Drawn, scheme: SchemeId, seed: number): Recipe {
  const isRandom = blocks.some(({ resolved: { sampler: { kind } } }) => kind !== 'constant' && kind !== 'identity');
  const modes = new Set(blocks.flatMap(({ resolved: { mode } }) => mode ?? []));
  return {
    version: 1,
    tensorId: id,
    blocks: blocks.map(({ resolved: { sampler }, slices }) => (slices ? { sampler, slices } : { sampler })),
    seed,
    origin: { scheme, title: [title, ...modes, ...(isRandom ? [`seed ${seed}`] : [])].join(', ') },
  };
}

export function schemeFor({ name }: Layer, { scheme, overrides }: SchemeRequest): SchemeId {
  return overrides?.get(name) ?? scheme;
}

/** How a scheme draws a weight, by the policy of its role where the scheme has nothing to say; null where it is left alone. */
export function drawWeight(place: Place, request: SchemeRequest): Drawn | null {
  const advice = recommend(place.layer, place.weight);
  if (!advice) return null;
  const scheme = schemeFor(place.layer, request);
  const own = scheme === 'recommended' ? null : schemeOf(scheme).draw(place, request.options ?? {});
  return own ?? { blocks: advice.blocks, title: advice.recommendation.title };
}

/** What of the schemes a network cannot have, in sentences. */
export function schemeNotes(layers: readonly Layer[], ids: Iterable<SchemeId>): readonly string[] {
  const network = networkOf(layers);
  return [...new Set(ids)].flatMap((id) => (id === 'recommended' ? [] : schemeOf(id).notes?.(network) ?? []));
}
