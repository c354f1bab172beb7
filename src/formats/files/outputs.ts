import type { Stats } from 'node:fs';
import { lstatSync, statSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import { besideOf, createSuffix, flushFolder } from './unfinished';
import { isSameFile, reasonOf, resolveLinks } from './byteSource';

/** What a file of ours may be needed for, and must not be written over. */
export interface Needed { readonly file: string; readonly as: string }

/** Files that a model is read from. */
export function neededBy(model: { readonly file: string; readonly external: readonly { readonly file: string }[] }): readonly Needed[] {
  const external = [...new Set(model.external.map(({ file }) => file))];
  return [{ file: model.file, as: say('the model itself') }, ...external.map((file) => ({ file, as: say('external data of {0}', model.file) }))];
}

/** Refuses a place that holds something else than a file that may be replaced, before anything is touched. */
export function refuseOutput(path: string, needed: readonly Needed[]): void {
  const there = statSync(path, { throwIfNoEntry: false }) ?? lstatSync(path, { throwIfNoEntry: false });
  if (!there) return;
  if (!there.isFile() && !there.isSymbolicLink()) {
    throw new Failure('wrong-usage',
      say('{0} is {1}, and not a file that can be written anew. Nothing was written; name a file.', path, kindOf(there)));
  }
  const loss = needed.find(({ file }) => isSameFile(file, path));
  if (loss) throw new Failure('wrong-usage', say('{0} is {1}, which would be lost. Nothing was written; name another file.', path, loss.as));
}

/** A file that is there, and nothing else is said against, is replaced only where that is asked for. */
export function refuseExisting(option: string, path: string, force: boolean): void {
  if (force || !statSync(path, { throwIfNoEntry: false })) return;
  throw new Failure('wrong-usage', `--${option}: ${path} is there already; say --force to replace it.`);
}

function kindOf(status: Stats): string {
  if (status.isDirectory()) return say('a directory');
  if (status.isFIFO()) return say('a named pipe');
  return status.isSocket() ? say('a socket') : say('a device');
}

/** Writes a file as a whole or not at all: beside its place first, where a full disk leaves what was there as it was. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  refuseOutput(path, []);
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode !== undefined && (mode & 0o222) === 0) throw new Failure('read-only', say('{0} is read-only and was not written. Name another file.', path));
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
    throw new Failure('write-failed', say('{0} was not written: {1}. What was there is as it was.', path, reasonOf(error)), String(error));
  }
}
