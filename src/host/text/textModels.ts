// The texts that editors hold and that declare networks, analysed while one types: problems in the margin, and what hovers, fixes and lenses ask.

import * as vscode from 'vscode';

import type { Span } from '../../formats/json/value';
import type { Analysis, Problem } from './analysis';
import { analyse } from './analysis';

/** A text is analysed up to this size; a larger one opens in the inspector. */
const largestText = 1 << 22;
/** How long typing has to pause. */
const pauseMs = 400;
/** Words by one of which a text that declares a network begins. */
const marks = /"(class_name|initscope)"/;
const headLength = 1 << 12;

const severities: Readonly<Record<Problem['severity'], vscode.DiagnosticSeverity>> = {
  error: vscode.DiagnosticSeverity.Error, warning: vscode.DiagnosticSeverity.Warning, info: vscode.DiagnosticSeverity.Information,
};

/** What says whose a diagnostic is. */
export const problemSource = 'Initscope';

export class TextModels implements vscode.Disposable {
  readonly #problems = vscode.languages.createDiagnosticCollection('initscope');
  readonly #analyses = new Map<string, { readonly version: number; readonly analysis: Analysis | null }>();
  readonly #bytes = new WeakMap<vscode.TextDocument, { readonly version: number; readonly all: Buffer; readonly isPlain: boolean }>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #subscriptions: vscode.Disposable;

  constructor() {
    this.#subscriptions = vscode.Disposable.from(
      vscode.workspace.onDidOpenTextDocument((document) => this.#show(document)),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.#later(document)),
      vscode.workspace.onDidCloseTextDocument((document) => this.#forget(document)),
    );
    for (const document of vscode.workspace.textDocuments) this.#show(document);
  }

  /** Of the text as it is now; null where it is no network. */
  of(document: vscode.TextDocument): Analysis | null {
    const key = document.uri.toString();
    const known = this.#analyses.get(key);
    if (known?.version === document.version) return known.analysis;
    const isNetwork = document.uri.scheme === 'file' && isJson(document) && marks.test(document.getText(headOf(document))) && isSmall(document);
    const analysis = isNetwork ? analyse(document.uri.fsPath, document.getText()) : null;
    this.#analyses.set(key, { version: document.version, analysis });
    return analysis;
  }

  /** Bytes of the text as a range of it. */
  rangeOf(document: vscode.TextDocument, span: Span): vscode.Range {
    const bytes = this.#bytesOf(document);
    // Of a text of ASCII alone a byte is a character.
    const characters = (at: number): number => (bytes.isPlain ? at : bytes.all.toString('utf8', 0, at).length);
    const [from, to] = [span.start, span.end].map((at) => document.positionAt(characters(at)));
    return new vscode.Range(from ?? new vscode.Position(0, 0), to ?? new vscode.Position(0, 0));
  }

  #bytesOf(document: vscode.TextDocument): { readonly version: number; readonly all: Buffer; readonly isPlain: boolean } {
    const known = this.#bytes.get(document);
    if (known?.version === document.version) return known;
    const text = document.getText();
    const all = Buffer.from(text);
    const bytes = { version: document.version, all, isPlain: all.length === text.length };
    this.#bytes.set(document, bytes);
    return bytes;
  }

  #later(document: vscode.TextDocument): void {
    if (!isJson(document)) return;
    const key = document.uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.set(key, setTimeout(() => this.#show(document), pauseMs));
  }

  #show(document: vscode.TextDocument): void {
    if (!isJson(document)) return;
    const analysis = this.of(document);
    const found = (analysis?.weights ?? []).flatMap((weight) => weight.problems.map((problem) => {
      const diagnostic = new vscode.Diagnostic(this.rangeOf(document, weight.key), `${problem.message} ${problem.remedy}`.trim(), severities[problem.severity]);
      diagnostic.source = problemSource;
      diagnostic.code = problem.code;
      return diagnostic;
    }));
    this.#problems.set(document.uri, found);
    this.#changed.fire();
  }

  #forget({ uri }: vscode.TextDocument): void {
    const key = uri.toString();
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.#analyses.delete(key);
    this.#problems.delete(uri);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#subscriptions.dispose();
    this.#problems.dispose();
    this.#changed.dispose();
  }
}

const isJson = ({ languageId }: vscode.TextDocument): boolean => languageId === 'json' || languageId === 'jsonc';
const headOf = (document: vscode.TextDocument): vscode.Range => new vscode.Range(new vscode.Position(0, 0), document.positionAt(headLength));
const isSmall = (document: vscode.TextDocument): boolean => document.offsetAt(document.lineAt(document.lineCount - 1).range.end) <= largestText;
