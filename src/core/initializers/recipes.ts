import type { Recipe } from '../../protocol/recipe';
import type { SchemeId } from '../../protocol/schemes';
import type { Layer, LayerWeight } from '../layers/layer';
import type { Resolved } from './schemes';
import { recommend } from './recommendation';
import { schemeOf } from './schemes';

export interface RecipeRequest {
  readonly scheme: SchemeId;
  readonly seed: number;
  /** Standard deviations' factor in place of the scheme's own; ignored by `recommended`. */
  readonly gain?: number;
  /** Names of the layers to draw; all if absent. */
  readonly layers?: ReadonlySet<string>;
}

/** Fully resolved recipes for every weight of the chosen layers that is not left alone; a tied tensor gets one. */
export function createRecipes(layers: readonly Layer[], request: RecipeRequest): readonly Recipe[] {
  const recipes = new Map<string, Recipe>();
  for (const layer of layers) {
    if (request.layers && !request.layers.has(layer.name)) continue;
    for (const weight of layer.weights) {
      const resolved = resolveWeight(layer, weight, request);
      if (!resolved || recipes.has(weight.id)) continue;
      const mode = resolved.mode === null ? '' : `, ${resolved.mode}`;
      const title = resolved.sampler.kind === 'constant' ? resolved.title : `${resolved.title}${mode}, seed ${request.seed}`;
      const origin = { scheme: request.scheme, title };
      recipes.set(weight.id, { version: 1, tensorId: weight.id, blocks: [{ sampler: resolved.sampler }], seed: request.seed, origin });
    }
  }
  return [...recipes.values()];
}

/** How a scheme draws a weight: kernels by the scheme, everything else by the policy of its role. */
export function resolveWeight(layer: Layer, weight: LayerWeight, { scheme, gain }: Pick<RecipeRequest, 'scheme' | 'gain'>): Resolved | null {
  const advice = recommend(layer, weight);
  if (!advice || scheme === 'recommended') return advice?.resolved ?? null;
  if (weight.role === 'kernel' && weight.fans) return schemeOf(scheme).resolve(weight.fans, gain);
  const fanless = scheme === 'zeros' || scheme === 'normal';
  return weight.role === 'embedding' && fanless ? schemeOf(scheme).resolve({ fanIn: 1, fanOut: 1 }) : advice.resolved;
}
