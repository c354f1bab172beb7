// A JSON text as the values that JSON.parse would make of it, for what is small: configurations.

import type { JsonDocument } from './scan';
import { partsOf } from './scan';
import { numberTokens } from './tokens';
import type { JsonNumbers, JsonValue } from './value';

/** Keys are own properties whatever they are called, also `__proto__`. */
export function plainOf({ source, root }: JsonDocument, value: JsonValue = root): unknown {
  const inner = (each: JsonValue): unknown => plainOf({ source, root, notes: [] }, each);
  switch (value.kind) {
    case 'object': return Object.fromEntries([...value.entries].map(([key, entry]) => [key, inner(entry.value)]));
    case 'array': return value.items.map(inner);
    case 'string': return value.text ?? Buffer.from(source.read(value.start + 1, value.end - value.start - 2)).toString('utf8');
    case 'number': case 'literal': return value.value;
    case 'numbers': return numbersOf(source, value, inner);
  }
}

/** A list, or the typed array that JSON.stringify has made an object of. */
function numbersOf(source: JsonDocument['source'], value: JsonNumbers, inner: (each: JsonValue) => unknown): unknown {
  if (!isList(source.read(value.start, 1))) return Object.fromEntries(flatNumbers(source, value).map((each, i) => [String(i), each]));
  return value.shape?.length === 1 ? flatNumbers(source, value) : partsOf(source, value).map(inner);
}

const isList = (first: Uint8Array): boolean => first[0] === 0x5b;

function flatNumbers(source: JsonDocument['source'], { start, end }: JsonNumbers): readonly unknown[] {
  const values: unknown[] = [];
  for (const { bytes, starts, ends, count } of numberTokens(source, start, end - start)) {
    for (let i = 0; i < count; i++) {
      const text = Buffer.from(bytes.subarray(starts[i], ends[i])).toString('latin1');
      values.push(text === 'null' ? null : Number(text));
    }
  }
  return values;
}
