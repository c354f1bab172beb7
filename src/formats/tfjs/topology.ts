// Topologies of TensorFlow.js layers-models, with the shards beside them or alone: then they only say how a network starts.

import type { Format } from '../format';
import { plainOf } from '../json/plain';
import type { JsonDocument } from '../json/scan';
import { scanJson } from '../json/scan';
import type { JsonObject, JsonValue } from '../json/value';
import { declareRecipes } from '../keras/declaring';
import type { Dialect } from '../keras/dialect';
import { Fields, isObject } from '../keras/fields';
import { looksLikeModel } from '../keras/format';
import { declareVariables } from '../keras/initializers';
import { modelOf } from '../keras/model';
import { lowerNetwork } from '../keras/network';

export interface Topology {
  readonly fields: Fields;
  readonly dialect: Dialect;
}

interface Place {
  readonly config: JsonObject;
  /** Where that is in the file. */
  readonly path: string;
  /** Of the library that wrote it: Keras, where it was converted. */
  readonly version: string;
}

/** What Keras calls itself in a configuration that TensorFlow.js wrote (Container.updatedConfig, tfjs-layers/src/engine/container.ts). */
const ownVersion = 'tfjs-layers ';

const objectIn = (object: JsonObject, key: string): JsonObject | null => {
  const value = object.entries.get(key)?.value;
  return value?.kind === 'object' ? value : null;
};

const textIn = (object: JsonObject, key: string): string => {
  const value = object.entries.get(key)?.value;
  return value?.kind === 'string' ? value.text ?? '' : '';
};

/** The configuration stands in `modelTopology`, or one step below beside the version of Keras that wrote it; or it is the file, as `toJSON` gives it. */
function placeIn(root: JsonValue | undefined): Place | null {
  if (root?.kind !== 'object') return null;
  const topology = objectIn(root, 'modelTopology');
  if (!topology) {
    const own = textIn(root, 'keras_version');
    return looksLikeModel(root) && own.startsWith(ownVersion) ? { config: root, path: '', version: own } : null;
  }
  const inner = objectIn(topology, 'model_config');
  const config = inner ?? topology;
  const version = textIn(topology, 'keras_version');
  return config.entries.get('class_name')?.value.kind === 'string' ? { config, path: inner ? 'modelTopology.model_config' : 'modelTopology', version } : null;
}

export const hasTopology = (root: JsonValue | undefined): boolean => placeIn(root) !== null;

export function readTopology(document: JsonDocument): Topology {
  const place = placeIn(document.root);
  if (!place) throw new Error(`${document.source.name} is no layers-model.`);
  const config = plainOf(document, place.config);
  const generation = isObject(config) && typeof config.module === 'string' ? 3 : 2;
  return {
    fields: new Fields(document.source.name, place.path, config), dialect: { library: 'tfjs', generation, version: place.version, knowsAxes: false },
  };
}

/** Whether the manifest, if there is one, lists no weight. */
export function isBare(root: JsonValue | undefined): boolean {
  const groups = root?.kind === 'object' ? root.entries.get('weightsManifest')?.value : undefined;
  if (groups === undefined || (groups.kind === 'literal' && groups.value === null)) return true;
  return groups.kind === 'array' && groups.items.every((group) => {
    const weights = group.kind === 'object' ? group.entries.get('weights')?.value : undefined;
    return weights?.kind === 'array' && weights.items.length === 0;
  });
}

export function producerIn(root: JsonValue): string {
  const own = root.kind === 'object' ? textIn(root, 'generatedBy') : '';
  const version = root.kind === 'object' ? textIn(root, 'keras_version') : '';
  return own !== '' ? own : version.startsWith(ownVersion) ? `TensorFlow.js ${version}` : 'TensorFlow.js';
}

export const tfjsTopologyFormat: Format = {
  recognises(file) {
    const root = file.json()?.root;
    return hasTopology(root) && isBare(root);
  },
  read(file) {
    const document = file.json();
    if (!document) throw new Error(`${file.source.name} is no layers-model.`);
    const { fields, dialect } = readTopology(document);
    const network = lowerNetwork(fields, dialect, (variables) => declareVariables(variables, dialect));
    return modelOf(network, { file: file.source.name, format: 'tfjs', producer: producerIn(document.root) });
  },
  completed: (_, replacements) => replacements,
  relocated: () => [],
  declare(source, tensors, recipes) {
    const document = scanJson(source);
    return declareRecipes(document, readTopology(document).dialect, tensors, recipes);
  },
  recorded: () => ({ replacements: [], append: null }),
};
