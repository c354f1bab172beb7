// The record of recipes in a JSON text: a key of its outermost object that no reader of models asks for.

import { recordKey } from '../../core/edits/record';
import type { ByteSource } from '../files/byteSource';
import type { FileChange } from '../format';
import { putEntry, removeEntry } from '../json/edit';
import { scanJson } from '../json/scan';
import type { JsonView } from '../json/view';

const owner = 'the record';
/** More white space than this in front of a key is no indentation. */
const widestSpace = 256;

/** Null where there is none. */
export function readRecordText(root: JsonView): string | null {
  const entry = root.find(recordKey);
  return entry?.value.kind === 'string' ? entry.longText() : null;
}

/** Puts it behind the last entry, in a line of its own where the others have one, or takes it out. */
export function recordInText(source: ByteSource, record: string | null): FileChange {
  const { root } = scanJson(source);
  if (root.kind !== 'object') return { replacements: [], append: null };
  if (record === null) return { replacements: removeEntry(root, recordKey, owner), append: null };
  const [first] = root.entries.values();
  const width = first ? first.key.start - root.start - 1 : 0;
  const space = width > widestSpace ? ' ' : Buffer.from(source.read(root.start + 1, width)).toString('latin1');
  return { replacements: [putEntry(root, recordKey, JSON.stringify(record), owner, space)], append: null };
}
