import { basename, dirname } from 'node:path';

import * as vscode from 'vscode';

import type { InspectorEvents, InspectorMethods } from '../protocol/inspector';
import type { Preview } from '../protocol/preview';
import { connect } from '../protocol/rpc';
import { say } from '../protocol/words';
import type { RestoredBackup } from './backup';
import { readWithLearned, writeBackup } from './backup';
import type { ComparedView } from './comparing/comparisons';
import { Comparisons } from './comparing/comparisons';
import { DiskConflicts } from './diskConflict';
import type { LearnedWeights } from './learnedWeights';
import type { Log } from './log';
import { inspectorReaders } from './messages';
import { ModelDocument } from './modelDocument';
import type { ModelDocuments } from './modelDocuments';
import { notify, throwingQuietly } from './notifications';
import { pickAndPreview, previewChoice } from './reinitialize';
import { saveWithProgress } from './saveProgress';
import { ShownModel } from './shownModel';
import { followText } from './text/modelText';
import type { Engine } from './trying';
import { viewTypeOf } from './viewTypes';
import { showPage } from './webviewPage';

type Provider = vscode.CustomEditorProvider<ModelDocument>;

/** The custom editor for model files. The document holds everything; a webview only draws what it is told. */
export class InspectorEditor implements Provider {
  readonly #context: vscode.ExtensionContext;
  readonly #documents: ModelDocuments;
  readonly engine: Engine;
  readonly #log: Log;
  readonly #learned: LearnedWeights;
  readonly #edited = new vscode.EventEmitter<vscode.CustomDocumentEditEvent<ModelDocument>>();
  readonly onDidChangeCustomDocument = this.#edited.event;
  readonly #loaded = new vscode.EventEmitter<ModelDocument>();
  /** The page of an editor listens. */
  readonly onDidLoad = this.#loaded.event;
  readonly #selected = new vscode.EventEmitter<ModelDocument>();
  /** Other layers are selected in an editor of a document. */
  readonly onDidSelect = this.#selected.event;
  readonly #views = new Map<ModelDocument, Set<ComparedView>>();
  readonly comparisons = new Comparisons();
  readonly #conflicts = new DiskConflicts((document) => this.#focus(document));
  /** Edits that wait for the user to want them. */
  readonly #previews = new WeakMap<ModelDocument, { readonly preview: Preview; readonly apply: () => void }>();

  constructor(context: vscode.ExtensionContext, documents: ModelDocuments, engine: Engine, learned: LearnedWeights, log: Log) {
    this.engine = engine;
    this.#context = context;
    this.#documents = documents;
    this.#learned = learned;
    this.#log = log;
  }

  /** The same editor under a type: VS Code asks each of its types for every edit, and knows the documents of its own alone. */
  ofType(viewType: string): Provider {
    const edited = new vscode.EventEmitter<vscode.CustomDocumentEditEvent<ModelDocument>>();
    this.#edited.event((event) => {
      if (viewTypeOf(event.document.uri) === viewType) edited.fire(event);
    });
    return {
      onDidChangeCustomDocument: edited.event,
      openCustomDocument: (uri, context) => this.openCustomDocument(uri, context),
      resolveCustomEditor: (document, panel) => this.resolveCustomEditor(document, panel),
      saveCustomDocument: (document, token) => this.saveCustomDocument(document, token),
      saveCustomDocumentAs: (document, destination, token) => this.saveCustomDocumentAs(document, destination, token),
      revertCustomDocument: (document) => this.revertCustomDocument(document),
      backupCustomDocument: (document, context) => this.backupCustomDocument(document, context),
    };
  }

  async openCustomDocument(uri: vscode.Uri, { backupId }: vscode.CustomDocumentOpenContext): Promise<ModelDocument> {
    const document = new ModelDocument(uri, (this.#context.storageUri ?? this.#context.globalStorageUri).fsPath, this.#log);
    const backup = backupId === undefined ? null : await readWithLearned(backupId, uri, this.#learned);
    const started = performance.now();
    await document.read();
    this.#log.info(`${uri.toString(true)}: ${document.layers.length} layers, read in ${(performance.now() - started).toFixed(0)} ms`);
    if (backup) {
      document.restore(backup.edits);
      this.#log.info(`${document.name}: ${backup.edits.length} unsaved edits restored from ${backupId ?? ''}`);
      if (backup.problem !== null) this.#warnOfLoss(document, backup);
    }
    if (document.error) this.#log.error(document.error.message, document.error.detail);
    this.#documents.add(document);
    this.#watch(document);
    return document;
  }

  #warnOfLoss(document: ModelDocument, { edits, problem }: RestoredBackup): void {
    const what = edits.length > 0
      ? say('Some unsaved changes of {0} were not brought back: {1}. The file on disk is as it was saved last.', document.name, problem ?? '')
      : say('The unsaved changes of {0} were not brought back: {1}. The file on disk is as it was saved last.', document.name, problem ?? '');
    this.#log.warn(what);
    void notify.warning(what, say('Show Log')).then((answer) => answer && this.#log.show());
  }

  /** Follows changes that other programs make to the file and to those that its weights are in. */
  #watch(document: ModelDocument): void {
    if (document.uri.scheme !== 'file') return;
    const watchers = new Map<string, vscode.FileSystemWatcher>();
    const follow = async (changed: vscode.Uri): Promise<void> => {
      if (!document.files().some((file) => basename(file) === basename(changed.path))) return;
      await document.followDisk();
      if (document.isInConflict()) await this.#conflicts.settle(document);
    };
    const watchFolders = (): void => {
      for (const folder of new Set(document.files().map((file) => dirname(file)))) {
        if (watchers.has(folder)) continue;
        // The folder, since a name may have characters that mean something in a pattern.
        const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(folder), '*'));
        watcher.onDidChange(follow);
        watcher.onDidCreate(follow);
        watchers.set(folder, watcher);
      }
    };
    watchFolders();
    const typing = followText(document.uri, (text) => void document.followText(text));
    const subscription = document.onDidChange(watchFolders);
    document.onDidDispose(() => {
      subscription.dispose();
      typing.dispose();
      for (const watcher of watchers.values()) watcher.dispose();
    });
  }

  resolveCustomEditor(document: ModelDocument, panel: vscode.WebviewPanel): void {
    const port = showPage(panel.webview, this.#context.extensionUri, 'inspector', 'Initscope');
    const peer: ComparedView['peer'] = connect<InspectorMethods, Record<string, never>, Record<string, never>, InspectorEvents>(port, {
      ready: async () => {
        this.#loaded.fire(document);
        await shown.show();
        peer.send('preview', { preview: this.#previews.get(document)?.preview ?? null });
        this.comparisons.tell(view);
      },
      select: ({ layers }) => {
        document.selected = layers;
        this.#selected.fire(document);
        this.comparisons.selected(view, layers);
      },
      compare: ({ layer }) => this.comparisons.layer(view, layer),
      showPartner: ({ layer }) => this.comparisons.show(view, layer),
      compareGradients: () => {
        const pair = this.comparisons.pairOf(view);
        if (pair) void vscode.commands.executeCommand('initscope.compareGradients', pair.left.uri, pair.right.uri);
      },
      foresee: ({ layer }) => document.judgement.foresightOf(layer),
      applyPreview: () => this.#closePreview(document)?.apply(),
      cancelPreview: () => void this.#closePreview(document),
      reinitialize: ({ layers, scheme }) => pickAndPreview(this, document, { ...(layers ? { layers } : {}), ...(scheme ? { scheme } : {}) }),
      previewRemedy: ({ layers, scheme }) => void previewChoice(this, document, { layers, scheme, seed: 0, replacesPicked: true }),
      openGradientPanel: () => void vscode.commands.executeCommand('initscope.openGradientPanel'),
      openAsText: () => void vscode.commands.executeCommand('vscode.openWith', document.uri, 'default'),
      showLog: () => this.#log.show(),
      reload: () => document.read(),
      stopMeasuring: () => document.measurement.stop(),
      resumeMeasuring: () => document.measurement.resume(),
    }, {}, { readers: inspectorReaders, refused: (line) => this.#log.warn(line) });
    const shown = new ShownModel(document, peer);
    const view: ComparedView = { document, peer, panel };
    const views = this.#views.get(document) ?? new Set<ComparedView>();
    this.#views.set(document, views.add(view));
    this.comparisons.add(view);
    const subscriptions = [
      document.judgement.onDidChange(() => shown.follow()),
      document.onDidChange(() => {
        this.#closePreview(document);
        shown.follow();
      }),
      document.measurement.onDidMeasure((ids) => shown.tell(ids)),
      vscode.workspace.onDidGrantWorkspaceTrust(() => document.read()),
      panel.onDidChangeViewState(() => {
        if (!panel.active) return;
        this.#documents.activate(document);
        // What changed before the folder was watched, or where nothing can be, is seen when one comes back to it.
        void document.followDisk();
      }),
      vscode.window.onDidChangeWindowState(({ focused }) => focused && document.followDisk()),
    ];
    if (panel.active) this.#documents.activate(document);
    panel.onDidDispose(() => {
      for (const subscription of subscriptions) subscription.dispose();
      peer.close({ code: 'closed', message: say('The editor was closed.') });
      views.delete(view);
    });
  }

  /** Selects a layer in the editors of a document. */
  reveal(document: ModelDocument, layer: string): void {
    void this.#focus(document);
    for (const peer of this.#peers(document)) peer.send('reveal', { layer });
  }

  /** The same where they are seen, and as they are: what has the focus keeps it. */
  follow(document: ModelDocument, layer: string): void {
    document.selected = [layer];
    for (const peer of this.#peers(document)) peer.send('follow', { layer });
  }

  /** Marks a layer in the editors of a document; null takes that back. */
  highlight(document: ModelDocument, layer: string | null): void {
    for (const peer of this.#peers(document)) peer.send('highlight', { layer });
  }

  /** Makes one of the document's editors the active one, rather than open another in the active group. */
  async #focus(document: ModelDocument): Promise<void> {
    const views = [...this.#views.get(document) ?? []];
    const isSide = (view: ComparedView): boolean => this.comparisons.pairOf(view) !== null;
    const view = views.find(({ panel }) => panel.active) ?? views.find(({ panel }) => panel.visible) ?? views.find((each) => !isSide(each));
    // VS Code would take a side out of its diff to bring it to the front, and that is where it is.
    if (view && isSide(view)) return;
    if (view) view.panel.reveal(view.panel.viewColumn);
    else await vscode.commands.executeCommand('vscode.openWith', document.uri, viewTypeOf(document.uri));
  }

  #peers(document: ModelDocument): readonly ComparedView['peer'][] {
    return [...this.#views.get(document) ?? []].map(({ peer }) => peer);
  }

  /** Tells VS Code of an edit that is already in the document. */
  announce(document: ModelDocument, label: string, edit: { undo(): void; redo(): void }): void {
    this.#edited.fire({ document, label, undo: () => edit.undo(), redo: () => edit.redo() });
  }

  /** Shows in the editors of a document what an edit would do. What it shows does not outlive a change of the document. */
  preview(document: ModelDocument, preview: Preview, apply: () => void): void {
    this.#previews.set(document, { preview, apply });
    void this.#focus(document);
    for (const peer of this.#peers(document)) peer.send('preview', { preview });
  }

  #closePreview(document: ModelDocument): { apply(): void } | undefined {
    const pending = this.#previews.get(document);
    if (!pending) return undefined;
    this.#previews.delete(document);
    for (const peer of this.#peers(document)) peer.send('preview', { preview: null });
    return pending;
  }

  saveCustomDocument(document: ModelDocument, token: vscode.CancellationToken): Promise<void> {
    return this.#save(document, document.uri, token);
  }

  saveCustomDocumentAs(document: ModelDocument, destination: vscode.Uri, token: vscode.CancellationToken): Promise<void> {
    return this.#save(document, destination, token);
  }

  async #save(document: ModelDocument, target: vscode.Uri, token: vscode.CancellationToken): Promise<void> {
    if (document.isInConflict()) {
      void this.#conflicts.settle(document);
      // Said there; VS Code says nothing of an error of this kind.
      throw new vscode.CancellationError();
    }
    try {
      await throwingQuietly(() => saveWithProgress(document, target, token));
    } catch (error) {
      if (!(error instanceof vscode.CancellationError)) this.#log.error(error);
      throw error;
    }
  }

  revertCustomDocument(document: ModelDocument): Promise<void> {
    return throwingQuietly(() => document.revert());
  }

  backupCustomDocument(document: ModelDocument, { destination }: vscode.CustomDocumentBackupContext): Promise<vscode.CustomDocumentBackup> {
    return writeBackup(document, destination, this.#learned);
  }
}
