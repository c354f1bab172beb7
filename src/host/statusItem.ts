// One item in the status bar while a model is what one looks at: what becomes of its gradient, in two or three words, and the way to the panel.

import * as vscode from 'vscode';

import { statusWords } from '../core/report/statusWords';
import { say } from '../protocol/words';
import { headlineOf } from './headlineOf';
import type { ModelDocument } from './modelDocument';
import type { ModelDocuments } from './modelDocuments';
import { inspectorViewType, optionalViewType } from './viewTypes';

const icons = { ok: '$(pass)', info: '$(graph-line)', warning: '$(warning)', error: '$(error)' } as const;
/** Beside the problems of a file, which are at −60 and before. */
const priority = 90;

export class StatusItem implements vscode.Disposable {
  readonly #documents: ModelDocuments;
  readonly #item = vscode.window.createStatusBarItem('initscope.verdict', vscode.StatusBarAlignment.Right, priority);
  readonly #subscriptions: vscode.Disposable[];
  #document: ModelDocument | null = null;
  #ofDocument: readonly vscode.Disposable[] = [];

  constructor(documents: ModelDocuments) {
    this.#documents = documents;
    this.#item.name = 'Initscope';
    const follow = (): void => this.#follow();
    const { tabGroups } = vscode.window;
    this.#subscriptions = [documents.onDidChangeActive(follow), tabGroups.onDidChangeTabs(follow), tabGroups.onDidChangeTabGroups(follow)];
    follow();
  }

  /** What it says; null while it is hidden. */
  get text(): string | null { return this.#document ? this.#item.text : null; }

  #follow(): void {
    const document = activeModel(this.#documents);
    if (document === this.#document) return;
    for (const each of this.#ofDocument) each.dispose();
    this.#document = document;
    const show = (): void => this.#show();
    this.#ofDocument = !document ? [] : [
      document.onDidChange(show), document.judgement.onDidChange(show),
      document.measurement.onDidMeasure(() => { if (document.measurement.progress.kind !== 'running') show(); }),
    ];
    this.#show();
  }

  #show(): void {
    const document = this.#document;
    const report = document?.report();
    if (!document || !report) {
      this.#item.hide();
      return;
    }
    const said = headlineOf(document, report);
    const isMeasuring = document.measurement.progress.kind === 'running';
    const words = isMeasuring ? say('Measuring…') : statusWords(said, document.judgement.verdict, document.judgement.isTrained);
    this.#item.text = `${icons[said.severity]} ${words}`;
    this.#item.tooltip = `${document.name}: ${said.text}`;
    this.#item.accessibilityInformation = { label: `Initscope: ${words}. ${said.text}`, role: 'button' };
    this.#item.command = { command: 'initscope.openGradientPanel', title: say('View Gradient Panel') };
    this.#item.show();
  }

  dispose(): void {
    for (const each of [...this.#ofDocument, ...this.#subscriptions, this.#item]) each.dispose();
  }
}

/** The model whose inspector is the tab in front. */
function activeModel(documents: ModelDocuments): ModelDocument | null {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const isOurs = input instanceof vscode.TabInputCustom && (input.viewType === inspectorViewType || input.viewType === optionalViewType);
  return isOurs ? documents.find(input.uri) ?? null : null;
}
