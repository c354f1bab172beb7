import type { Recipe } from '../../protocol/recipe';
import type { SchemeId } from '../../protocol/schemes';
import type { Layer, LayerWeight } from '../layers/layer';
import type { ResolvedBlock } from './advice';
import { blocksOf } from './advice';
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
      const drawn = recipes.has(weight.id) ? null : drawWeight(layer, weight, request);
      if (!drawn) continue;
      const { blocks, title } = drawn;
      const isRandom = blocks.some(({ resolved }) => resolved.sampler.kind !== 'constant');
      const mode = blocks[0]?.resolved.mode ?? null;
      recipes.set(weight.id, {
        version: 1,
        tensorId: weight.id,
        blocks: blocks.map(({ resolved: { sampler }, slices }) => (slices ? { sampler, slices } : { sampler })),
        seed: request.seed,
        origin: { scheme: request.scheme, title: [title, ...(mode === null ? [] : [mode]), ...(isRandom ? [`seed ${request.seed}`] : [])].join(', ') },
      });
    }
  }
  return [...recipes.values()];
}

/** A weight as a scheme draws it. */
export interface Drawn {
  readonly blocks: readonly ResolvedBlock[];
  /** "He normal" */
  readonly title: string;
}

/** How a scheme draws a weight: kernels by the scheme, everything else by the policy of its role; null where it is left alone. */
export function drawWeight(layer: Layer, weight: LayerWeight, { scheme, gain }: Pick<RecipeRequest, 'scheme' | 'gain'>): Drawn | null {
  const advice = recommend(layer, weight);
  if (!advice) return null;
  const recommended: Drawn = { blocks: advice.blocks, title: advice.recommendation.title };
  if (scheme === 'recommended') return recommended;
  const { fans } = weight;
  const isFree = scheme === 'zeros' || scheme === 'normal';
  if (weight.role !== 'kernel' && !(weight.role === 'embedding' && isFree)) return recommended;
  const blocks = blocksOf(weight, (part) => schemeOf(scheme).resolve(part?.fans ?? fans ?? { fanIn: 1, fanOut: 1 }, gain));
  return { blocks, title: blocks[0]?.resolved.title ?? '' };
}
