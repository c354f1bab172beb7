// Changes of single entries of a JSON text, everything else left as it is.

import type { Replacement } from '../files/replacement';
import { replaceBy } from '../files/replacement';
import type { JsonObject, JsonValue } from './value';

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Another text in place of one, in quotes. */
export const replaceText = ({ start, end }: Pick<JsonValue, 'start' | 'end'>, text: string, owner: string): Replacement => (
  replaceBy(start, end, utf8(JSON.stringify(text)), owner));

/** Puts an entry into an object: over the one that is there, else before the one called so, else behind the last and some space. `value` is JSON. */
export function putEntry(object: JsonObject, key: string, value: string, owner: string, space = ' ', before = ''): Replacement {
  const known = object.entries.get(key);
  if (known) return replaceBy(known.value.start, known.value.end, utf8(value), owner);
  const next = object.entries.get(before);
  if (next) return replaceBy(next.key.start, next.key.start, utf8(`${JSON.stringify(key)}: ${value},${space}`), owner);
  const last = [...object.entries.values()].at(-1);
  const at = last ? last.value.end : object.start + 1;
  return replaceBy(at, at, utf8(`${last ? `,${space}` : ''}${JSON.stringify(key)}: ${value}`), owner);
}

/** Takes an entry out, and the comma before it, or behind it where it is the first; nothing where there is none. */
export function removeEntry(object: JsonObject, key: string, owner: string): readonly Replacement[] {
  const all = [...object.entries];
  const at = all.findIndex(([name]) => name === key);
  const [entry, before, behind] = [all[at]?.[1], all[at - 1]?.[1], all[at + 1]?.[1]];
  if (!entry) return [];
  const start = before ? before.value.end : entry.key.start;
  const end = before || !behind ? entry.value.end : behind.key.start;
  return [replaceBy(start, end, new Uint8Array(0), owner)];
}
