// The same draws, wider or narrower: what a run has shown of a layer is made good by a factor on its kernel.

import type { Recipe, RecipeOrigin, Sampler } from '../../protocol/recipe';
import { rounded } from './advice';
import { sumsOf } from './drawnSums';

/** Factors on tensors, by their ids. */
export type Factors = ReadonlyMap<string, number>;

/** The recipes with those tensors so many times as wide; twins follow theirs, and sums are of what is drawn then. */
export function rescaled(recipes: readonly Recipe[], factors: Factors): readonly Recipe[] {
  if (factors.size === 0) return recipes;
  const scaled = new Map(recipes.map((recipe) => {
    const factor = factors.get(recipe.twin?.tensorId ?? recipe.tensorId);
    return [recipe.tensorId, factor === undefined ? recipe : scaledRecipe(recipe, factor)] as const;
  }));
  return [...scaled.values()].map((recipe) => {
    const blocks = sumsOf(recipe.blocks, (id) => scaled.get(id)) ?? recipe.blocks;
    return blocks === recipe.blocks ? recipe : { ...recipe, blocks };
  });
}

function scaledRecipe(recipe: Recipe, factor: number): Recipe {
  const { origin } = recipe;
  const measured = (origin.measured ?? 1) * factor;
  const blocks = recipe.blocks.map((block) => ({ ...block, sampler: scaledSampler(block.sampler, factor) }));
  return { ...recipe, blocks, origin: { ...origin, measured } };
}

function scaledSampler(sampler: Sampler, factor: number): Sampler {
  switch (sampler.kind) {
    case 'constant': return { ...sampler, value: sampler.value * factor };
    case 'uniform': return { ...sampler, low: sampler.low * factor, high: sampler.high * factor };
    case 'normal': case 'truncated-normal': return { ...sampler, mean: sampler.mean * factor, std: sampler.std * factor };
    case 'sparse': return { ...sampler, std: sampler.std * factor };
    case 'orthogonal': case 'identity': return { ...sampler, gain: sampler.gain * factor };
    case 'replicated': {
      const of = scaledSampler(sampler.of, factor);
      return of.kind === 'constant' || of.kind === 'normal' || of.kind === 'uniform' || of.kind === 'truncated-normal' ? { ...sampler, of } : sampler;
    }
    case 'unit-sums': return { ...sampler, factor: sampler.factor * factor };
    // Triangles that add up to what they enlarge have no other scale, and what was learned is as it was learned.
    case 'bilinear': case 'learned': return sampler;
  }
}

/** How it was drawn, and what a run made of that. */
export function titleOf({ title, measured }: RecipeOrigin): string {
  return measured === undefined ? title : `${title}, × ${rounded(measured)} as measured`;
}

/** Whether its draws can be made wider. */
export function isScalable({ blocks }: Pick<Recipe, 'blocks'>): boolean {
  return blocks.some(({ sampler }) => sampler.kind !== 'bilinear' && sampler.kind !== 'learned' && !(sampler.kind === 'constant' && sampler.value === 0));
}
