/** Saving beside copying: the same bytes through the same disk, and the same count of normals from PyTorch. */
import { spawnSync } from 'node:child_process';
import { closeSync, copyFileSync, fsyncSync, openSync, rmSync } from 'node:fs';
import path from 'node:path';

import { drawnBytes } from '../../src/formats/tensors/content';
import { openModelFile, tensorsById } from '../../src/formats/openModel';
import { saveModel } from '../../src/formats/saving/save';
import type { Recipe } from '../../src/protocol/recipe';
import { writeChain } from './models';
import { compare } from './table';

const recipe = (tensorId: string): Recipe => (
  { version: 1, tensorId, seed: 1, blocks: [{ sampler: { kind: 'normal', mean: 0, std: 0.02 } }], origin: { scheme: 'normal', title: '' } });

/**
 * Milliseconds of each of several works, the best of three rounds in which they take turns: a disk is not equally fast all the time. The blocks of
 * what is saved over are given back between them: a save does not wait for that, and no other work is to be slowed down by it.
 */
export async function bestInTurn(saved: string, works: readonly (() => unknown)[]): Promise<readonly number[]> {
  const best = works.map(() => Infinity);
  for (let round = 0; round < 3; round++) {
    for (const [i, work] of works.entries()) {
      const old = openSync(saved, 'r');
      const start = performance.now();
      await work();
      best[i] = Math.min(best[i] ?? Infinity, performance.now() - start);
      closeSync(old);
    }
  }
  return best;
}

export function copyAndFlush(file: string, copy: string): void {
  rmSync(copy, { force: true });
  copyFileSync(file, copy);
  const descriptor = openSync(copy, 'r+');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

async function measureOne(what: string, folder: string, layers: number, ids: readonly string[]): Promise<number> {
  const file = path.join(folder, 'saved.onnx');
  const copy = path.join(folder, 'copy.onnx');
  writeChain(file, layers, 2048, true);
  const contents = new Map(ids.map((id) => [id, { kind: 'recipe', recipe: recipe(id) } as const]));
  const tensors = tensorsById(openModelFile(file));
  const sample = (): void => {
    for (const id of ids) {
      const tensor = tensors.get(id);
      if (tensor) for (const chunk of drawnBytes(recipe(id), tensor)) chunk.at(0);
    }
  };
  const save = (): Promise<void> => saveModel({ opened: openModelFile(file), target: file, contents, record: true });
  const [own = NaN, sampled = NaN, copied = NaN] = await bestInTurn(file, [save, sample, () => copyAndFlush(file, copy)]);
  compare(what, own, copied, 'fs.copyFile and fsync');
  compare('  beside that and drawing the values', own, copied + sampled, 'the two one after the other');
  rmSync(copy);
  rmSync(file);
  return own;
}

export async function measureSaving(folder: string, python: { readonly program: string; readonly peer: string } | null): Promise<void> {
  await measureOne('save 1 of 12 weights of 201 MB', folder, 12, ['w5']);
  const layers = 60;
  const all = Array.from({ length: layers }, (_, i) => `w${i}`);
  const own = await measureOne('save all weights of 1.0 GB', folder, layers, all);
  const said = python && spawnSync(python.program, [python.peer, 'normals', String(layers * 2048 * 2048)], { encoding: 'utf8' });
  const times = said?.status === 0 ? (JSON.parse(said.stdout) as { readonly ms: readonly number[] }).ms : [];
  compare('', own, times.length > 0 ? Math.min(...times) : undefined, 'torch.randn of as many, two threads, not written');
}
