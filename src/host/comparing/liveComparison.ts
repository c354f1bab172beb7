// What differs between two open models, told to their inspectors as it is measured and edited.

import { compareModels } from '../../core/comparison/compare';
import { aspectsOf, comparisonSentence } from '../../core/comparison/sentence';
import { FilePool } from '../../formats/tensors/content';
import type { Held } from '../../formats/tensors/sameContent';
import { findReordered, pairKey } from '../../formats/tensors/sameContent';
import type { LayerComparison, LayerMark, ModelComparison, ShownComparison } from '../../protocol/comparison';
import { headlineOf } from '../headlineOf';
import type { ModelDocument } from '../modelDocument';
import { inSlices } from '../slices';
import type { ComparedView } from './comparisons';
import { whyNotComparable } from './gradients';

/** Models are compared anew at most this often, and the rest of the time is for others: while weights are measured, more is known every moment. */
const leastMs = 150;
const restShare = 9;

export class LiveComparison {
  readonly left: ComparedView;
  readonly right: ComparedView;
  readonly #subscriptions: readonly { dispose(): void }[];
  /** Null while one of them cannot be read. */
  #comparison: ModelComparison | null = null;
  readonly #told = new Map<ComparedView, string>();
  #timer: NodeJS.Timeout | null = null;
  #cost = 0;
  /** Of which weights the elements have been looked at, and what came of it. */
  #reordered: { readonly of: string; readonly keys: ReadonlySet<string> } | null = null;
  #isLooking = false;
  #isOver = false;

  constructor(left: ComparedView, right: ComparedView) {
    [this.left, this.right] = [left, right];
    this.#subscriptions = [left, right].flatMap(({ document }) => [
      document.onDidChange(() => this.#soon()), document.judgement.onDidChange(() => this.#soon()), document.measurement.onDidMeasure(() => this.#soon()),
    ]);
    this.#compare();
  }

  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#compare();
    }, Math.max(leastMs, this.#cost * restShare));
  }

  #compare(): void {
    if (this.#isOver) return;
    const started = performance.now();
    const [left, right] = [compared(this.left.document), compared(this.right.document)];
    const reordered = this.#reordered?.of === this.#signature ? this.#reordered.keys : null;
    this.#comparison = left && right && compareModels(left, right, (a, b) => reordered?.has(pairKey(a, b)) === true);
    this.#cost = performance.now() - started;
    for (const view of [this.left, this.right]) {
      const shown = JSON.stringify(this.#shown(view));
      if (this.#told.get(view) !== shown) this.tell(view);
    }
    if (reordered === null && this.#isMeasured) void this.#look();
  }

  /** Equal for the same contents on both sides. */
  get #signature(): string { return [this.left, this.right].map(({ document }) => `${document.signature} ${document.revision}`).join(' | '); }

  get #isMeasured(): boolean { return [this.left, this.right].every(({ document: { measurement } }) => measurement.progress.kind !== 'running'); }

  /** Once all is measured: elements in another order, which no statistic shows. */
  async #look(): Promise<void> {
    if (!this.#comparison || this.#isLooking) return;
    this.#isLooking = true;
    const of = this.#signature;
    const pool = new FilePool();
    try {
      const steps = findReordered(pool, this.#comparison, heldBy(this.left.document), heldBy(this.right.document));
      const keys = await inSlices(steps, () => !this.#isOver && of === this.#signature);
      this.#isLooking = false;
      if (keys) this.#reordered = { of, keys };
      if (!this.#isOver) this.#soon();
    } catch {
      // A file that goes away while it is read: its inspector says so, and what statistics tell stands.
      this.#isLooking = false;
      this.#reordered = { of, keys: new Set() };
    } finally {
      pool.close();
    }
  }

  /** To one of the two, whatever it has been told. */
  tell(view: ComparedView): void {
    const comparison = this.#shown(view);
    this.#told.set(view, JSON.stringify(comparison));
    view.peer.send('compared', { comparison });
  }

  #shown(view: ComparedView): ShownComparison | null {
    const comparison = this.#comparison;
    if (!comparison) return null;
    const side = view === this.left ? 'left' : 'right';
    const other = this.other(view);
    const marks = comparison.layers.flatMap((layer): LayerMark[] => (layer.change === 'same' ? [] : [{
      layer: layer[side], partner: layer[side === 'left' ? 'right' : 'left'], change: layer.change, aspects: aspectsOf(layer),
    }]));
    return {
      side, other: other.document.name, sentence: comparisonSentence(comparison), network: comparison.network, marks,
      notComparable: whyNotComparable(this.left.document, this.right.document),
    };
  }

  other(view: ComparedView): ComparedView { return view === this.left ? this.right : this.left; }

  layer(view: ComparedView, name: string): LayerComparison | null {
    const side = view === this.left ? 'left' : 'right';
    return this.#comparison?.layers.find((layer) => layer[side] === name) ?? null;
  }

  partner(view: ComparedView, name: string): string | null {
    return this.layer(view, name)?.[view === this.left ? 'right' : 'left'] ?? null;
  }

  dispose(): void {
    this.#isOver = true;
    if (this.#timer) clearTimeout(this.#timer);
    for (const subscription of this.#subscriptions) subscription.dispose();
  }
}

function compared(document: ModelDocument): Parameters<typeof compareModels>[0] | null {
  const report = document.report();
  if (!report) return null;
  const isMeasuring = document.measurement.progress.kind === 'running';
  // A model that is elsewhere was read from a copy under another name.
  return { report: { ...report, file: document.name }, verdict: isMeasuring ? null : headlineOf(document, report).text };
}

function heldBy(document: ModelDocument): (id: string) => Held | undefined {
  const weights = new Map(document.layers.flatMap((layer) => layer.weights).map((weight) => [weight.id, weight]));
  return (id) => {
    const weight = weights.get(id);
    return weight && { weight, content: document.content(id) };
  };
}
