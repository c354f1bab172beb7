// The text of a model as a text editor holds it, saved or not: read as the file would be, and changed by edits that the editor can undo.

import { dirname } from 'node:path';

import * as vscode from 'vscode';

import type { ByteSource } from '../../formats/files/byteSource';
import { openBytes } from '../../formats/files/byteSource';
import type { Replacement } from '../../formats/files/replacement';
import type { OpenedModel } from '../../formats/openModel';
import { scanJson } from '../../formats/json/scan';
import { openModel } from '../../formats/openModel';
import { stampOf } from '../../formats/files/stamp';
import { declareIn } from '../../formats/saving/declared';
import type { Recipe } from '../../protocol/recipe';
import { say } from '../../protocol/words';

const sourceOf = (path: string, text: string): ByteSource => ({ ...openBytes(path, Buffer.from(text)), folder: dirname(path) });

/** Throws a Failure for what is no model: if it is no JSON either, where that is broken. */
export function openText(path: string, text: string): OpenedModel {
  const source = sourceOf(path, text);
  scanJson(source);
  return openModel(source, stampOf(path));
}

/** The unsaved text of a file, or null where no editor holds one. */
export function unsavedText(uri: vscode.Uri): string | null {
  const document = vscode.workspace.textDocuments.find((each) => each.uri.toString() === uri.toString());
  return document?.isDirty === true ? document.getText() : null;
}

/** Puts other initialisers into the text; the editor of it undoes that like anything that is typed. Returns how many could not be put there. */
export async function declareInText(uri: vscode.Uri, opened: OpenedModel, recipes: readonly Recipe[]): Promise<number> {
  const document = await vscode.workspace.openTextDocument(uri);
  const text = document.getText();
  const { replacements, left } = declareIn(sourceOf(opened.model.file, text), opened, recipes);
  if (replacements.length > 0 && !await vscode.workspace.applyEdit(editOf(document, replacements))) {
    throw new Error(say('VS Code did not take the changes of {0}.', uri.fsPath));
  }
  return left.size;
}

/** Changes of the bytes of a text as an edit of it. */
export function editOf(document: vscode.TextDocument, replacements: readonly Replacement[]): vscode.WorkspaceEdit {
  const edit = new vscode.WorkspaceEdit();
  const bytes = Buffer.from(document.getText());
  for (const replacement of replacements) edit.replace(document.uri, rangeIn(document, bytes, replacement), textOf(replacement));
  return edit;
}

function rangeIn(document: vscode.TextDocument, bytes: Buffer, { start, end }: Pick<Replacement, 'start' | 'end'>): vscode.Range {
  const [from, to] = [start, end].map((at) => document.positionAt(bytes.toString('utf8', 0, at).length));
  return new vscode.Range(from ?? new vscode.Position(0, 0), to ?? new vscode.Position(0, 0));
}

const textOf = ({ chunks }: Replacement): string => Buffer.concat([...chunks()]).toString('utf8');

/** How long typing has to pause before the text is read again. */
const pauseMs = 250;

/** Calls `changed` with the text that an editor holds of a file, and with null once that is saved or given up. */
export function followText(uri: vscode.Uri, changed: (text: string | null) => void): vscode.Disposable {
  let timer: NodeJS.Timeout | undefined;
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => changed(unsavedText(uri)), pauseMs);
  };
  const isOurs = (document: vscode.TextDocument): boolean => document.uri.toString() === uri.toString();
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeTextDocument(({ document }) => isOurs(document) && later()),
    vscode.workspace.onDidSaveTextDocument((document) => isOurs(document) && later()),
    vscode.workspace.onDidCloseTextDocument((document) => isOurs(document) && later()),
    new vscode.Disposable(() => clearTimeout(timer)),
  );
}
