// Keras configurations as `to_json` writes them: networks without weights, which say how these start.

import type { Format } from '../format';
import type { Dialect } from './dialect';
import { kerasDialect } from './dialect';
import { Fields, isObject } from './fields';
import { declareVariables } from './initializers';
import { parseJson } from './json';
import { modelOf } from './model';
import { lowerNetwork } from './network';
import { isModelConfig } from './topology';

/** Which Keras wrote a configuration, from its own words. */
export function dialectOf(config: unknown, text: string, version?: string): Dialect {
  const said = version ?? (isObject(config) && typeof config.keras_version === 'string' ? config.keras_version : '');
  return kerasDialect(said, isObject(config) && typeof config.module === 'string', text.includes('"input_axes"'));
}

export const kerasProducer = ({ generation, version }: Dialect): string => `Keras ${version === '' ? generation : version}`;

export const kerasFormat: Format = {
  recognises: ({ source }) => isModelConfig(parseJson(source).value),
  read({ source }) {
    const { value, text } = parseJson(source);
    const dialect = dialectOf(value, text);
    const network = lowerNetwork(new Fields(source.name, '', value), dialect, (variables) => declareVariables(variables, dialect));
    return modelOf(network, { file: source.name, format: 'keras', producer: kerasProducer(dialect) });
  },
  entailed: () => [],
  relocated: () => [],
  recorded: () => ({ replacements: [], append: null }),
};
