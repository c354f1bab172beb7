import type { Recipe, Sampler } from '../../protocol/recipe';
import type { WeightRole } from '../../protocol/report';
import type { Layer, LayerWeight } from '../layers/layer';

type Recipes = ReadonlyMap<string, Recipe>;

const fixed = new Set<Sampler['kind']>(['constant', 'identity', 'bilinear']);

export const isRandom = ({ blocks }: Pick<Recipe, 'blocks'>): boolean => blocks.some(({ sampler: { kind } }) => !fixed.has(kind));

/** Uses of a merged tensor that are drawn alike get the same values, as they had them: then they stay one tensor. */
export function withAgreement(layers: readonly Layer[], recipes: Recipes): Recipes {
  const leads = new Map<string, Recipe>();
  const twins = layers.flatMap(({ weights }) => weights).flatMap(({ id, tensor: { merged } }): (readonly [string, Recipe])[] => {
    const recipe = recipes.get(id);
    if (!merged || !recipe) return [];
    const key = JSON.stringify([merged.id, recipe.blocks]);
    const lead = leads.get(key) ?? recipe;
    leads.set(key, lead);
    return lead === recipe || !isRandom(recipe) ? [] : [[id, { ...recipe, twin: { tensorId: lead.tensorId, transposed: false } }]];
  });
  return new Map([...recipes, ...twins]);
}

/**
 * The same, so that no merged tensor is split: uses that do not agree all get the value that harms none of them, a scale of one or a shift of
 * zero. Where there is no such value, or some of its uses are not drawn at all, the tensor stays as it is.
 */
export function withOneTensorEach(layers: readonly Layer[], recipes: Recipes): Recipes {
  const kept = new Map(withAgreement(layers, recipes));
  for (const uses of families(layers)) {
    const own = uses.flatMap(({ id }) => kept.get(id) ?? []);
    if (own.length === 0 || (own.length === uses.length && new Set(own.map(({ blocks }) => JSON.stringify(blocks))).size === 1)) continue;
    const value = own.length === uses.length ? harmlessFor(uses.map(({ role }) => role)) : null;
    for (const recipe of own) {
      if (value === null) kept.delete(recipe.tensorId);
      else kept.set(recipe.tensorId, asConstant(recipe, value));
    }
  }
  return kept;
}

function families(layers: readonly Layer[]): Iterable<readonly LayerWeight[]> {
  const found = new Map<string, Map<string, LayerWeight>>();
  for (const weight of layers.flatMap(({ weights }) => weights)) {
    const { merged } = weight.tensor;
    if (merged) found.set(merged.id, (found.get(merged.id) ?? new Map<string, LayerWeight>()).set(weight.id, weight));
  }
  return [...found.values()].map((uses) => [...uses.values()]);
}

const scales = new Set<WeightRole>(['gamma', 'running variance']);
const shifts = new Set<WeightRole>(['bias', 'beta', 'running mean']);

function harmlessFor(roles: readonly WeightRole[]): number | null {
  if (roles.every((role) => scales.has(role))) return 1;
  return roles.every((role) => shifts.has(role)) ? 0 : null;
}

function asConstant({ twin, ...recipe }: Recipe, value: number): Recipe {
  const title = `${value === 0 ? 'Zeros' : 'Ones'}, which suit all uses of the tensor`;
  return { ...recipe, blocks: [{ sampler: { kind: 'constant', value } }], origin: { ...recipe.origin, title } };
}
