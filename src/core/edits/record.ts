import type { Recipe, RecipeBlock, RecipeOrigin, Sampler, Slice } from '../../protocol/recipe';
import type { AppliedScheme } from '../../protocol/report';
import { isSchemeId } from '../../protocol/schemes';
import { readOptions } from '../initializers/options';
import { describeScheme } from '../initializers/schemes';

/** Key of the `metadata_props` entry in which the recipes travel with the file. */
export const recordKey = 'initscope.recipes';

export function writeRecord(recipes: readonly Recipe[]): string {
  return JSON.stringify({ version: 1, recipes });
}

/** A recipe as reports show it, by the tensor it draws. */
export function describeRecipe({ tensorId, origin, seed }: Recipe, saved: boolean): readonly [string, AppliedScheme] {
  return [tensorId, { scheme: origin.scheme, seed, title: origin.title, picked: origin.picked !== undefined, saved }];
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

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A recipe, checked field by field; null if it is none. */
export function readRecipe(value: unknown): Recipe | null {
  if (!isObject(value) || value.version !== 1) return null;
  const { tensorId, seed, blocks, origin } = value;
  const twin = value.twin === undefined ? undefined : readTwin(value.twin);
  if (twin === null) return null;
  if (typeof tensorId !== 'string' || !isSeed(seed) || !Array.isArray(blocks) || !isObject(origin)) return null;
  const read = readOrigin(origin);
  if (!read) return null;
  const complete = blocks.map(readBlock).filter((block) => block !== null);
  return complete.length === blocks.length ? { version: 1, tensorId, seed, blocks: complete, origin: read, ...(twin ? { twin } : {}) } : null;
}

function readOrigin({ scheme, title, picked }: Readonly<Record<string, unknown>>): RecipeOrigin | null {
  if (typeof scheme !== 'string' || !isSchemeId(scheme) || typeof title !== 'string') return null;
  if (picked === undefined) return { scheme, title };
  const options = readOptions(describeScheme(scheme).options, picked);
  return options ? { scheme, title, picked: options } : null;
}

function readTwin(value: unknown): Recipe['twin'] | null {
  if (!isObject(value) || typeof value.tensorId !== 'string' || typeof value.transposed !== 'boolean') return null;
  return { tensorId: value.tensorId, transposed: value.transposed };
}

const isSize = (value: number): boolean => Number.isSafeInteger(value) && value > 0;
const isSeed = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;

function readBlock(value: unknown): RecipeBlock | null {
  if (!isObject(value)) return null;
  const sampler = readSampler(value.sampler);
  if (!sampler) return null;
  if (value.slices === undefined) return { sampler };
  if (!Array.isArray(value.slices)) return null;
  const slices = value.slices.map(readSlice);
  const complete = slices.filter((slice) => slice !== null);
  return complete.length === slices.length ? { sampler, slices: complete } : null;
}

function readSlice(value: unknown): Slice | null {
  if (!isObject(value) || !isSeed(value.axis) || !isSeed(value.start) || !isSeed(value.end)) return null;
  return { axis: value.axis, start: value.start, end: value.end };
}

function readSampler(value: unknown): Sampler | null {
  if (!isObject(value)) return null;
  // JSON knows no infinity, but 1e999 reads as one: nothing is drawn with it.
  const number = (key: string): number => (Number.isFinite(value[key]) ? Number(value[key]) : NaN);
  const [kind, constant, mean, std, low, high] = [value.kind, number('value'), number('mean'), number('std'), number('low'), number('high')];
  if (kind === 'constant' && !Number.isNaN(constant)) return { kind, value: constant };
  if (kind === 'normal' && !Number.isNaN(mean) && std >= 0) return { kind, mean, std };
  if (kind === 'uniform' && high >= low) return { kind, low, high };
  const tail = number('tail');
  if (kind === 'truncated-normal' && !Number.isNaN(mean) && std >= 0 && tail >= 0 && tail < 0.5) return { kind, mean, std, tail };
  if (kind !== 'orthogonal' && kind !== 'identity') return null;
  const [gain, rows, columns, count] = [number('gain'), number('rows'), number('columns'), value.count === undefined ? null : number('count')];
  if (Number.isNaN(gain) || !isSize(rows) || !isSize(columns) || (count !== null && !isSize(count))) return null;
  return { kind, gain, rows, columns, ...(count === null ? {} : { count }) };
}
