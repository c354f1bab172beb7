import * as vscode from 'vscode';

import type { Edit } from '../core/edits/log';
import { readRecipe } from '../core/edits/record';
import { say } from '../protocol/words';
import type { LearnedWeights } from './learnedWeights';
import type { ModelDocument } from './modelDocument';

/** What a backup brings back, and what the user has to know about it. */
export interface RestoredBackup {
  readonly edits: readonly Edit[];
  /** Why edits are missing, or may not be the latest; null if all is well. */
  readonly problem: string | null;
}

interface BackupFile {
  readonly written: number;
  readonly edits: readonly Edit[];
}

/**
 * A backup is the list of edits: drawing them again gives the same bits, so no payload is ever copied. It is complete in itself, and in
 * place as a whole or not at all, since the next backup may be written over the one a document was restored from.
 */
export async function writeBackup(document: ModelDocument, destination: vscode.Uri, learned: LearnedWeights): Promise<vscode.CustomDocumentBackup> {
  const text = JSON.stringify({ version: 1, uri: document.uri.toString(), written: Date.now(), edits: document.applied() });
  await learned.nameIn(destination.fsPath, document.applied());
  const unfinished = destination.with({ path: `${destination.path}.tmp` });
  await vscode.workspace.fs.writeFile(unfinished, new TextEncoder().encode(text));
  await vscode.workspace.fs.rename(unfinished, destination, { overwrite: true });
  const remove = (): void => {
    learned.forget(destination.fsPath);
    void vscode.workspace.fs.delete(destination).then(undefined, () => undefined);
  };
  return { id: destination.toString(), delete: remove };
}

/** The same with the values that were learned, of which nothing is brought back that is not there. */
export async function readWithLearned(id: string, document: vscode.Uri, learned: LearnedWeights): Promise<RestoredBackup> {
  const backup = await readBackup(id, document);
  const { edits, missing } = await learned.claimThose(backup.edits);
  const lost = say(`what was learned for {0} of their tensors is not in Initscope's storage any more`, missing);
  return { edits, problem: backup.problem ?? (missing > 0 ? lost : null) };
}

/** The edits of a backup. After an abrupt end VS Code may name an older one, which is gone: then the document's latest takes its place. */
export async function readBackup(id: string, document: vscode.Uri): Promise<RestoredBackup> {
  const named = vscode.Uri.parse(id);
  try {
    const backup = await readFile(named, document);
    if (backup) return { edits: backup.edits, problem: null };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const latest = await latestOf(vscode.Uri.joinPath(named, '..'), document);
    if (latest) return { edits: latest.edits, problem: null };
    return { edits: [], problem: say('its backup could not be read ({0})', reason) };
  }
  return { edits: [], problem: say('its backup is not in a form this version can read') };
}

async function latestOf(folder: vscode.Uri, document: vscode.Uri): Promise<BackupFile | null> {
  const entries = await Promise.resolve(vscode.workspace.fs.readDirectory(folder)).catch(() => []);
  const files = entries.flatMap(([name, type]) => (type === vscode.FileType.File ? [vscode.Uri.joinPath(folder, name)] : []));
  const backups = await Promise.all(files.map((file) => readFile(file, document).catch(() => null)));
  return backups.filter((backup) => backup !== null).sort((a, b) => b.written - a.written)[0] ?? null;
}

/** Null if the file is none, or another document's. */
async function readFile(file: vscode.Uri, document: vscode.Uri): Promise<BackupFile | null> {
  const parsed: unknown = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(file)));
  if (typeof parsed !== 'object' || parsed === null || !('version' in parsed) || !('uri' in parsed) || !('edits' in parsed)) return null;
  const { version, uri, edits } = parsed;
  if (version !== 1 || uri !== document.toString() || !Array.isArray(edits)) return null;
  const written = 'written' in parsed && typeof parsed.written === 'number' ? parsed.written : 0;
  return { written, edits: edits.flatMap((edit: unknown) => readEdit(edit) ?? []) };
}

function readEdit(value: unknown): Edit | null {
  if (typeof value !== 'object' || value === null || !('label' in value) || !('recipes' in value)) return null;
  const { label, recipes } = value;
  if (typeof label !== 'string' || !Array.isArray(recipes)) return null;
  return { label, recipes: recipes.flatMap((recipe: unknown) => readRecipe(recipe) ?? []) };
}
