import type { Recipe } from '../../protocol/recipe';
import type { SchemeId, SchemeOptions } from '../../protocol/schemes';
import type { Layer, LayerWeight } from '../layers/layer';
import { mainWeight } from '../layers/layer';
import { recipeBlocks } from './advice';
import { withSumsOf } from './drawnSums';
import { lawMoments } from './law';
import { isRandom, withAgreement, withOneTensorEach } from './mergedRecipes';
import { networkOf } from './network';
import { recommend } from './recommendation';
import type { Drawn, Place } from './scheme';
import { schemeOf } from './schemes';
import { adviceBeside } from './tableAdvice';

/** A scheme, and parameters in place of its own; it takes those it has. */
export interface ChosenScheme {
  readonly scheme: SchemeId;
  readonly options?: SchemeOptions;
}

/** How layers are to be drawn. */
export interface SchemeRequest extends ChosenScheme {
  /** Schemes of single layers, by name, in place of the general one. */
  readonly overrides?: ReadonlyMap<string, ChosenScheme>;
}

export interface RecipeRequest extends SchemeRequest {
  readonly seed: number;
  /** Whether what an exporter has merged stays one tensor, also where its uses should start differently. */
  readonly keepStructure?: boolean;
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
      if (drawn) recipes.set(weight.id, createRecipe(layer, weight, drawn, request));
    }
  }
  for (const [id, twin] of request.twins ?? []) {
    const first = recipes.get(twin.tensorId);
    if (first && recipes.has(id)) recipes.set(id, { ...first, tensorId: id, twin });
  }
  for (const [id, recipe] of recipesBeside(layers, recipes, request)) recipes.set(id, recipe);
  return [...withSumsOf((request.keepStructure === true ? withOneTensorEach : withAgreement)(layers, recipes)).values()];
}

function createRecipe(layer: Layer, { id, tensor }: LayerWeight, { blocks, title }: Drawn, request: RecipeRequest): Recipe {
  const { scheme, options = {} } = schemeFor(layer, request);
  const { seed } = request;
  const isPicked = scheme !== 'recommended' && (request.layers !== undefined || request.overrides?.has(layer.name) === true);
  const own = recipeBlocks(blocks);
  // What is only declared is drawn anew for every seed.
  const isSeeded = isRandom({ blocks: own }) && !tensor.declared;
  const modes = new Set(blocks.flatMap(({ resolved: { mode } }) => mode ?? []));
  return {
    version: 1,
    tensorId: id,
    blocks: own,
    seed,
    origin: { scheme, title: [title, ...modes, ...(isSeeded ? [`seed ${seed}`] : [])].join(', '), ...(isPicked ? { picked: options } : {}) },
  };
}

export function schemeFor({ name }: Layer, request: SchemeRequest): ChosenScheme {
  return request.overrides?.get(name) ?? request;
}

/** The schemes that were picked for single layers, by name, as the recipes of what the layers hold tell. */
export function pickedSchemes(layers: readonly Layer[], recipes: ReadonlyMap<string, Recipe>): ReadonlyMap<string, ChosenScheme> {
  return new Map(layers.flatMap(({ name, weights }) => {
    const main = mainWeight(weights);
    const origin = main && recipes.get(main.id)?.origin;
    return origin?.picked && origin.scheme !== 'learned' ? [[name, { scheme: origin.scheme, options: origin.picked }] as const] : [];
  }));
}

/** How a scheme draws a weight, by the policy of its role where the scheme has nothing to say; null where it is left alone. */
export function drawWeight(place: Place, request: SchemeRequest): Drawn | null {
  const advice = recommend(place.layer, place.weight);
  if (!advice) return null;
  return drawnByScheme(place, request) ?? { blocks: advice.blocks, title: advice.recommendation.title };
}

/** Null where the scheme has nothing to say of the weight. */
function drawnByScheme(place: Place, request: SchemeRequest): Drawn | null {
  const { scheme, options = {} } = schemeFor(place.layer, request);
  return scheme === 'recommended' ? null : schemeOf(scheme).draw(place, options);
}

/** Tables whose rows are added to those of one that is a kernel as well, however that one is drawn: by it, unless the scheme says otherwise. */
function recipesBeside(layers: readonly Layer[], recipes: ReadonlyMap<string, Recipe>, request: RecipeRequest): readonly (readonly [string, Recipe])[] {
  const isSettled = ({ id, kernelUse }: LayerWeight): boolean => kernelUse !== undefined || request.twins?.has(id) === true;
  const tables = layers.flatMap((layer) => layer.weights.flatMap((weight) => (weight.rows?.sum ? [{ layer, weight, sum: weight.rows.sum }] : [])));
  const settled = new Map(tables.flatMap(({ weight, sum }) => (isSettled(weight) ? [[sum, weight] as const] : [])));
  return tables.flatMap(({ layer, weight, sum }) => {
    const [other, own] = [settled.get(sum), recipes.get(weight.id)];
    const drawn = other && recipes.get(other.id);
    if (!drawn || !own || isSettled(weight) || drawnByScheme({ layer, weight, network: networkOf(layers) }, request)) return [];
    const advice = adviceBeside(weight, other, lawMoments(drawn.blocks, other.tensor.shape).std);
    return [[weight.id, createRecipe(layer, weight, { blocks: advice.blocks, title: advice.recommendation.title }, request)] as const];
  });
}

/** What of the schemes a network cannot have, in sentences. */
export function schemeNotes(layers: readonly Layer[], ids: Iterable<SchemeId>): readonly string[] {
  const network = networkOf(layers);
  return [...new Set(ids)].flatMap((id) => (id === 'recommended' ? [] : schemeOf(id).notes?.(network) ?? []));
}
