// A new network from a template, saved where the user wants it, and shown as text.

import { homedir } from 'node:os';

import * as vscode from 'vscode';

import { say, sayFound } from '../protocol/words';
import { notify } from './notifications';

/** Files of the extension, those first that a lecture begins with. */
const templateNames = ['deep-sigmoid', 'deep-relu', 'cnn', 'resnet', 'lstm', 'transformer', 'deep-belief-net'] as const;
const ending = '.initscope.json';

interface TemplateItem extends vscode.QuickPickItem {
  readonly name: string;
  readonly text: string;
}

/** Where it was saved; undefined where the user gives up. What is null is asked for: which template, and where. */
export async function newNetwork(templates: vscode.Uri, name: string | null, target: vscode.Uri | null): Promise<vscode.Uri | undefined> {
  const items = await Promise.all(templateNames.map((each) => describe(templates, each)));
  const picked = name === null ? await pick(items) : items.find((item) => item.name === name);
  if (!picked) {
    if (name !== null) throw new Error(say('There is no template {0}; there are {1}.', name, templateNames.join(', ')));
    return undefined;
  }
  const place = target ?? await askWhere(picked);
  if (!place) return undefined;
  await vscode.workspace.fs.writeFile(place, Buffer.from(picked.text));
  await vscode.window.showTextDocument(place, { preview: false });
  return place;
}

async function describe(templates: vscode.Uri, name: string): Promise<TemplateItem> {
  const text = Buffer.from(await vscode.workspace.fs.readFile(vscode.Uri.joinPath(templates, `${name}${ending}`))).toString('utf8');
  const { name: label, description: detail } = JSON.parse(text) as { readonly name: string; readonly description: string };
  return { name, text, label: sayFound(label), detail: sayFound(detail) };
}

function pick(items: readonly TemplateItem[]): Thenable<TemplateItem | undefined> {
  return vscode.window.showQuickPick(items, { title: say('New Network'), placeHolder: say('What to begin with'), matchOnDetail: true });
}

async function askWhere({ name }: TemplateItem): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri ?? vscode.Uri.file(homedir());
  const place = await vscode.window.showSaveDialog({ title: say('New Network'), defaultUri: await freeName(folder, name), filters: { JSON: ['json'] } });
  if (place && !place.path.endsWith(ending)) {
    void notify.information(say('Name a network *{0}, and VS Code completes and checks what is typed in it.', ending));
  }
  return place;
}

/** "resnet.initscope.json", "resnet-2.initscope.json", … */
async function freeName(folder: vscode.Uri, name: string): Promise<vscode.Uri> {
  for (let count = 1; ; count++) {
    const place = vscode.Uri.joinPath(folder, `${name}${count === 1 ? '' : `-${count}`}${ending}`);
    const isTaken = await Promise.resolve(vscode.workspace.fs.stat(place)).then(() => true, () => false);
    if (!isTaken) return place;
  }
}
