import * as vscode from 'vscode';

import { bytes } from '../protocol/units';
import { notify } from './notifications';

/** Models of the workspace that are offered; a search that finds more has gone far enough. */
const offered = 200;

interface ModelItem extends vscode.QuickPickItem {
  /** Null chooses a file elsewhere. */
  readonly uri: vscode.Uri | null;
}

/** One of the workspace's models, or a file from elsewhere; asked for where a command has none to work on. */
export async function pickModel(): Promise<vscode.Uri | undefined> {
  const found = await vscode.workspace.findFiles('**/*.onnx', '**/node_modules/**', offered);
  const elsewhere = 'Choose a File…';
  if (found.length === 0) {
    const where = vscode.workspace.workspaceFolders ? 'This workspace holds no .onnx file.' : 'No folder is open.';
    const answer = await notify.information(where, elsewhere);
    return answer === elsewhere ? browse() : undefined;
  }
  const items = await Promise.all(found.map(describe));
  items.sort((a, b) => `${a.description ?? ''}/${a.label}`.localeCompare(`${b.description ?? ''}/${b.label}`));
  const some = found.length === offered ? `The first ${offered} models found in the workspace` : 'A model of the workspace';
  const separator: ModelItem = { label: '', kind: vscode.QuickPickItemKind.Separator, uri: null };
  const picked = await vscode.window.showQuickPick<ModelItem>([...items, separator, { label: elsewhere, uri: null }], {
    title: 'Inspect Model', placeHolder: some, matchOnDescription: true,
  });
  if (!picked) return undefined;
  return picked.uri ?? browse();
}

/** "resnet50.onnx", "models/vision · 97.5 MB" */
async function describe(uri: vscode.Uri): Promise<ModelItem> {
  const relative = vscode.workspace.asRelativePath(uri);
  const slash = relative.lastIndexOf('/');
  const size = await Promise.resolve(vscode.workspace.fs.stat(uri)).then((status) => bytes(status.size), () => 'cannot be read');
  const parts = [relative.slice(0, Math.max(0, slash)), size].filter((part) => part !== '');
  return { label: relative.slice(slash + 1), description: parts.join(' · '), uri };
}

async function browse(): Promise<vscode.Uri | undefined> {
  const picked = await vscode.window.showOpenDialog({ title: 'Inspect Model', filters: { 'ONNX models': ['onnx'] }, canSelectMany: false });
  return picked?.[0];
}
