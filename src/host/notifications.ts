import * as vscode from 'vscode';

import { unlinkedText } from '../protocol/plainText';

/** The only way to tell users something: every name in it is shown as it is. */
export const notify = {
  information: (message: string, ...items: string[]): Thenable<string | undefined> => vscode.window.showInformationMessage(unlinkedText(message), ...items),
  warning: (message: string, ...items: string[]): Thenable<string | undefined> => vscode.window.showWarningMessage(unlinkedText(message), ...items),
  error: (message: string, ...items: string[]): Thenable<string | undefined> => vscode.window.showErrorMessage(unlinkedText(message), ...items),
  /** Waits for an answer to a question. */
  ask: (message: string, detail: string, ...items: string[]): Thenable<string | undefined> => (
    vscode.window.showWarningMessage(unlinkedText(message), { modal: true, detail: unlinkedText(detail) }, ...items)),
  /** Says what takes a while, and how far it is. */
  progress: <T>(title: string, work: Parameters<typeof vscode.window.withProgress<T>>[1]): Thenable<T> => (
    vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: unlinkedText(title), cancellable: true }, work)),
};

/** VS Code notifies of what a command or a save throws. */
export async function throwingQuietly<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof vscode.CancellationError) throw error;
    throw new Error(unlinkedText(error instanceof Error ? error.message : String(error)), { cause: error });
  }
}
