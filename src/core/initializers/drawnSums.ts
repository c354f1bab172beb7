// Sums of tensors that are drawn by the same command: of what these are drawn by in the end, whoever decided that.

import type { Recipe, RecipeBlock, Sampler } from '../../protocol/recipe';
import type { TensorMoments } from '../theory/signal';
import { lawMoments } from './law';

type Drawing = Pick<Recipe, 'blocks' | 'twin'>;

/** Of a tensor that is drawn by these blocks; of a bias that is a sum of its unit's weights also how many times that. */
export function drawnMoments(blocks: readonly RecipeBlock[], shape: readonly number[]): TensorMoments {
  const { mean, std } = lawMoments(blocks, shape);
  const [block, ...others] = blocks;
  const leans = block?.sampler.kind === 'unit-sums' && others.length === 0 ? { leans: block.sampler.factor } : {};
  return { mean, second: mean ** 2 + std ** 2, ...leans };
}

/** Where the other tensor is not drawn at all, a sum of it has no meaning: those recipes fall away. */
export function withSumsOf(recipes: ReadonlyMap<string, Recipe>): ReadonlyMap<string, Recipe> {
  return new Map([...recipes].flatMap(([id, recipe]) => {
    const blocks = sumsOf(recipe.blocks, (tensorId) => recipes.get(tensorId));
    return blocks ? [[id, blocks === recipe.blocks ? recipe : { ...recipe, blocks }] as const] : [];
  }));
}

/** The blocks, sums being those of tensors as `drawn` has them; null where one is not drawn. */
export function sumsOf(blocks: readonly RecipeBlock[], drawn: (tensorId: string) => Drawing | undefined): readonly RecipeBlock[] | null {
  if (!blocks.some(({ sampler }) => sampler.kind === 'unit-sums')) return blocks;
  const found = blocks.flatMap((block): readonly RecipeBlock[] => {
    const sampler = sumOf(block.sampler, drawn);
    return sampler ? [{ ...block, sampler }] : [];
  });
  return found.length === blocks.length ? found : null;
}

function sumOf(sampler: Sampler, drawn: (tensorId: string) => Drawing | undefined): Sampler | null {
  if (sampler.kind !== 'unit-sums') return sampler;
  const { tensorId, shape } = sampler.of;
  const other = drawn(tensorId);
  return other ? { ...sampler, of: { tensorId, shape, blocks: other.blocks, ...(other.twin ? { twin: other.twin } : {}) } } : null;
}
