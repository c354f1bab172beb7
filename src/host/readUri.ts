import * as vscode from 'vscode';

import { openBytes } from '../formats/byteSource';
import type { OpenedModel } from '../formats/openModel';
import { openModel } from '../formats/openModel';
import { Failure } from '../protocol/failure';

/** Files that are not on a disk are loaded whole. */
const largestLoaded = 256 * 2 ** 20;

/** Reads a model behind any URI the workbench can read, such as `git:`. */
export async function readUri(uri: vscode.Uri): Promise<OpenedModel> {
  const { size, mtime } = await vscode.workspace.fs.stat(uri);
  if (size > largestLoaded) {
    const [found, most] = [Math.round(size / 2 ** 20), largestLoaded / 2 ** 20];
    throw new Failure('unsupported', `${uri.path} has ${found} MB; files outside the local disk are read up to ${most} MB. Copy it to disk.`);
  }
  return openModel(openBytes(uri.path, await vscode.workspace.fs.readFile(uri)), { size, mtimeMs: mtime });
}
