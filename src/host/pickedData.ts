// Files and folders with data that the user has chosen in VS Code's dialog: a page names no others.

import * as vscode from 'vscode';

import { say } from '../protocol/words';

export class PickedData {
  readonly #picked = new Set<string>();

  has(path: string): boolean { return this.#picked.has(path); }

  /** Null where the user gives up. `openLabel` is what the dialog's button says. */
  async pick(of: 'file' | 'folder', title: string, openLabel: string): Promise<string | null> {
    const [picked] = await vscode.window.showOpenDialog({
      title: of === 'file' ? title : say('Folder of Images, One Folder per Label'), openLabel,
      canSelectFiles: of === 'file', canSelectFolders: of === 'folder', ...(of === 'file' ? { filters: { [say('Arrays and tables')]: ['npz', 'csv'] } } : {}),
    }) ?? [];
    if (picked?.scheme !== 'file') return null;
    this.#picked.add(picked.fsPath);
    return picked.fsPath;
  }
}
