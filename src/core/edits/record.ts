import type { Recipe, RecipeOrigin } from '../../protocol/recipe';
import type { AppliedScheme } from '../../protocol/report';
import { isSchemeId } from '../../protocol/schemes';
import { readOptions } from '../initializers/options';
import { titleOf } from '../initializers/rescaling';
import { describeScheme } from '../initializers/schemes';
import { isObject, isSeed, readBlocks, readTwin } from './recordedBlocks';

/** Key of the `metadata_props` entry in which the recipes travel with the file. */
export const recordKey = 'initscope.recipes';

export function writeRecord(recipes: readonly Recipe[]): string {
  return JSON.stringify({ version: 1, recipes });
}

/** A recipe as reports show it, by the tensor it draws. */
export function describeRecipe({ tensorId, origin, seed }: Recipe, saved: boolean): readonly [string, AppliedScheme] {
  return [tensorId, { scheme: origin.scheme, seed, title: titleOf(origin), picked: origin.picked !== undefined, saved,
    ...(origin.measured === undefined ? {} : { measured: origin.measured }) }];
}

/** The recipes of a record; anything that is not one, from an untrusted file, is dropped. */
export function readRecord(text: string | undefined): readonly Recipe[] {
  if (text === undefined) return [];
  try {
    const record: unknown = JSON.parse(text);
    const recipes = isObject(record) && record.version === 1 ? record.recipes : [];
    return Array.isArray(recipes) ? recipes.flatMap((recipe: unknown) => readRecipe(recipe) ?? []) : [];
  } catch {
    return [];
  }
}

/** A recipe, checked field by field; null if it is none. */
export function readRecipe(value: unknown): Recipe | null {
  if (!isObject(value) || value.version !== 1) return null;
  const { tensorId, seed, origin } = value;
  const twin = readTwin(value.twin);
  const blocks = readBlocks(value.blocks);
  if (twin === null || blocks === null || typeof tensorId !== 'string' || !isSeed(seed) || !isObject(origin)) return null;
  const read = readOrigin(origin);
  return read && { version: 1, tensorId, seed, blocks, origin: read, ...(twin ? { twin } : {}) };
}

function readOrigin({ scheme, title, picked, measured }: Readonly<Record<string, unknown>>): RecipeOrigin | null {
  if (scheme === 'learned') return typeof title === 'string' ? { scheme, title } : null;
  if (typeof scheme !== 'string' || !isSchemeId(scheme) || typeof title !== 'string') return null;
  if (measured !== undefined && !(typeof measured === 'number' && measured > 0 && Number.isFinite(measured))) return null;
  const known = { scheme, title, ...(measured === undefined ? {} : { measured }) };
  if (picked === undefined) return known;
  const options = readOptions(describeScheme(scheme).options, picked);
  return options ? { ...known, picked: options } : null;
}
