// Keras archives (`.keras`): a ZIP with the configuration, a few words about it, and the weights as an HDF5 file, all stored as they are.

import { Failure, isFailure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { Format } from '../format';
import type { ByteSource } from '../files/byteSource';
import { openBytes } from '../files/byteSource';
import { withHeaderChecksums } from '../hdf5/checksums';
import type { Hdf5Group } from '../hdf5/read';
import { datasetsOf, readHdf5 } from '../hdf5/read';
import { plainOf } from '../json/plain';
import { scanJson } from '../json/scan';
import { withChecksums } from '../zip/checksums';
import { replaceComment } from '../zip/comment';
import { entrySource, readEntry } from '../zip/contents';
import { commentAt } from '../zip/directory';
import type { ZipEntry } from '../zip/entries';
import { readZip } from '../zip/entries';
import { Fields, isObject } from './fields';
import { dialectOf, kerasProducer } from './format';
import { modelOf } from './model';
import { lowerNetwork } from './network';
import { recordBehind } from './record';
import { findByOwner } from './stored';

const configName = 'config.json';
const metadataName = 'metadata.json';
const weightsName = 'model.weights.h5';
/** A configuration is a text; those of the largest networks have a few megabytes. */
const largestText = 1 << 26;
const storedMethod = 0;

export const kerasArchive: Format = {
  recognises({ head, source }) {
    if (!head.startsWith('PK\x03\x04')) return false;
    try {
      return readZip(source).some(({ name }) => name === configName || name === weightsName);
    } catch (error) {
      // What is damaged and called so is said to be damaged.
      if (isFailure(error)) return source.name.endsWith('.keras');
      throw error;
    }
  },
  read({ source }) {
    const entries = new Map(readZip(source).map((entry) => [entry.name, entry] as const));
    const config = textIn(source, entries, configName);
    const metadata = entries.has(metadataName) ? textIn(source, entries, metadataName) : {};
    const version = isObject(metadata) && typeof metadata.keras_version === 'string' ? metadata.keras_version : '';
    const dialect = dialectOf(config, version);
    const weights = weightsIn(source, entries);
    const network = lowerNetwork(new Fields(source.name, configName, config), dialect, (variables) => (
      typeof weights === 'string' ? new Map(variables.map((variable) => (
        [variable, { id: variable.value, dtype: variable.dtype, shape: variable.shape, storage: 'dataset', place: null, values: null, problem: weights }])))
        : findByOwner(variables, weights, source.name)));
    return modelOf(network, { file: source.name, format: 'keras', producer: kerasProducer(dialect), metadata: recordBehind(source) });
  },
  completed(source, replacements) {
    const entries = readZip(source);
    const weights = weightsIn(source, new Map(entries.map((entry) => [entry.name, entry] as const)));
    const own = typeof weights === 'string' ? replacements : withHeaderChecksums(source, [...datasetsOf(weights)], replacements);
    const { lengthAt } = commentAt(source);
    return [...withChecksums(source, entries, own.filter(({ start }) => start < lengthAt)), ...own.filter(({ start }) => start >= lengthAt)];
  },
  relocated: () => [],
  recorded(source, record) {
    const { replacements, isFull } = replaceComment(source, record, 'the record');
    const left = say('What was drawn is not recorded in {0}: the comment of an archive has no room for it.', source.name);
    return { replacements, append: null, ...(isFull ? { left } : {}) };
  },
};

function textIn(source: ByteSource, entries: ReadonlyMap<string, ZipEntry>, name: string): unknown {
  const entry = entries.get(name);
  if (!entry) throw new Failure('broken-file', say('{0} is no Keras archive: it holds no {1}. Save the model again.', source.name, name));
  return plainOf(scanJson(openBytes(`${name} in ${source.name}`, readEntry(source, entry, largestText))));
}

/** The root of the weights, or why there is none, as a clause. */
function weightsIn(source: ByteSource, entries: ReadonlyMap<string, ZipEntry>): Hdf5Group | string {
  const entry = entries.get(weightsName);
  if (!entry) return say('the archive holds no {0}', weightsName);
  if (entry.method !== storedMethod) {
    return say('{0} is compressed in the archive, where Keras stores it as it is: unpack it, and zip it again without compression', weightsName);
  }
  return readHdf5(entrySource(source, entry));
}
