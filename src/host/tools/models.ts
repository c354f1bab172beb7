// The models that an agent may name: files of the workspace, and what is open.

import { isAbsolute, relative, resolve } from 'node:path';

import * as vscode from 'vscode';

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { Log } from '../log';
import { ModelDocument } from '../modelDocument';
import type { ModelDocuments } from '../modelDocuments';

/** What all tools need. */
export interface ToolServices {
  readonly documents: ModelDocuments;
  /** A folder for copies. */
  readonly storage: string;
  readonly log: Log;
}

/** The file that a path of the workspace, or of an open model, names; throws a Failure that says which may be named. */
export function modelAt(path: string, documents: ModelDocuments): vscode.Uri {
  const folders = (vscode.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(({ uri }) => uri.fsPath);
  const places = isAbsolute(path) ? [resolve(path)] : folders.map((folder) => resolve(folder, path));
  const open = documents.all.find(({ uri, name }) => places.includes(uri.fsPath) || name === path);
  if (open) return open.uri;
  const inside = places.find((place) => folders.some((folder) => isInside(folder, place)));
  if (inside !== undefined) return vscode.Uri.file(inside);
  const which = folders.length === 0 ? 'No folder is open, so name a model that is.' : 'Name a file of the workspace, or a model that is open.';
  throw new Failure('wrong-usage', `${path} is not in this workspace, and is not read. ${which}`);
}

function isInside(folder: string, place: string): boolean {
  const way = relative(folder, place);
  return way !== '' && !way.startsWith('..') && !isAbsolute(way);
}

/** Does something with a model, with the edits that are not saved where it is open; all of its weights have been measured. */
export async function withModel<T>({ documents, storage, log }: ToolServices, uri: vscode.Uri, work: (document: ModelDocument) => T | Promise<T>): Promise<T> {
  const open = documents.find(uri);
  const document = open ?? new ModelDocument(uri, storage, log);
  try {
    if (!open) await document.read();
    if (!document.opened) throw new Failure('invalid-input', document.error?.message ?? say('{0} could not be read.', document.name));
    await measured(document);
    return await work(document);
  } finally {
    if (!open) document.dispose();
  }
}

async function measured({ measurement }: ModelDocument): Promise<void> {
  measurement.begin();
  if (measurement.progress.kind !== 'running') return;
  await new Promise<void>((resolve) => {
    const subscription = measurement.onDidMeasure(() => {
      if (measurement.progress.kind === 'running') return;
      subscription.dispose();
      resolve();
    });
  });
}
