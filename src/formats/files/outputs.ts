import type { Stats } from 'node:fs';
import { lstatSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { Failure } from '../../protocol/failure';
import { besideOf, createSuffix, flushFolder } from './unfinished';
import { isSameFile, reasonOf, resolveLinks } from './byteSource';

/** What a file of ours may be needed for, and must not be written over. */
export interface Needed { readonly file: string; readonly as: string }

/** Files that a model is read from. */
export function neededBy(model: { readonly file: string; readonly external: readonly { readonly file: string }[] }): readonly Needed[] {
  const external = [...new Set(model.external.map(({ file }) => file))];
  return [{ file: model.file, as: 'the model itself' }, ...external.map((file) => ({ file, as: `external data of ${model.file}` }))];
}

/** Refuses a place that holds something else than a file that may be replaced, before anything is touched. */
export function refuseOutput(path: string, needed: readonly Needed[]): void {
  const there = statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path, { throwIfNoEntry: false });
  if (!there) return;
  if (!there.isFile() && !there.isSymbolicLink()) {
    throw new Failure('wrong-usage', `${path} is ${kindOf(there)}, and not a file that can be written anew. Nothing was written; name a file.`);
  }
  const loss = needed.find(({ file }) => isSameFile(file, path));
  if (loss) throw new Failure('wrong-usage', `${path} is ${loss.as}, which would be lost. Nothing was written; name another file.`);
}

/** A file that is there, and nothing else is said against, is replaced only where that is asked for. */
export function refuseExisting(option: string, path: string, force: boolean): void {
  if (force || !statSync(path, { throwIfNoEntry: false })) return;
  throw new Failure('wrong-usage', `--${option}: ${path} is there already; say --force to replace it.`);
}

function kindOf(status: Stats): string {
  if (status.isDirectory()) return 'a directory';
  if (status.isFIFO()) return 'a named pipe';
  return status.isSocket() ? 'a socket' : 'a device';
}

/** Writes a file as a whole or not at all: beside its place first, where a full disk leaves what was there as it was. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  refuseOutput(path, []);
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode !== undefined && (mode & 0o222) === 0) throw new Failure('read-only', `${path} is read-only and was not written. Name another file.`);
  const beside = besideOf(path, createSuffix());
  try {
    const handle = await open(beside, 'wx', mode === undefined ? 0o666 : mode & 0o777);
    try {
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, resolveLinks(path));
    flushFolder(dirname(resolveLinks(path)));
  } catch (error) {
    await rm(beside, { force: true });
    throw new Failure('write-failed', `${path} was not written: ${reasonOf(error)}. What was there is as it was.`, String(error));
  }
}
