// Tensors that a file only declares, given other initialisers: what of the text changes, and what cannot be said there.

import { graphsIn } from '../../core/graph/graph';
import { areLearned } from '../../core/initializers/learnedValues';
import type { Tensor } from '../../core/graph/tensor';
import type { Recipe } from '../../protocol/recipe';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { openFile } from '../files/byteSource';
import type { Declared } from '../format';
import type { OpenedModel } from '../openModel';

const nothing: Declared = { replacements: [], left: new Map() };

const valueless = say('the file says by which law it starts, and holds no values: what was learned has no place in it');

/** `source` is the text that the model was read from, or one that has taken its place. */
export function declareIn(source: ByteSource, opened: OpenedModel, recipes: readonly Recipe[]): Declared {
  const all = [...graphsIn(opened.graph)].flatMap(({ initializers }) => [...initializers.values()]).filter(isDeclared);
  const ids = new Set(all.map(({ id }) => id));
  const own = new Map(recipes.flatMap((recipe) => (ids.has(recipe.tensorId) ? [[recipe.tensorId, recipe] as const] : [])));
  if (own.size === 0) return nothing;
  const [learned, drawn] = [new Map<string, string>(), new Map<string, Recipe>()];
  for (const [id, recipe] of own) if (areLearned(recipe.blocks)) learned.set(id, valueless); else drawn.set(id, recipe);
  const silent = say('the file declares how it starts in words that are not changed here');
  const { replacements, left } = (drawn.size === 0 ? nothing : opened.format.declare?.(source, all, drawn))
    ?? { replacements: [], left: new Map([...drawn.keys()].map((id) => [id, silent])) };
  return { replacements, left: new Map([...left, ...learned]) };
}

/** The same for the file as it is. */
export function declaredChanges(opened: OpenedModel, recipes: readonly Recipe[]): Declared {
  const isAsked = [...graphsIn(opened.graph)].some(({ initializers }) => [...initializers.values()].some(isDeclared));
  if (!isAsked) return nothing;
  const source = openFile(opened.model.file);
  try {
    return declareIn(source, opened, recipes);
  } finally {
    source.close();
  }
}

export const isDeclared = ({ declared }: Tensor): boolean => declared !== undefined;
