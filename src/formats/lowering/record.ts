// The record of recipes in a JSON text: a key of its outermost object that no reader of models asks for.

import { recordKey } from '../../core/edits/record';
import type { ByteSource } from '../files/byteSource';
import { replaceBy } from '../files/replacement';
import type { FileChange } from '../format';
import { jsonOf } from '../json/documents';
import type { JsonObject } from '../json/value';
import type { JsonView } from '../json/view';

/** Null where there is none. */
export function readRecordText(root: JsonView): string | null {
  const entry = root.find(recordKey);
  return entry?.value.kind === 'string' ? entry.longText() : null;
}

/** Puts it behind the last entry, in a line of its own where the others have one, or takes it out with the comma in front. */
export function recordInText(source: ByteSource, record: string | null): FileChange {
  const document = jsonOf(source);
  const root = document && 'root' in document ? document.root : null;
  if (root?.kind !== 'object') return { replacements: [], append: null };
  const there = root.entries.get(recordKey);
  const text = record === null ? null : JSON.stringify(record);
  const change = (start: number, end: number, bytes: string): FileChange => (
    { replacements: [replaceBy(start, end, new TextEncoder().encode(bytes), 'the record')], append: null });
  if (there) return text === null ? removed(root, change) : change(there.value.start, there.value.end, text);
  if (text === null) return { replacements: [], append: null };
  const last = [...root.entries.values()].at(-1);
  const first = [...root.entries.values()][0];
  if (!last || !first) return change(root.start + 1, root.start + 1, `${JSON.stringify(recordKey)}: ${text}`);
  return change(last.value.end, last.value.end, `,${between(source, root.start + 1, first.key.start)}${JSON.stringify(recordKey)}: ${text}`);
}

function removed(root: JsonObject, change: (start: number, end: number, bytes: string) => FileChange): FileChange {
  const entries = [...root.entries.entries()];
  const at = entries.findIndex(([key]) => key === recordKey);
  const [before, own, after] = [entries[at - 1]?.[1], entries[at]?.[1], entries[at + 1]?.[1]];
  if (!own) return { replacements: [], append: null };
  if (before) return change(before.value.end, own.value.end, '');
  return change(own.key.start, after ? after.key.start : own.value.end, '');
}

/** White space that the first key stands behind. */
function between(source: ByteSource, start: number, end: number): string {
  const longest = 256;
  return end - start > longest ? ' ' : Buffer.from(source.read(start, end - start)).toString('latin1');
}
