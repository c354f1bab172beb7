import { join } from 'node:path';

import * as vscode from 'vscode';

import { describedWith } from '../core/initializers/schemes';
import type { EngineClient } from '../engine/client';
import type { OpenedModel } from '../formats/openModel';
import type { Conditions, Lecture, PanelEvents, PanelMethods, PanelPage, PanelState, PanelStatus } from '../protocol/panel';
import type { Peer } from '../protocol/rpc';
import { connect } from '../protocol/rpc';
import type { SimulationOptions } from '../protocol/simulation';
import { say } from '../protocol/words';
import { conditionsOf, openDimensions } from './conditions';
import { saveFigure, tellCopied } from './figures';
import type { InspectorEditor } from './inspectorEditor';
import { KeptRuns } from './keptRuns';
import { layerGraphOfModel } from './layerGraphs';
import type { Log } from './log';
import { panelReaders } from './messages';
import type { ModelDocument } from './modelDocument';
import type { ModelDocuments } from './modelDocuments';
import { phaseDiagramOf } from './phase';
import { pickEarlier } from './pickEarlier';
import { pickAndPreview } from './reinitialize';
import { pickParameters } from './schemePickers';
import { PanelSessions } from './panelSessions';
import type { SessionMemory, SimulationSession } from './simulationSession';
import { PretrainingPages } from './pretrainingPages';
import type { Pretrainer } from './pretrainingSession';
import type { Shown, TrainingServices } from './trainingPages';
import { TrainingPages } from './trainingPages';
import { PickedData } from './pickedData';
import { RememberedOptions } from './rememberedOptions';
import { showPage } from './webviewPage';

export const gradientViewId = 'initscope.gradients';

/** Another model whose run lies behind, and what its layers are called in front. */
interface LaidBehind {
  readonly model: string;
  readonly names?: ReadonlyMap<string, string>;
}

/** The Gradient Panel: shows the simulation of the model the user last looked at. */
export class GradientPanel implements vscode.WebviewViewProvider {
  readonly #context: vscode.ExtensionContext;
  readonly #memory: SessionMemory;
  readonly #documents: ModelDocuments;
  readonly #inspector: InspectorEditor;
  readonly #log: Log;
  readonly #known = new WeakMap<OpenedModel, Conditions>();
  readonly #lectures = new WeakMap<ModelDocument, Lecture>();
  readonly #sessions: PanelSessions;
  readonly #picked = new PickedData();
  readonly training: TrainingPages;
  readonly pretraining: PretrainingPages;
  #peer: Peer<Record<string, never>, PanelEvents> | null = null;
  /** Its page listens. */
  #isReady = false;
  /** What is to be shown in it. */
  #layer: string | null = null;
  /** What is to be brought to the front. */
  #page: PanelPage | null = null;

  constructor(
    context: vscode.ExtensionContext, documents: ModelDocuments, inspector: InspectorEditor, engine: EngineClient,
    training: Pick<TrainingServices, 'trainer' | 'learned'> & { readonly trainer: Pretrainer }, log: Log,
  ) {
    this.#context = context;
    const storage = (context.storageUri ?? context.globalStorageUri).fsPath;
    this.#memory = {
      remembered: new RememberedOptions(context.workspaceState), kept: new KeptRuns(join(storage, 'runs'), context.workspaceState, log),
    };
    this.#sessions = new PanelSessions(engine, this.#memory, log, {
      active: () => documents.active,
      changed: () => this.#show(),
      ran: (session, run) => this.#peer?.send('ran', { run, verdict: session.verdict, status: session.status }),
    });
    this.#documents = documents;
    this.#inspector = inspector;
    this.#log = log;
    const shown: Shown = {
      document: () => this.#runnable(),
      facts: (document) => ({ dimensions: openDimensions(document.opened?.graph.inputs ?? []), conditions: this.#conditions(document) }),
      peer: () => this.#peer,
    };
    const services = { ...training, announcer: inspector, storage, log };
    this.training = new TrainingPages(services, shown);
    this.pretraining = new PretrainingPages(services, shown, this.training, () => this.#peer?.send('turnTo', { page: 'training' }));
    documents.onDidChangeActive(() => this.#show());
    inspector.onDidSelect((document) => this.#follow(document));
    vscode.workspace.onDidGrantWorkspaceTrust(() => this.#show());
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const port = showPage(view.webview, this.#context.extensionUri, 'panel', say('Gradients'));
    const peer = connect<PanelMethods, Record<string, never>, Record<string, never>, PanelEvents>(port, {
      ready: () => {
        this.#isReady = true;
        this.#show();
        this.#showLayer();
        this.#turn();
      },
      ...this.training.handlers,
      ...this.pretraining.handlers,
      simulate: ({ options }) => {
        const session = this.#session();
        // What the workspace remembers was picked before.
        const isPicked = options.data === null || options.data === session?.options.data || this.#picked.has(options.data);
        if (isPicked) void session?.start(options);
        else this.#log.warn('The panel asked for data that nobody has picked.');
      },
      pickData: async ({ of }) => ({ path: await this.#picked.pick(of, say('Data to Run'), say('Run on It')) }),
      cancel: () => this.#session()?.cancel(),
      apply: ({ scheme, options, seed }) => {
        const document = this.#documents.active;
        if (document) void pickAndPreview(this.#inspector, document, { scheme, options, layers: null, seed });
      },
      pickParameters: async ({ scheme, options }) => ({ options: await pickParameters(scheme, options) ?? null }),
      foretell: ({ whatIf, parameters }) => this.#runnable()?.judgement.whatIf(whatIf, parameters) ?? null,
      phase: (request) => phaseDiagramOf(this.#runnable()?.layers ?? [], request),
      reveal: ({ layer }) => {
        const document = this.#documents.active;
        if (document) this.#inspector.reveal(document, layer);
      },
      point: ({ layer }) => {
        const document = this.#documents.active;
        if (document) this.#inspector.highlight(document, layer);
      },
      select: ({ layer }) => {
        const document = this.#documents.active;
        if (document) this.#inspector.follow(document, layer);
      },
      layerGraph: () => {
        const opened = this.#documents.active?.opened;
        return { graph: opened ? layerGraphOfModel(opened) : null };
      },
      saveFigure: (figure) => {
        const document = this.#documents.active;
        if (document) void saveFigure(document, figure);
      },
      copied: tellCopied,
      pickEarlier: () => void this.#pickEarlier(),
      pickExperiment: () => void vscode.commands.executeCommand('initscope.lectureExperiment'),
      closeLecture: () => {
        const document = this.#documents.active;
        if (document) this.#lectures.delete(document);
        this.#show();
      },
      pickSample: () => void this.#openSample(),
      pickModel: () => void vscode.commands.executeCommand('initscope.inspect'),
      showLog: () => this.#log.show(),
    }, {}, { readers: panelReaders, refused: (line) => this.#log.warn(line) });
    this.#peer = peer;
    // A page that is hidden is gone.
    view.onDidChangeVisibility(() => { this.#isReady &&= view.visible; });
    view.onDidDispose(() => {
      this.#isReady = false;
      peer.close({ code: 'closed', message: say('The panel was closed.') });
      if (this.#peer === peer) this.#peer = null;
    });
  }

  /** Opens the panel, at a layer if one is named, and runs the active model if it has not been run yet. */
  async open(layer?: string): Promise<void> {
    this.#layer = layer ?? null;
    await vscode.commands.executeCommand(`${gradientViewId}.focus`);
    this.#showLayer();
    const session = this.#session();
    if (session?.status.kind === 'idle') void session.start(session.options);
  }

  /** Runs the active model as an experiment or a comparison asks, what another model does behind it, and says what is seen. */
  async demonstrate(lecture: Lecture | null, options: SimulationOptions, behind: LaidBehind | null): Promise<void> {
    const document = this.#runnable();
    if (!document) return;
    this.#page = 'signal';
    await vscode.commands.executeCommand(`${gradientViewId}.focus`);
    this.#turn();
    if (lecture) this.explain(lecture);
    const kept = behind === null ? null : this.#memory.kept.all().find(({ model }) => model === behind.model) ?? null;
    await this.#memory.kept.layOver(document.uri.toString(), kept);
    const session = this.#session();
    session?.layOver(kept, behind?.names);
    await session?.start(options);
  }

  /** How the active model is run; null where it cannot be. */
  get options(): SimulationOptions | null { return this.#session()?.options ?? null; }

  /** Runs the active model, to be laid behind another, where one is named under that name. Returns how that has ended. */
  async runBehind(options: SimulationOptions, name: string | null = null): Promise<PanelStatus | null> {
    const [session, model] = [this.#session(), this.#documents.active?.uri.toString()];
    await session?.start(options);
    const kept = this.#memory.kept.all().find((run) => run.model === model);
    if (kept && name !== null) await this.#memory.kept.rename(kept, name);
    return session?.status ?? null;
  }

  /** What is said of the active model until it is closed. */
  explain(lecture: Lecture): void {
    const document = this.#documents.active;
    if (document) this.#lectures.set(document, lecture);
    this.#show();
  }

  /** Opens the panel at a page. */
  async openPage(page: PanelPage): Promise<void> {
    this.#page = page;
    await vscode.commands.executeCommand(`${gradientViewId}.focus`);
    this.#turn();
  }

  async #pickEarlier(): Promise<void> {
    const document = this.#runnable();
    if (!document) return;
    const model = document.uri.toString();
    const picked = await pickEarlier(this.#memory.kept, model);
    if (picked !== undefined) await this.#memory.kept.layOver(model, picked);
    // It may have been renamed or forgotten.
    this.#session()?.layOver(this.#memory.kept.laidOver(model));
  }

  async #openSample(): Promise<void> {
    await vscode.commands.executeCommand('initscope.openSample');
    await this.open();
  }

  #runnable(): ModelDocument | null {
    const document = this.#documents.active;
    return document?.opened && document.readOnly === null ? document : null;
  }

  #session(): SimulationSession | null {
    const document = this.#runnable();
    return document && this.#sessions.of(document);
  }

  /** Once, as soon as there is a page to show it. */
  #showLayer(): void {
    if (!this.#isReady || this.#layer === null) return;
    this.#peer?.send('select', { layer: this.#layer });
    this.#layer = null;
  }

  /** The cursor goes where a single layer is selected in the inspector. */
  #follow(document: ModelDocument): void {
    const [layer, ...others] = document.selected;
    if (!this.#isReady || document !== this.#documents.active || layer === undefined || others.length > 0) return;
    this.#peer?.send('select', { layer });
  }

  #turn(): void {
    if (!this.#isReady || this.#page === null) return;
    this.#peer?.send('turnTo', { page: this.#page });
    this.#page = null;
  }

  #show(): void {
    this.#peer?.send('show', this.#state());
    this.training.show();
    this.pretraining.show();
  }

  /** The graph of a file is walked once. */
  #conditions({ opened }: ModelDocument): Conditions {
    if (!opened) return { batchNorm: false, dropout: false, input: false, block: null };
    const known = this.#known.get(opened) ?? conditionsOf(opened);
    this.#known.set(opened, known);
    return known;
  }

  #state(): PanelState {
    const document = this.#documents.active;
    if (!document) return { kind: 'empty' };
    const session = this.#session();
    if (!session) {
      const reason = document.error ?? { code: 'read-only', message: document.readOnly ?? say('{0} cannot be run.', document.name) };
      return { kind: 'unavailable', file: document.name, error: reason };
    }
    return {
      kind: 'model', file: document.name, revision: document.revision, schemes: describedWith(session.options.parameters),
      options: session.options,
      dimensions: openDimensions(document.opened?.graph.inputs ?? []), conditions: this.#conditions(document), status: session.status,
      behind: this.#sessions.before(session),
      plan: session.plan, verdict: session.verdict, runs: session.runs, earlier: session.earlier, readOnly: document.readOnly,
      lecture: this.#lectures.get(document) ?? null,
    };
  }
}
