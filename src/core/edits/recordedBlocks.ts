// Blocks of recipes as a record has them, checked field by field: a file may say anything.

import { isDigest } from '../initializers/learnedValues';
import type { DrawnTensor, ElementSampler, Recipe, RecipeBlock, Sampler, Slice } from '../../protocol/recipe';

type Fields = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export const isSeed = (value: unknown): value is number => typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
const isSize = (value: unknown): value is number => isSeed(value) && value > 0;
const isSizes = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isSize);

/** Undefined where there is none, null where it is no twin. */
export function readTwin(value: unknown): Recipe['twin'] | null {
  if (value === undefined) return undefined;
  if (!isObject(value) || typeof value.tensorId !== 'string' || typeof value.transposed !== 'boolean') return null;
  return { tensorId: value.tensorId, transposed: value.transposed };
}

/** Null where one of them is none. */
export function readBlocks(value: unknown): readonly RecipeBlock[] | null {
  return readAll(value, readBlock);
}

function readAll<T>(value: unknown, read: (each: unknown) => T | null): readonly T[] | null {
  if (!Array.isArray(value)) return null;
  const complete = value.map(read).filter((each) => each !== null);
  return complete.length === value.length ? complete : null;
}

function readBlock(value: unknown): RecipeBlock | null {
  if (!isObject(value)) return null;
  const sampler = readSampler(value.sampler);
  if (!sampler) return null;
  if (value.slices === undefined) return { sampler };
  const slices = readAll(value.slices, readSlice);
  return slices && { sampler, slices };
}

function readSlice(value: unknown): Slice | null {
  if (!isObject(value) || !isSeed(value.axis) || !isSeed(value.start) || !isSeed(value.end)) return null;
  return { axis: value.axis, start: value.start, end: value.end };
}

/** JSON knows no infinity, but 1e999 reads as one: nothing is drawn with it. */
const numberIn = (value: Fields, key: string): number => (Number.isFinite(value[key]) ? Number(value[key]) : NaN);

function readSampler(value: unknown): Sampler | null {
  if (!isObject(value)) return null;
  switch (value.kind) {
    case 'orthogonal': case 'identity': return readMatrices(value, value.kind);
    case 'sparse': return readSparse(value);
    case 'bilinear': return readBilinear(value);
    case 'replicated': return readReplicated(value);
    case 'unit-sums': return readSums(value);
    case 'learned': return readLearned(value);
    default: return readElements(value);
  }
}

function readElements(value: unknown): ElementSampler | null {
  if (!isObject(value)) return null;
  const number = (key: string): number => numberIn(value, key);
  const [kind, constant, mean, std, low, high] = [value.kind, number('value'), number('mean'), number('std'), number('low'), number('high')];
  if (kind === 'constant' && !Number.isNaN(constant)) return { kind, value: constant };
  if (kind === 'normal' && !Number.isNaN(mean) && std >= 0) return { kind, mean, std };
  if (kind === 'uniform' && high >= low) return { kind, low, high };
  const tail = number('tail');
  return kind === 'truncated-normal' && !Number.isNaN(mean) && std >= 0 && tail >= 0 && tail < 0.5 ? { kind, mean, std, tail } : null;
}

function readMatrices(value: Fields, kind: 'orthogonal' | 'identity'): Sampler | null {
  const gain = numberIn(value, 'gain');
  const { rows, columns, count } = value;
  if (Number.isNaN(gain) || !isSize(rows) || !isSize(columns)) return null;
  if (count === undefined) return { kind, gain, rows, columns };
  return isSize(count) ? { kind, gain, rows, columns, count } : null;
}

function readSparse(value: Fields): Sampler | null {
  const std = numberIn(value, 'std');
  const { rows, columns, zeros, within } = value;
  if (!(std >= 0) || !isSize(rows) || !isSize(columns) || !isSeed(zeros) || (within !== 'column' && within !== 'row')) return null;
  return zeros <= (within === 'column' ? rows : columns) ? { kind: 'sparse', std, rows, columns, zeros, within } : null;
}

function readBilinear({ rows, columns, taps, count }: Fields): Sampler | null {
  if (!isSize(rows) || !isSize(columns) || !isSizes(taps)) return null;
  if (count === undefined) return { kind: 'bilinear', rows, columns, taps };
  return isSize(count) ? { kind: 'bilinear', rows, columns, taps, count } : null;
}

function readReplicated({ of, inner, channels, times, neighbours }: Fields): Sampler | null {
  const elements = readElements(of);
  if (!elements || !isSize(inner) || !isSize(channels) || !isSize(times) || typeof neighbours !== 'boolean' || channels % times !== 0) return null;
  return { kind: 'replicated', of: elements, inner, channels, times, neighbours };
}

function readSums(value: Fields): Sampler | null {
  const factor = numberIn(value, 'factor');
  const of = readDrawn(value.of);
  const { inner, count } = value;
  return of && !Number.isNaN(factor) && isSize(inner) && isSize(count) ? { kind: 'unit-sums', factor, of, inner, count } : null;
}

function readLearned(value: Fields): Sampler | null {
  const { digest, count } = value;
  const [mean, std, min, max] = ['mean', 'std', 'min', 'max'].map((key) => numberIn(value, key));
  if (!isDigest(digest) || !isSize(count) || mean === undefined || std === undefined || min === undefined || max === undefined) return null;
  return std >= 0 && min <= mean && mean <= max ? { kind: 'learned', digest, count, mean, std, min, max } : null;
}

/** Sums of sums are nobody's: reading them would have no end. */
function readDrawn(value: unknown): DrawnTensor | null {
  if (!isObject(value) || typeof value.tensorId !== 'string' || !isSizes(value.shape)) return null;
  const { tensorId, shape } = value;
  const isSums = (each: unknown): boolean => isObject(each) && isObject(each.sampler) && each.sampler.kind === 'unit-sums';
  const blocks = Array.isArray(value.blocks) && !value.blocks.some(isSums) ? readBlocks(value.blocks) : null;
  const twin = readTwin(value.twin);
  return blocks && twin !== null ? { tensorId, shape, blocks, ...(twin ? { twin } : {}) } : null;
}
