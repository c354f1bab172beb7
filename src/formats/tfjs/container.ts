// What every `model.json` of TensorFlow.js is around its network: shards that it names, and what its user wants to keep.

import { dirname, relative, resolve, sep } from 'node:path';

import { recordKey } from '../../core/edits/record';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { Format } from '../format';
import { putEntry, removeEntry, replaceText } from '../json/edit';
import { plainOf } from '../json/plain';
import type { JsonDocument } from '../json/scan';
import { scanJson } from '../json/scan';
import type { JsonObject } from '../json/value';

/** Where a model may keep what its user wants to keep (tfjs-core/src/io/types.ts, ModelJSON.userDefinedMetadata). */
const userData = 'userDefinedMetadata';

export const container: Pick<Format, 'completed' | 'relocated' | 'recorded'> = {
  completed: (_, replacements) => replacements,
  relocated(source, { external }, target, moved, written) {
    return external.flatMap(({ file, location, entry }) => {
      const there = moved.get(file);
      const isThere = there === undefined || there === resolve(dirname(target), location);
      if (isThere || written.some(({ start, end }) => start <= entry.start && entry.end <= end)) return [];
      return [replaceText(entry, relative(dirname(target), there).replaceAll(sep, '/'), `the place of ${location} in ${source.name}`)];
    });
  },
  recorded(source, record) {
    const { root } = scanJson(source);
    if (root.kind !== 'object') throw new Failure('changed-on-disk', say('{0} is not the model that was read. Read it again.', source.name));
    const data = root.entries.get(userData)?.value;
    const own = data?.kind === 'object' ? data : null;
    const text = JSON.stringify(record);
    if (record === null) return { replacements: own ? removeEntry(own, recordKey, 'the record') : [], append: null };
    const change = own ? putEntry(own, recordKey, text, 'the record') : putEntry(root, userData, JSON.stringify({ [recordKey]: record }), 'the record');
    return { replacements: [change], append: null };
  },
};

/** The metadata of the model: the record of recipes, if it has one. */
export function recordOf(document: JsonDocument, root: JsonObject): ReadonlyMap<string, string> {
  const data = root.entries.get(userData)?.value;
  const record = data?.kind === 'object' ? data.entries.get(recordKey)?.value : undefined;
  return record?.kind === 'string' ? new Map([[recordKey, String(plainOf(document, record))]]) : new Map();
}
