import * as vscode from 'vscode';

import { EngineClient } from './engine/client';
import { registerCommands } from './host/commands';
import { registerDiskVersions } from './host/diskVersions';
import { GradientPanel, gradientViewId } from './host/gradientPanel';
import { createLog } from './host/log';
import { InspectorEditor, inspectorViewType } from './host/inspectorEditor';
import { ModelDocuments } from './host/modelDocuments';

/** What other extensions and the tests may use. */
export interface InitscopeApi {
  readonly documents: ModelDocuments;
  readonly engine: EngineClient;
}

/** Builds the services, registers them, and leaves their disposal to VS Code. */
export function activate(context: vscode.ExtensionContext): InitscopeApi {
  const log = createLog();
  const engine = new EngineClient(context.asAbsolutePath('dist/engine.js'), (line) => log.warn(line));
  const documents = new ModelDocuments();
  const inspector = new InspectorEditor(context, documents, log);
  const panel = new GradientPanel(context, documents, inspector, engine, log);
  context.subscriptions.push(
    log, documents, { dispose: () => engine.dispose() },
    vscode.window.registerCustomEditorProvider(inspectorViewType, inspector, { supportsMultipleEditorsPerDocument: true }),
    vscode.window.registerWebviewViewProvider(gradientViewId, panel),
    registerDiskVersions(),
    registerCommands(documents, inspector, panel),
  );
  // Set by `npm start`, for those who see the extension for the first time.
  const { INITSCOPE_SHOW_SAMPLE: sample } = process.env;
  if (sample !== undefined) void showSample(sample, panel);
  return { documents, engine };
}

/** Opens a file of the workspace in the inspector, and runs it in the panel. */
async function showSample(name: string, panel: GradientPanel): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (!folder) return;
  await vscode.commands.executeCommand('initscope.inspect', vscode.Uri.joinPath(folder.uri, name));
  await panel.open();
}
