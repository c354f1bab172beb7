import './host/language';

import * as vscode from 'vscode';

import { EngineClient } from './engine/client';
import { registerCommands } from './host/commands';
import { registerDiskVersions } from './host/diskVersions';
import { GradientPanel, gradientViewId } from './host/gradientPanel';
import { LearnedWeights } from './host/learnedWeights';
import { wordsFile } from './host/language';
import { createLog } from './host/log';
import { InspectorEditor } from './host/inspectorEditor';
import { ModelDocuments } from './host/modelDocuments';
import { StatusItem } from './host/statusItem';
import type { Tool } from './host/tools/tools';
import { createTools, registerTools } from './host/tools/tools';
import { registerTextProviders } from './host/text/providers';
import { TextModels } from './host/text/textModels';
import { inspectorViewType, optionalViewType } from './host/viewTypes';

/** What other extensions and the tests may use. */
export interface InitscopeApi {
  readonly documents: ModelDocuments;
  readonly engine: EngineClient;
  readonly trainer: EngineClient;
  readonly inspector: InspectorEditor;
  readonly panel: GradientPanel;
  readonly learned: LearnedWeights;
  readonly status: StatusItem;
  readonly tools: readonly Tool[];
}

/** Builds the services, registers them, and leaves their disposal to VS Code. */
export function activate(context: vscode.ExtensionContext): InitscopeApi {
  const log = createLog();
  const learned = new LearnedWeights(vscode.Uri.joinPath(context.globalStorageUri, 'learned').fsPath);
  learned.clean(log);
  const engine = new EngineClient(context.asAbsolutePath('dist/engine.js'), (line) => log.warn(line), learned.folder, wordsFile);
  // A training that is held does not keep simulations waiting.
  const trainer = new EngineClient(context.asAbsolutePath('dist/engine.js'), (line) => log.warn(line), learned.folder, wordsFile);
  const documents = new ModelDocuments();
  const inspector = new InspectorEditor(context, documents, engine, learned, log);
  const texts = new TextModels();
  const panel = new GradientPanel(context, documents, inspector, engine, { trainer, learned }, log);
  const status = new StatusItem(documents);
  const tools = createTools({ documents, storage: (context.storageUri ?? context.globalStorageUri).fsPath, log }, engine, inspector);
  context.subscriptions.push(
    log, documents, { dispose: () => engine.dispose() }, { dispose: () => trainer.dispose() },
    ...[inspectorViewType, optionalViewType].map((viewType) => (
      vscode.window.registerCustomEditorProvider(viewType, inspector.ofType(viewType), { supportsMultipleEditorsPerDocument: true }))),
    vscode.window.registerWebviewViewProvider(gradientViewId, panel),
    texts, registerTextProviders(texts),
    registerDiskVersions(), status, registerTools(tools),
    registerCommands(context, documents, inspector, panel),
  );
  // Set by `npm start`, for those who see the extension for the first time.
  const { INITSCOPE_SHOW_SAMPLE: sample } = process.env;
  if (sample !== undefined) void showSample(sample);
  return { documents, engine, trainer, inspector, panel, learned, status, tools };
}

/** Opens a file of the workspace in the inspector, and runs it in the panel. */
async function showSample(name: string): Promise<void> {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder) await vscode.commands.executeCommand('initscope.openGradientPanel', vscode.Uri.joinPath(folder.uri, name));
}
