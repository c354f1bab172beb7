// Values of a JSON text by their path, "config.layers[3].config", as formats remember where something is declared.

import type { JsonObject, JsonValue } from './value';

export function objectAt(root: JsonValue, path: string): JsonObject | null {
  const value = valueAt(root, path);
  return value?.kind === 'object' ? value : null;
}

export function valueAt(root: JsonValue, path: string): JsonValue | null {
  let value: JsonValue | undefined = root;
  for (const [, key, index] of path.matchAll(/([^.[\]]+)|\[(\d+)\]/g)) {
    value = key !== undefined && value?.kind === 'object' ? value.entries.get(key)?.value
      : index !== undefined && value?.kind === 'array' ? value.items[Number(index)] : undefined;
  }
  return value ?? null;
}
