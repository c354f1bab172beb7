import * as vscode from 'vscode';

import type { Edit } from '../core/edits/log';
import { readRecipe } from '../core/edits/record';
import type { ModelDocument } from './modelDocument';

/** A backup is the list of edits: drawing them again gives the same bits, so no payload is ever copied. */
export async function writeBackup(document: ModelDocument, destination: vscode.Uri): Promise<vscode.CustomDocumentBackup> {
  const text = JSON.stringify({ version: 1, edits: document.applied() });
  await vscode.workspace.fs.writeFile(destination, new TextEncoder().encode(text));
  return { id: destination.toString(), delete: () => void vscode.workspace.fs.delete(destination).then(undefined, () => undefined) };
}

/** The edits of a backup; none if it is missing or is not one. */
export async function readBackup(id: string): Promise<readonly Edit[]> {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(await vscode.workspace.fs.readFile(vscode.Uri.parse(id))));
    const edits: unknown = typeof parsed === 'object' && parsed !== null && 'edits' in parsed ? parsed.edits : [];
    return Array.isArray(edits) ? edits.flatMap((edit: unknown) => readEdit(edit) ?? []) : [];
  } catch {
    return [];
  }
}

function readEdit(value: unknown): Edit | null {
  if (typeof value !== 'object' || value === null || !('label' in value) || !('recipes' in value)) return null;
  const { label, recipes } = value;
  if (typeof label !== 'string' || !Array.isArray(recipes)) return null;
  return { label, recipes: recipes.flatMap((recipe: unknown) => readRecipe(recipe) ?? []) };
}
