import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import * as vscode from 'vscode';

import { Failure } from '../protocol/failure';
import { say } from '../protocol/words';

/** Files that are not on a disk cannot be read a piece at a time: they are loaded whole, up to this size. */
export const largestLoadedMegabytes = 256;

/** Copies what is behind any URI the workbench can read, such as `git:`, to the disk; returns the path of the copy. */
export async function copyToDisk(uri: vscode.Uri, folder: string): Promise<string> {
  const name = basename(uri.path);
  const { size } = await vscode.workspace.fs.stat(uri);
  const megabytes = Math.round(size / 2 ** 20);
  if (megabytes > largestLoadedMegabytes) {
    throw new Failure('unsupported', say('{0} has {1} MB; files of "{2}:" are loaded whole, up to {3} MB. Copy it to the disk and open it there.',
      name, megabytes, uri.scheme, largestLoadedMegabytes));
  }
  const bytes = await vscode.workspace.fs.readFile(uri);
  await mkdir(folder, { recursive: true });
  const copy = join(await mkdtemp(join(folder, 'copy-')), name);
  await writeFile(copy, bytes);
  return copy;
}

/** A text that is not saved, on the disk under the name that it will have. */
export async function writeCopy(uri: vscode.Uri, text: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const copy = join(await mkdtemp(join(folder, 'text-')), basename(uri.path));
  await writeFile(copy, text);
  return copy;
}

export async function removeCopy(copy: string): Promise<void> {
  await rm(dirname(copy), { recursive: true, force: true });
}
