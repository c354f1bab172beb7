/** What tests of saves have in common: files beside each other, what is drawn into them, and what of them may change. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';

import type { Tensor } from '../../../src/core/graph/tensor';
import { FilePool, readFloat32 } from '../../../src/formats/tensors/content';
import { openModelFile, tensorsById } from '../../../src/formats/openModel';
import type { NewContent } from '../../../src/formats/saving/save';
import { saveModel } from '../../../src/formats/saving/save';
import type { RestoredPayload } from '../../../src/protocol/engine';
import type { Recipe } from '../../../src/protocol/recipe';
import { present } from './graphs';
import { createFolder } from './temporary';

export const recipeFor = (tensorId: string): Recipe => (
  { version: 1, tensorId, seed: 7, blocks: [{ sampler: { kind: 'uniform', low: -1, high: 1 } }], origin: { scheme: 'normal', title: 'Test' } });
export const drawn = (...ids: readonly string[]): ReadonlyMap<string, NewContent> => (
  new Map(ids.map((id) => [id, { kind: 'recipe', recipe: recipeFor(id) } as const])));
export const restored = (kept: readonly RestoredPayload[]): ReadonlyMap<string, NewContent> => (
  new Map(kept.map((payload) => [payload.tensorId, { kind: 'payload', payload } as const])));

/** A model in a folder of its own, with its external data. */
export function createModel(bytes: Uint8Array, data?: Uint8Array): string {
  const folder = createFolder();
  const file = path.join(folder, 'net.onnx');
  writeFileSync(file, bytes);
  if (data) writeFileSync(path.join(folder, 'net.data'), data);
  return file;
}

/** Every file beside a model, itself included, by name. */
export const contentsOf = (file: string): ReadonlyMap<string, Buffer> => (
  new Map(readdirSync(path.dirname(file)).sort().map((name) => [name, readFileSync(path.join(path.dirname(file), name))])));

export async function write(file: string, contents: ReadonlyMap<string, NewContent>, target = file): Promise<void> {
  await saveModel({ opened: openModelFile(file), target, contents, record: false });
}

export const weightIn = (file: string, id: string): Tensor => present(tensorsById(openModelFile(file)).get(id));

export function elementsOf(file: string, id: string): readonly number[] {
  const pool = new FilePool();
  try {
    return Array.from(readFloat32(pool, weightIn(file, id), {}));
  } finally {
    pool.close();
  }
}

/** Equal but for some ranges, and of the same length. */
export function expectEqualOutside(before: Buffer, after: Buffer, ranges: readonly (readonly [start: number, end: number])[]): void {
  expect(after.length).toBe(before.length);
  let at = 0;
  for (const [start, end] of [...ranges].sort(([a], [b]) => a - b)) {
    expect(after.subarray(at, start).equals(before.subarray(at, start))).toBe(true);
    at = end;
  }
  expect(after.subarray(at).equals(before.subarray(at))).toBe(true);
}
