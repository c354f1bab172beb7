// Keras configurations as `to_json` writes them: networks without weights, which say how these start.

import type { Format } from '../format';
import { plainOf } from '../json/plain';
import { scanJson } from '../json/scan';
import type { JsonValue } from '../json/value';
import { declareRecipes } from './declaring';
import type { Dialect } from './dialect';
import { kerasDialect } from './dialect';
import { Fields, isObject } from './fields';
import { declareVariables } from './initializers';
import { modelOf } from './model';
import { lowerNetwork } from './network';

/** {"class_name": …, "config": …} */
export function looksLikeModel(root: JsonValue | undefined): boolean {
  if (root?.kind !== 'object' || root.entries.get('class_name')?.value.kind !== 'string') return false;
  const config = root.entries.get('config')?.value;
  const layers = config?.kind === 'object' ? config.entries.get('layers')?.value : config;
  return layers?.kind === 'array';
}

/** Which Keras wrote a configuration, from its own words. */
export function dialectOf(config: unknown, version?: string): Dialect {
  const said = version ?? (isObject(config) && typeof config.keras_version === 'string' ? config.keras_version : '');
  return kerasDialect(said, isObject(config) && typeof config.module === 'string', knowsAxes(config, 0));
}

/** Keras 3.15 gives every initialiser the axes that are its inputs, if only as null. */
function knowsAxes(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null || depth > deepest) return false;
  return Object.hasOwn(value, 'input_axes') || Object.values(value).some((each) => knowsAxes(each, depth + 1));
}

/** As deep as a scanned text may be. */
const deepest = 512;

export const kerasProducer = ({ generation, version }: Dialect): string => `Keras ${version === '' ? generation : version}`;

export const kerasFormat: Format = {
  recognises: (file) => looksLikeModel(file.json()?.root),
  read(file) {
    const { source } = file;
    const document = file.json();
    const value = document && plainOf(document);
    const dialect = dialectOf(value);
    const network = lowerNetwork(new Fields(source.name, '', value), dialect, (variables) => declareVariables(variables, dialect));
    return modelOf(network, { file: source.name, format: 'keras', producer: kerasProducer(dialect) });
  },
  completed: (_, replacements) => replacements,
  relocated: () => [],
  declare(source, tensors, recipes) {
    const document = scanJson(source);
    return declareRecipes(document, dialectOf(plainOf(document)), tensors, recipes);
  },
  recorded: () => ({ replacements: [], append: null }),
};
