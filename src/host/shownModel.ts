import { schemeDescriptions } from '../core/initializers/schemes';
import { headline } from '../core/report/network';
import type { InspectorChange, InspectorEvents, InspectorState, LayerAssessment, MeasuringProgress, WeightMeasured } from '../protocol/inspector';
import type { Diagnostic, LayerReport, ModelReport } from '../protocol/report';
import type { Peer } from '../protocol/rpc';
import type { ModelDocument } from './modelDocument';

/** Statistics of this many tensors go into one message: some hundred kilobytes. */
const largestBatch = 500;

/** What one webview has been told of a document, so that it is told only what is another. */
export class ShownModel {
  readonly #document: ModelDocument;
  readonly #peer: Peer<Record<string, never>, InspectorEvents>;
  /** All but layers and diagnostics; null until something has been shown. */
  #frame: string | null = null;
  #layers = new Map<string, string>();
  #diagnostics = new Map<string, string>();
  readonly #measured = new Set<string>();
  #isAsked = false;

  constructor(document: ModelDocument, peer: Peer<Record<string, never>, InspectorEvents>) {
    this.#document = document;
    this.#peer = peer;
  }

  /** Everything, for a webview that knows nothing. */
  show(): void {
    const report = this.#document.report();
    this.#isAsked = true;
    this.#measured.clear();
    if (!report) {
      this.#frame = null;
      this.#peer.send('show', this.#failure());
      return;
    }
    const bare = report.layers.map(withoutStatistics);
    this.#remember(report, bare);
    this.#peer.send('show', {
      kind: 'ready', report: { ...report, layers: bare }, schemes: schemeDescriptions, readOnly: this.#document.readOnly,
      notRunnable: this.#document.readOnly, limits: this.#document.limits, headline: this.#headline(report), progress: this.#progress(),
    });
    this.tell([...this.#document.measurement.results.keys()]);
  }

  /** The document is another. */
  follow(): void {
    if (!this.#isAsked) return;
    const report = this.#document.report();
    if (!report || this.#frame !== this.#frameOf(report)) {
      this.show();
      return;
    }
    const bare = report.layers.map(withoutStatistics);
    const layers = bare.filter((layer) => this.#layers.get(layer.name) !== JSON.stringify(layer));
    const known = this.#diagnostics;
    const assessments = assess(report).filter(({ layer, diagnostics }) => (known.get(layer) ?? '[]') !== JSON.stringify(diagnostics));
    const { results } = this.#document.measurement;
    const forgotten = [...this.#measured].filter((id) => !results.has(id));
    for (const id of forgotten) this.#measured.delete(id);
    this.#remember(report, bare);
    const general = report.diagnostics.filter((diagnostic) => diagnostic.layer === null);
    const change: InspectorChange = { layers, assessments, general, headline: this.#headline(report), forgotten, progress: this.#progress() };
    this.#peer.send('changed', change);
  }

  /** Weights have been measured; with the last of them, what is to be said of the whole is known. */
  tell(ids: readonly string[]): void {
    if (this.#frame === null) return;
    for (let at = 0; at === 0 || at < ids.length; at += largestBatch) this.#tellBatch(ids.slice(at, at + largestBatch));
    if (this.#document.measurement.progress.kind !== 'running') this.follow();
  }

  #tellBatch(ids: readonly string[]): void {
    const { results } = this.#document.measurement;
    const { layers, diagnostics } = this.#document.reportOn(new Set(ids));
    const looks = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, weight.looksLike])));
    const weights = ids.flatMap((id): WeightMeasured[] => {
      const statistics = results.get(id);
      return statistics ? [{ id, statistics, looksLike: looks.get(id) ?? null }] : [];
    });
    for (const { id } of weights) this.#measured.add(id);
    const assessments = assess({ layers, diagnostics });
    for (const { layer, diagnostics: found } of assessments) this.#diagnostics.set(layer, JSON.stringify(found));
    this.#peer.send('measured', { weights, assessments, progress: this.#progress() });
  }

  #remember(report: ModelReport, bare: readonly LayerReport[]): void {
    this.#frame = this.#frameOf(report);
    this.#layers = new Map(bare.map((layer) => [layer.name, JSON.stringify(layer)]));
    this.#diagnostics = new Map(assess(report).map(({ layer, diagnostics }) => [layer, JSON.stringify(diagnostics)]));
  }

  #frameOf(report: ModelReport): string {
    const { readOnly, limits } = this.#document;
    return JSON.stringify([{ ...report, layers: report.layers.map((layer) => layer.name), diagnostics: [] }, readOnly, limits]);
  }

  #headline(report: ModelReport): InspectorChange['headline'] {
    return headline(report.layers, report.diagnostics, this.#progress().kind === 'running');
  }

  #progress(): MeasuringProgress {
    return this.#document.measurement.progress;
  }

  #failure(): InspectorState {
    const { name, error } = this.#document;
    return { kind: 'failed', file: name, error: error ?? { code: 'unexpected', message: `${name} could not be read.` } };
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
