// Keras models in HDF5: whole ones, which hold their configuration, and files of weights beside one.

import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';

import { Failure, isFailure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { Format } from '../format';
import type { ByteSource } from '../files/byteSource';
import { openBytes, openFile } from '../files/byteSource';
import { withHeaderChecksums } from '../hdf5/checksums';
import type { Hdf5Group } from '../hdf5/read';
import { datasetsOf, readHdf5 } from '../hdf5/read';
import { plainOf } from '../json/plain';
import { scanJson } from '../json/scan';
import { Fields } from './fields';
import { dialectOf, kerasProducer } from './format';
import { modelOf } from './model';
import { lowerNetwork } from './network';
import { recordBehind, recordedBehind } from './record';
import { findByLayers, findByOwner, isByOwner } from './stored';
import { isModelConfig } from './topology';

const configAttribute = 'model_config';

export const kerasHdf5: Format = {
  recognises: ({ head }) => head.startsWith('\x89HDF\r\n'),
  read({ source }) {
    const root = readHdf5(source);
    const { config, where } = configOf(source, root);
    const version = textOf(root, 'keras_version');
    const dialect = dialectOf(config, version === '' ? undefined : version);
    const weights = root.groups.get('model_weights') ?? root;
    const network = lowerNetwork(new Fields(source.name, where, config), dialect, (variables) => (
      isByOwner(weights) ? findByOwner(variables, weights, source.name) : findByLayers(variables, weights, source.name)));
    return modelOf(network, { file: source.name, format: 'keras', producer: kerasProducer(dialect), metadata: recordBehind(source) });
  },
  completed: (source, replacements) => withHeaderChecksums(source, [...datasetsOf(readHdf5(source))], replacements),
  relocated: () => [],
  recorded: (source, record) => ({ replacements: recordedBehind(source, record), append: null }),
};

function textOf(group: Hdf5Group, name: string): string {
  const value = group.attributes.get(name);
  return typeof value === 'string' ? value : '';
}

/** The configuration in the file, or of a file beside it that is called as Keras calls it. */
function configOf(source: ByteSource, root: Hdf5Group): { readonly config: unknown; readonly where: string } {
  const own = textOf(root, configAttribute);
  if (own !== '') return { config: plainOf(scanJson(openBytes(`${configAttribute} of ${source.name}`, Buffer.from(own)))), where: configAttribute };
  const { folder } = source;
  const stem = basename(source.name).replace(/(\.weights)?\.(h5|hdf5|keras)$/, '');
  const names = [...new Set([`${stem}.json`, 'config.json', `${stem}_config.json`, 'model.json'])];
  for (const name of names) {
    const config = folder === null ? null : readConfig(join(folder, name));
    if (config !== null) return { config, where: name };
  }
  throw new Failure('foreign-file', isByOwner(root) || root.attributes.has('layer_names')
    ? say('{0} holds weights of Keras, and no configuration that says of which network. '
      + 'Save the whole model as .keras, or put its to_json() beside it as {1}.json.', source.name, stem)
    : say('{0} is an HDF5 file, and no model of Keras. Save the whole model as .keras, or put its to_json() beside it as {1}.json.', source.name, stem));
}

function readConfig(path: string): unknown {
  if (!existsSync(path)) return null;
  const source = openFile(path);
  try {
    const config = plainOf(scanJson(source));
    return isModelConfig(config) ? config : null;
  } catch (error) {
    if (isFailure(error)) return null;
    throw error;
  } finally {
    source.close();
  }
}
