import * as vscode from 'vscode';

import type { ModelDocument } from './modelDocument';

/** The open models, and which of them the user last looked at. */
export class ModelDocuments implements vscode.Disposable {
  readonly #open = new Set<ModelDocument>();
  readonly #activeChanged = new vscode.EventEmitter<ModelDocument | null>();
  readonly onDidChangeActive = this.#activeChanged.event;
  #active: ModelDocument | null = null;

  get active(): ModelDocument | null { return this.#active; }
  get all(): readonly ModelDocument[] { return [...this.#open]; }

  add(document: ModelDocument): void {
    this.#open.add(document);
    document.onDidDispose(() => {
      this.#open.delete(document);
      if (this.#active === document) this.activate(this.all.at(-1) ?? null);
    });
  }

  activate(document: ModelDocument | null): void {
    if (this.#active === document) return;
    this.#active = document;
    this.#activeChanged.fire(document);
  }

  find(uri: vscode.Uri): ModelDocument | undefined {
    return this.all.find((document) => document.uri.toString() === uri.toString());
  }

  dispose(): void {
    this.#activeChanged.dispose();
  }
}
