// What is taken of messages whose sender is not trusted: fields that are of their form, and nothing else.

import { readOptions } from '../core/initializers/options';
import { describeScheme } from '../core/initializers/schemes';
import type { SchemeParameters, SimulationOptions } from '../protocol/simulation';
import { isSchemeId } from '../protocol/schemes';
import type { SchemeId, SimulatedScheme } from '../protocol/schemes';

/** What a page may send: a page shows names of models, and what it sends is taken for nothing that it does not prove to be. */
const mostNames = 1 << 20;
const longestName = 1 << 16;

export type Fields = Readonly<Record<string, unknown>>;

/** The fields of an object that has exactly these. */
export function fieldsOf(value: unknown, names: readonly string[]): Fields | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const own = Object.keys(value);
  return own.length === names.length && names.every((name) => Object.hasOwn(value, name)) ? value as Fields : null;
}

export const nothing = (value: unknown): Record<string, never> | null => (fieldsOf(value, []) ? {} : null);
export const isName = (value: unknown): value is string => typeof value === 'string' && value.length <= longestName;
export const isWhole = (value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): value is number => (
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most);
export const isFinite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Names of layers. */
export function readNames(value: unknown): readonly string[] | null {
  return Array.isArray(value) && value.length <= mostNames && value.every(isName) ? value : null;
}

export function readLayer(value: unknown): { readonly layer: string } | null {
  const layer = fieldsOf(value, ['layer'])?.layer;
  return isName(layer) ? { layer } : null;
}

export function readScheme(value: unknown): SchemeId | null {
  return typeof value === 'string' && isSchemeId(value) ? value : null;
}

export function isSimulated(value: unknown): value is SimulatedScheme {
  return value === 'current' || readScheme(value) !== null;
}

/** Parameters of schemes, each as its scheme takes it. */
export function readParameters(value: unknown): SchemeParameters | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const read = Object.entries(value).map(([id, given]: [string, unknown]) => {
    const scheme = readScheme(id);
    return [id, scheme && readOptions(describeScheme(scheme).options, given)] as const;
  });
  return read.every(([, options]) => options !== null) ? Object.fromEntries(read) : null;
}

export const readDimensions = (value: unknown): SimulationOptions['dims'] | null => readNumbers(value, (size) => isWhole(size, 1));

/** Numbers by name, where all of them are of that kind. */
export function readNumbers(value: unknown, isOne: (value: unknown) => value is number): Readonly<Record<string, number>> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value).filter((entry): entry is [string, number] => isName(entry[0]) && isOne(entry[1]));
  return entries.length === Object.keys(value).length && entries.length <= mostNames ? Object.fromEntries(entries) : null;
}

export const isOneOf = <T extends string>(known: readonly T[], value: unknown): value is T => known.some((each) => each === value);
