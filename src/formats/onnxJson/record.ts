// The record of recipes as ONNX has metadata, an entry of a list: readers of protobuf's JSON refuse keys that onnx.proto does not have.

import { recordKey } from '../../core/edits/record';
import type { ByteSource } from '../files/byteSource';
import type { Replacement } from '../files/replacement';
import { replaceBy } from '../files/replacement';
import type { FileChange } from '../format';
import { putEntry, removeEntry, replaceText } from '../json/edit';
import { scanJson } from '../json/scan';
import type { JsonObject, JsonValue } from '../json/value';
import { JsonView } from '../json/view';
import { findField } from './decode';

const owner = 'the record';
const field = 'metadataProps';
/** More white space than this in front of a value is no indentation. */
const widestSpace = 256;

/** Puts it behind the last entry, in a line of its own where the others have one, or takes it out. */
export function recordInList(source: ByteSource, record: string | null): FileChange {
  const document = scanJson(source);
  const { root } = document;
  if (root.kind !== 'object') return { replacements: [], append: null };
  const list = findField(JsonView.of(document), field)?.value ?? null;
  const items = list?.kind === 'array' ? list.items : [];
  const at = items.findIndex((item) => isRecord(item));
  return { replacements: record === null ? removed(source, root, items, at) : added(source, root, list, at, record), append: null };
}

function isRecord(item: JsonValue): boolean {
  const key = item.kind === 'object' ? item.entries.get('key')?.value : undefined;
  return key?.kind === 'string' && key.text === recordKey;
}

function added(source: ByteSource, root: JsonObject, list: JsonValue | null, at: number, record: string): readonly Replacement[] {
  const items = list?.kind === 'array' ? list.items : [];
  const known = items[at];
  const value = known?.kind === 'object' ? known.entries.get('value')?.value : undefined;
  if (value) return [replaceText(value, record, owner)];
  if (known?.kind === 'object') return [putEntry(known, 'value', JSON.stringify(record), owner)];
  const entry = JSON.stringify({ key: recordKey, value: record });
  if (!list) {
    const isSnake = ['ir_version', 'opset_import', 'producer_name'].some((key) => root.entries.has(key));
    const [first] = root.entries.values();
    return [putEntry(root, isSnake ? 'metadata_props' : field, `[${entry}]`, owner, first ? spaceBefore(source, root.start, first.key.start) : ' ')];
  }
  const [first] = items;
  const last = items.at(-1);
  if (!first || !last) return [inserted(list.start + 1, ` ${entry}`)];
  return [inserted(last.end, `,${spaceBefore(source, list.start, first.start)}${entry}`)];
}

const inserted = (at: number, text: string): Replacement => replaceBy(at, at, new TextEncoder().encode(text), owner);

/** As the first of a list or an object stands behind its bracket. */
function spaceBefore(source: ByteSource, open: number, first: number): string {
  const width = first - open - 1;
  return width > widestSpace ? ' ' : Buffer.from(source.read(open + 1, width)).toString('latin1');
}

/** With the comma before it; alone in its list it leaves behind what was there before it came: an empty list, or none. */
function removed(source: ByteSource, root: JsonObject, items: readonly JsonValue[], at: number): readonly Replacement[] {
  const [own, before, behind] = [items[at], items[at - 1], items[at + 1]];
  if (!own) return [];
  const cut = (start: number, end: number): readonly Replacement[] => [replaceBy(start, end, new Uint8Array(0), owner)];
  if (before) return cut(before.end, own.end);
  if (behind) return cut(own.start, behind.start);
  const wasEmpty = source.read(own.start - 1, 1)[0] === ' '.charCodeAt(0);
  return wasEmpty ? cut(own.start - 1, own.end) : [field, 'metadata_props'].flatMap((key) => removeEntry(root, key, owner));
}
