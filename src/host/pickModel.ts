import * as vscode from 'vscode';

import { bytes } from '../protocol/units';
import { say } from '../protocol/words';
import { notify } from './notifications';
import { modelFiles } from './viewTypes';

/** Models of the workspace that are offered; a search that finds more has gone far enough. */
const offered = 200;

interface ModelItem extends vscode.QuickPickItem {
  /** Null chooses a file elsewhere. */
  readonly uri: vscode.Uri | null;
  /** In the workspace. */
  readonly folder: string;
}

/** As the explorer sorts: model2 before model10. */
const byFolder = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** One of the workspace's models, or a file from elsewhere; asked for where a command has none to work on, by the command's title. */
export async function pickModel(title: string): Promise<vscode.Uri | undefined> {
  const found = await vscode.workspace.findFiles(modelFiles, '**/node_modules/**', offered);
  const elsewhere = say('Choose a File…');
  if (found.length === 0) {
    const where = vscode.workspace.workspaceFolders ? say('This workspace holds no model.') : say('No folder is open.');
    const answer = await notify.information(where, elsewhere);
    return answer === elsewhere ? browse(title) : undefined;
  }
  const items = await Promise.all(found.map((uri) => describe(uri)));
  items.sort((a, b) => byFolder.compare(a.folder, b.folder) || byFolder.compare(a.label, b.label));
  const some = found.length === offered ? say('The first {0} models found in the workspace', offered) : say('A model of the workspace');
  const separator: ModelItem = { label: '', kind: vscode.QuickPickItemKind.Separator, uri: null, folder: '' };
  const picked = await vscode.window.showQuickPick<ModelItem>([...items, separator, { label: elsewhere, uri: null, folder: '' }], {
    title, placeHolder: some, matchOnDescription: true,
  });
  if (!picked) return undefined;
  return picked.uri ?? browse(title);
}

/** "resnet50.onnx", "models/vision · 97.5 MB" */
async function describe(uri: vscode.Uri): Promise<ModelItem> {
  const relative = vscode.workspace.asRelativePath(uri);
  const slash = relative.lastIndexOf('/');
  const size = await Promise.resolve(vscode.workspace.fs.stat(uri)).then((status) => bytes(status.size), () => say('cannot be read'));
  const folder = relative.slice(0, Math.max(0, slash));
  return { label: relative.slice(slash + 1), description: [folder, size].filter((part) => part !== '').join(' · '), uri, folder };
}

async function browse(title: string): Promise<vscode.Uri | undefined> {
  const endings = ['onnx', 'keras', 'h5', 'hdf5', 'json', 'nam', 'onnxjson'];
  const picked = await vscode.window.showOpenDialog({ title, filters: { [say('Models (ONNX, Keras, JSON, HDF5)')]: endings }, canSelectMany: false });
  return picked?.[0];
}
