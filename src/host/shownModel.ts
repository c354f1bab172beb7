import { setImmediate } from 'node:timers/promises';

import { schemeDescriptions } from '../core/initializers/schemes';
import type { InspectorChange, InspectorEvents, InspectorState, LayerAssessment, MeasuringProgress, WeightMeasured } from '../protocol/inspector';
import type { Diagnostic, LayerReport, ModelReport } from '../protocol/report';
import type { Peer } from '../protocol/rpc';
import { say } from '../protocol/words';
import { headlineOf } from './headlineOf';
import type { ModelDocument } from './modelDocument';

/** Layers that are shown at once: more than fit on any screen. The others follow. */
const firstLayers = 200;
/** Layers, or statistics of tensors, that go into one message: some hundred kilobytes. */
const largestBatch = 500;

/** What one webview has been told of a document, so that it is told only what is another. */
export class ShownModel {
  readonly #document: ModelDocument;
  readonly #peer: Peer<Record<string, never>, InspectorEvents>;
  /** All but layers and diagnostics; null until something has been shown. */
  #frame: string | null = null;
  readonly #layers = new Map<string, string>();
  readonly #diagnostics = new Map<string, string>();
  readonly #measured = new Set<string>();
  #isAsked = false;
  /** Counts what was shown whole, so that the layers of one model never follow another. */
  #showing = 0;
  /** While layers are still on their way: whether something has changed since. */
  #late: { isChanged: boolean; readonly ids: Set<string> } | null = null;

  constructor(document: ModelDocument, peer: Peer<Record<string, never>, InspectorEvents>) {
    this.#document = document;
    this.#peer = peer;
  }

  /** Everything, for a webview that knows nothing: what it can draw at once, then the other layers, then what is measured from now on. */
  async show(): Promise<void> {
    const showing = ++this.#showing;
    const report = this.#document.report();
    this.#isAsked = true;
    this.#late = null;
    this.#frame = null;
    this.#measured.clear();
    if (!report) {
      this.#peer.send('show', this.#failure());
      return;
    }
    const late = { isChanged: false, ids: new Set<string>() };
    this.#late = late;
    this.#frame = this.#frameOf(report);
    this.#layers.clear();
    this.#diagnostics.clear();
    for (let at = 0; at === 0 || at < report.layers.length; at += at === 0 ? firstLayers : largestBatch) {
      this.#showPage(report, at);
      // What else the extension host has to do comes between.
      await setImmediate();
      if (showing !== this.#showing) return;
    }
    this.#late = null;
    if (late.isChanged) this.follow();
    if (late.ids.size > 0) this.tell([...late.ids]);
    this.#document.measurement.begin();
  }

  /** Layers from `at` on, as many as go into one message, and what has been measured of them. */
  #showPage(report: ModelReport, at: number): void {
    const layers = report.layers.slice(at, at + (at === 0 ? firstLayers : largestBatch));
    const names = new Set(layers.map((layer) => layer.name));
    const diagnostics = report.diagnostics.filter(({ layer }) => (layer === null ? at === 0 : names.has(layer)));
    const bare = layers.map(withoutStatistics);
    this.#remember(bare, assess({ layers, diagnostics }));
    if (at > 0) this.#peer.send('more', { layers: bare, diagnostics });
    else {
      this.#peer.send('show', {
        kind: 'ready', report: { ...report, layers: bare, diagnostics }, total: report.layers.length, schemes: schemeDescriptions,
        readOnly: this.#document.readOnly, notRunnable: this.#document.readOnly, limits: this.#document.limits,
        headline: this.#headline(report), progress: this.#progress(),
      });
    }
    const ids = layers.flatMap((layer) => layer.weights.flatMap((weight) => (weight.statistics ? weight.id : [])));
    if (ids.length > 0) this.#tellMeasured({ layers, diagnostics }, ids);
  }

  /** The document is another. */
  follow(): void {
    if (!this.#isAsked) return;
    const report = this.#document.report();
    if (!report || this.#frame !== this.#frameOf(report)) {
      void this.show();
      return;
    }
    if (this.#late) {
      this.#late.isChanged = true;
      return;
    }
    const bare = report.layers.map(withoutStatistics);
    const layers = bare.filter((layer) => this.#layers.get(layer.name) !== JSON.stringify(layer));
    const known = this.#diagnostics;
    const assessments = assess(report).filter(({ layer, diagnostics }) => (known.get(layer) ?? '[]') !== JSON.stringify(diagnostics));
    const { results } = this.#document.measurement;
    const forgotten = [...this.#measured].filter((id) => !results.has(id));
    for (const id of forgotten) this.#measured.delete(id);
    this.#remember(layers, assessments);
    const general = report.diagnostics.filter((diagnostic) => diagnostic.layer === null);
    const change: InspectorChange = { layers, assessments, general, headline: this.#headline(report), forgotten, progress: this.#progress() };
    this.#peer.send('changed', change);
  }

  /** Weights have been measured; with the last of them, what is to be said of the whole is known. */
  tell(ids: readonly string[]): void {
    if (this.#frame === null) return;
    if (this.#late) {
      for (const id of ids) this.#late.ids.add(id);
      this.#late.isChanged = true;
      return;
    }
    for (let at = 0; at === 0 || at < ids.length; at += largestBatch) {
      const batch = ids.slice(at, at + largestBatch);
      this.#tellMeasured(this.#document.reportOn(new Set(batch)), batch);
    }
    if (this.#document.measurement.progress.kind !== 'running') this.follow();
  }

  #tellMeasured({ layers, diagnostics }: Pick<ModelReport, 'layers' | 'diagnostics'>, ids: readonly string[]): void {
    const { results } = this.#document.measurement;
    const looks = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, weight.looksLike])));
    const weights = ids.flatMap((id): WeightMeasured[] => {
      const statistics = results.get(id);
      return statistics ? [{ id, statistics, looksLike: looks.get(id) ?? null }] : [];
    });
    for (const { id } of weights) this.#measured.add(id);
    const assessments = assess({ layers, diagnostics });
    this.#remember([], assessments);
    this.#peer.send('measured', { weights, assessments, progress: this.#progress() });
  }

  #remember(bare: readonly LayerReport[], assessments: readonly LayerAssessment[]): void {
    for (const layer of bare) this.#layers.set(layer.name, JSON.stringify(layer));
    for (const { layer, diagnostics } of assessments) this.#diagnostics.set(layer, JSON.stringify(diagnostics));
  }

  #frameOf(report: ModelReport): string {
    const { readOnly, limits } = this.#document;
    return JSON.stringify([{ ...report, layers: report.layers.map((layer) => layer.name), diagnostics: [] }, readOnly, limits]);
  }

  #headline(report: ModelReport): InspectorChange['headline'] {
    return headlineOf(this.#document, report);
  }

  #progress(): MeasuringProgress {
    return this.#document.measurement.progress;
  }

  #failure(): InspectorState {
    const { name, error } = this.#document;
    return { kind: 'failed', file: name, error: error ?? { code: 'unexpected', message: say('{0} could not be read.', name) } };
  }
}

function withoutStatistics(layer: LayerReport): LayerReport {
  return { ...layer, weights: layer.weights.map((weight) => ({ ...weight, statistics: null, looksLike: null })) };
}

/** The diagnostics of each layer, none included. */
function assess({ layers, diagnostics }: Pick<ModelReport, 'layers' | 'diagnostics'>): readonly LayerAssessment[] {
  const found = new Map<string, Diagnostic[]>(layers.map((layer) => [layer.name, []]));
  for (const diagnostic of diagnostics) if (diagnostic.layer !== null) found.get(diagnostic.layer)?.push(diagnostic);
  return [...found].map(([layer, own]) => ({ layer, diagnostics: own }));
}
