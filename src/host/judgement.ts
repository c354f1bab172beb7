// The verdict on a document's weights: what a simulation of them has shown, or else what theory expects of them once they have been measured.

import * as vscode from 'vscode';

import type { Expectation } from '../core/report/expectation';
import { expectationOf } from '../core/report/expectation';
import { isOfTrained } from '../core/report/network';
import type { OpenedModel } from '../formats/openModel';
import type { ModelReport, WeightStatistics } from '../protocol/report';
import type { LayerForesight, SchemeParameters, SchemeTheory, WhatIf } from '../protocol/simulation';
import type { SchemeId } from '../protocol/schemes';
import type { Remedy, Verdict } from '../protocol/verdict';

/** What is judged; `signature` is equal for equal weights. */
interface Judged {
  readonly opened: OpenedModel | null;
  readonly signature: string;
  report(): ModelReport | null;
  readonly measurement: { readonly progress: { readonly kind: string }; readonly results: ReadonlyMap<string, WeightStatistics> };
}

export class Judgement {
  readonly #judged: Judged;
  readonly #changed = new vscode.EventEmitter<void>();
  /** The weights are the same, and more is known of what they do. */
  readonly onDidChange = this.#changed.event;
  #shown: { readonly signature: string; readonly verdict: Verdict; readonly failing: ReadonlySet<SchemeId> } | null = null;
  #trained: { readonly key: string; readonly is: boolean } | null = null;
  #expected: { readonly key: string; readonly expectation: Expectation } | null = null;

  constructor(judged: Judged) {
    this.#judged = judged;
  }

  /** Null while weights are being measured, and where nothing follows the gradient. */
  get verdict(): Verdict | null {
    return this.#shown?.signature === this.#judged.signature ? this.#shown.verdict : this.#expectation?.verdict ?? null;
  }

  /** What would help most; nothing of weights that are being measured, and nothing that has been seen not to help. */
  get remedies(): readonly Remedy[] {
    const failing = this.#shown?.signature === this.#judged.signature ? this.#shown.failing : null;
    return (this.#expectation?.remedies() ?? []).filter(({ scheme, layers }) => layers !== null || !failing?.has(scheme));
  }

  /** Theory is of fresh weights. */
  foresightOf(layer: string): LayerForesight {
    return (this.isTrained ? null : this.#expectation?.foresightOf(layer)) ?? { response: null, throughTime: null };
  }

  /** What theory says of kernels of other widths; null of trained weights, and while weights are being measured. */
  whatIf(asked: WhatIf, parameters: SchemeParameters): SchemeTheory | null {
    return asked.scheme === 'current' && this.isTrained ? null : this.#expectation?.whatIf(asked, parameters) ?? null;
  }

  get #expectation(): Expectation | null {
    const { opened, measurement: { progress, results } } = this.#judged;
    if (!opened || progress.kind === 'running') return null;
    const key = this.#key;
    if (this.#expected?.key !== key) {
      this.#expected = { key, expectation: expectationOf({ graph: opened.graph, layers: opened.layers, statistics: results }) };
    }
    return this.#expected.expectation;
  }

  /** Whether these are no fresh weights; not before all of them are known. */
  get isTrained(): boolean {
    const key = this.#key;
    if (this.#trained?.key !== key) this.#trained = { key, is: isOfTrained(this.#judged.report()?.diagnostics ?? []) };
    return this.#trained.is;
  }

  get #key(): string { return `${this.#judged.signature} ${this.#judged.measurement.results.size}`; }

  /** A simulation of the present weights has ended with this. */
  show(verdict: Verdict | null, failing: ReadonlySet<SchemeId> = new Set()): void {
    this.#shown = verdict && { signature: this.#judged.signature, verdict, failing };
    this.#changed.fire();
  }

  dispose(): void {
    this.#changed.dispose();
  }
}
