import * as vscode from 'vscode';

import { EngineClient } from './engine/client';
import { registerCommands } from './host/commands';
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
    registerCommands(documents, inspector, panel),
  );
  return { documents, engine };
}
