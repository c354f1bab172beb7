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
    throw new Failure('unsupported', `${uri.path} has ${Math.round(size / 2 ** 20)} MB; files outside the local disk are read up to ${largestLoaded / 2 ** 20} MB. Copy it to disk.`);
  }
  return openModel(openBytes(uri.path, await vscode.workspace.fs.readFile(uri)), { size, mtimeMs: mtime });
}
