import type { DrawnPreview, Preview, Spread, WeightPreview } from '../../protocol/preview';
import type { Recipe, RecipeBlock } from '../../protocol/recipe';
import type { TiedWeight, WeightStatistics } from '../../protocol/report';
import { say } from '../../protocol/words';
import { elementCount } from '../graph/dtype';
import { lawStatistics } from '../initializers/law';
import { titleOf } from '../initializers/rescaling';
import { createSampler } from '../initializers/sampling';
import type { Layer, LayerWeight } from '../layers/layer';
import { StatisticsAccumulator } from '../statistics/accumulator';
import { histogramOf } from '../statistics/histogram';

export interface PreviewSource extends Pick<Preview, 'title' | 'scope' | 'notes'> {
  /** Of the layers that are to be drawn. */
  readonly layers: readonly Layer[];
  readonly recipes: readonly Recipe[];
  /** Names of the layers that keep the scheme picked for them. */
  readonly kept: ReadonlySet<string>;
  readonly statistics: ReadonlyMap<string, WeightStatistics>;
  /** Why the file cannot take new values of a weight, or null. */
  readonly refuse: (weight: LayerWeight) => string | null;
  /** Weights with the same values. */
  readonly tied: (layer: Layer, weight: LayerWeight) => readonly TiedWeight[];
}

/** Elements drawn for one tensor, and for all together: a preview is there at once, whatever the size of the model. */
const mostElements = 1 << 14;
const fewestElements = 1 << 9;
const mostTogether = 1 << 22;
/** They are drawn in this many places, so that every gate has its share. */
const places = 32;
const bins = 48;

/** What the recipes would do to each tensor; one that several layers share is listed once. */
export function previewEdit(source: PreviewSource): Preview {
  const { layers, title, scope, notes } = source;
  const recipes = new Map(source.recipes.map((recipe) => [recipe.tensorId, recipe]));
  const sources = sourcesOf(source);
  const budget = Math.max(fewestElements, Math.min(mostElements, Math.floor(mostTogether / Math.max(1, recipes.size))));
  const weights = new Map<string, WeightPreview>();
  for (const layer of layers) {
    for (const weight of layer.weights) {
      if (!weights.has(weight.id)) weights.set(weight.id, previewWeight(source, layer, weight, recipes.get(weight.id), budget, sources));
    }
  }
  return { title, scope, notes, weights: [...weights.values()] };
}

function previewWeight(
  source: PreviewSource, layer: Layer, weight: LayerWeight, recipe: Recipe | undefined, budget: number, sources: ReadonlyMap<string, string>,
): WeightPreview {
  const { id, name, role, tensor: { shape, declared } } = weight;
  const known = source.statistics.get(id);
  const left = weight.frozen ?? (recipe ? source.refuse(weight) : say('it has no scheme'));
  const kept = source.kept.has(layer.name);
  const after = !recipe || left !== null ? null : declared ? previewLaw(recipe, shape, kept) : previewRecipe(recipe, shape, budget, kept);
  const own = sources.get(keyOf(layer.name, name));
  const isUntied = (other: TiedWeight): boolean => other.how !== 'same' && sources.get(keyOf(other.layer, other.weight)) !== own;
  const unties = after === null ? [] : source.tied(layer, weight).filter(isUntied);
  return {
    id, name, layer: layer.name, role, shape, before: known ? spreadOf(known) : null, after, left,
    unties: [...new Set(unties.map((other) => other.weight))],
  };
}

/** Which tensor's values each weight will have that is drawn, by layer and name. */
function sourcesOf({ layers, recipes }: PreviewSource): ReadonlyMap<string, string> {
  const sources = new Map(recipes.map(({ tensorId, twin }) => [tensorId, twin?.tensorId ?? tensorId]));
  return new Map(layers.flatMap((layer) => layer.weights.flatMap(({ id, name }) => {
    const source = sources.get(id);
    return source === undefined ? [] : [[keyOf(layer.name, name), source] as const];
  })));
}

const keyOf = (layer: string, weight: string): string => JSON.stringify([layer, weight]);

function spreadOf({ std, min, histogram }: WeightStatistics): Spread {
  return { std, constant: std === 0 ? min : null, histogram: histogram ?? null };
}

/** Of what is drawn anew at every start: not one draw, but the law of all. */
function previewLaw({ blocks, origin }: Recipe, shape: readonly number[], kept: boolean): DrawnPreview {
  return { ...spreadOf(lawStatistics(blocks, shape)), title: titleOf(origin), kept, sampled: null };
}

function previewRecipe(recipe: Recipe, shape: readonly number[], budget: number, kept: boolean): DrawnPreview {
  const values = sampleOf(recipe, shape, budget);
  const accumulator = new StatisticsAccumulator();
  accumulator.add(values);
  const spread = spreadOf(accumulator.finish(histogramOf(values, bins)));
  const isWhole = values.length === elementCount(shape);
  return { ...spread, title: titleOf(recipe.origin), kept, sampled: isWhole ? null : values.length };
}

/** All elements of a small tensor; of a larger one runs of elements, evenly spread. */
function sampleOf(recipe: Recipe, shape: readonly number[], budget: number): Float64Array {
  const count = elementCount(shape);
  const { twin, ...own } = recipe;
  const blocks = recipe.blocks.map((block) => withoutDecomposition(block, budget));
  // Of a transpose, the matrix itself is drawn: the numbers are the same ones.
  const sample = createSampler({ ...own, tensorId: twin?.tensorId ?? own.tensorId, blocks }, twin?.transposed ? shape.toReversed() : shape);
  const values = new Float64Array(Math.min(count, budget));
  if (count <= budget) {
    sample(values, 0);
    return values;
  }
  const length = budget / places;
  for (let i = 0; i < places; i++) {
    const from = Math.floor(i * length);
    const to = Math.floor((i + 1) * length);
    sample(values.subarray(from, to), Math.floor((i / places) * (count - length)));
  }
  return values;
}

/**
 * Elements of a large orthogonal matrix are as good as normal (Meckes 2019, The random matrix theory of the classical compact groups, chapter 2), and
 * so are sums of many elements.
 */
function withoutDecomposition(block: RecipeBlock, budget: number): RecipeBlock {
  const { sampler } = block;
  if (sampler.kind === 'unit-sums' && elementCount(sampler.of.shape) > budget) {
    const { mean, std } = lawStatistics([{ sampler }], [sampler.count]);
    return { ...block, sampler: { kind: 'normal', mean: mean ?? 0, std: std ?? 0 } };
  }
  if (sampler.kind !== 'orthogonal' || sampler.rows * sampler.columns * (sampler.count ?? 1) <= budget) return block;
  return { ...block, sampler: { kind: 'normal', mean: 0, std: sampler.gain / Math.sqrt(Math.max(sampler.rows, sampler.columns)) } };
}
