/** Reads the committed golden values. What does not have the expected form is an error, not a cast. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export function readJson(name: string): Json {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, name), 'utf8')) as Json;
}

export function field(json: Json | undefined, key: string): Json {
  if (json !== undefined && json !== null && typeof json === 'object' && !isList(json)) {
    const value = json[key];
    if (value !== undefined) return value;
  }
  throw new Error(`The golden values have no "${key}". Make them anew: node test/golden/generate.mjs`);
}

export function keysOf(json: Json): readonly string[] {
  return json !== null && typeof json === 'object' && !isList(json) ? Object.keys(json) : [];
}

export function listOf(json: Json): readonly Json[] {
  if (!isList(json)) throw new Error('A list was expected.');
  return json;
}

export function numberOf(json: Json): number {
  if (typeof json !== 'number') throw new Error('A number was expected.');
  return json;
}

export function textOf(json: Json): string {
  if (typeof json !== 'string') throw new Error('A text was expected.');
  return json;
}

export const numbersOf = (json: Json): readonly number[] => listOf(json).map(numberOf);

export function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

/** ‖measured − golden‖ in units of what is tolerated, 1e-4 ‖golden‖ + 1e-6: at most 1 is right. */
export function distance(measured: ArrayLike<number | bigint>, golden: readonly number[]): number {
  if (measured.length !== golden.length) return Infinity;
  const difference = golden.map((value, i) => Number(measured[i]) - value);
  return norm(difference) / (1e-4 * norm(golden) + 1e-6);
}

export const norm = (elements: readonly number[]): number => Math.sqrt(elements.reduce((sum, element) => sum + element * element, 0));
