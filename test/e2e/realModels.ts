/** Models written by others, where the checkout has them beside it. Tests that use them are skipped, and say so, where it has not. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

const folder = path.resolve(import.meta.dirname, '../../../shared/models');

/** Paths of the named models, or null if any is missing. */
export function realModels(...names: string[]): readonly string[] | null {
  const files = names.map((name) => path.join(folder, name));
  if (files.every((file) => existsSync(file))) return files;
  console.warn(`SKIPPED: there are no real models at ${folder}; tests that open ${names.join(', ')} do not run.`);
  return null;
}

/** Paths of all of them; none if there are none. */
export function everyRealModel(): readonly string[] {
  const found = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.onnx')) : [];
  if (found.length === 0) console.warn(`SKIPPED: there are no real models at ${folder}; the test that opens every one does not run.`);
  return found.toSorted().map((name) => path.join(folder, name));
}
