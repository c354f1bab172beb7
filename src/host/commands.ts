import * as vscode from 'vscode';

import { exportReportOf } from './exportReport';
import type { GradientPanel } from './gradientPanel';
import type { InspectorEditor } from './inspectorEditor';
import { inspectorViewType } from './inspectorEditor';
import type { ModelDocument } from './modelDocument';
import type { ModelDocuments } from './modelDocuments';
import { throwingQuietly } from './notifications';
import { pickModel } from './pickModel';
import { applyScheme, pickAndPreview, readChoice } from './reinitialize';

/** The commands of package.json, each from the explorer's menu (with a file), an editor, or the palette. */
export function registerCommands(documents: ModelDocuments, inspector: InspectorEditor, panel: GradientPanel): vscode.Disposable {
  const chosen = (uri: unknown): vscode.Uri | undefined => (uri instanceof vscode.Uri ? uri : undefined);
  const register = (id: string, run: (...given: readonly unknown[]) => unknown): vscode.Disposable => (
    vscode.commands.registerCommand(id, (...given: readonly unknown[]) => throwingQuietly(() => run(...given))));
  return vscode.Disposable.from(
    register('initscope.inspect', async (uri: unknown) => {
      const target = chosen(uri) ?? await pickModel();
      if (target) await openInspector(target);
    }),
    register('initscope.reinitialize', async (uri: unknown) => {
      const document = await documentFor(documents, chosen(uri));
      if (document) await pickAndPreview(inspector, document, null);
    }),
    // For tasks, keybindings and tests: what the pickers of "Reinitialize Weights" end in.
    register('initscope.applyScheme', (uri: unknown, choice: unknown) => {
      const document = uri instanceof vscode.Uri ? documents.find(uri) : documents.active;
      const read = readChoice(choice);
      if (!document || !read) throw new Error('initscope.applyScheme takes the URI of an open model and { scheme, seed, layers }.');
      applyScheme(inspector, document, read);
    }),
    register('initscope.exportReport', async (uri: unknown) => {
      const document = await documentFor(documents, chosen(uri));
      if (document) await exportReportOf(document);
    }),
    register('initscope.openGradientPanel', async (uri: unknown) => {
      await documentFor(documents, chosen(uri));
      await panel.open();
    }),
  );
}

async function openInspector(uri: vscode.Uri): Promise<void> {
  await vscode.commands.executeCommand('vscode.openWith', uri, inspectorViewType);
}

/** The document of a file, opened if need be; without a file the active one, else one the user picks. */
async function documentFor(documents: ModelDocuments, uri: vscode.Uri | undefined): Promise<ModelDocument | undefined> {
  const target = uri ?? documents.active?.uri ?? await pickModel();
  if (!target) return undefined;
  if (!documents.find(target) || uri) await openInspector(target);
  const document = documents.find(target);
  if (document) documents.activate(document);
  return document;
}
