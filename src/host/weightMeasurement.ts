import { setImmediate } from 'node:timers/promises';

import * as vscode from 'vscode';

import type { LayerWeight } from '../core/layers/layer';
import type { TensorContent } from '../formats/content';
import { contentChunks, FilePool } from '../formats/content';
import { measure } from '../formats/measure';
import type { OpenedModel } from '../formats/openModel';
import type { WeightMeasured } from '../protocol/inspector';
import type { WeightStatistics } from '../protocol/report';

/** The extension host is given back to others after this long. */
const sliceMs = 12;
/** Results are told at most this often. */
const tellEveryMs = 100;

/** Measures the weights of a document a slice of time at a time, and again those whose content changes. */
export class WeightMeasurement {
  readonly #contentOf: (id: string) => TensorContent;
  readonly #results = new Map<string, WeightStatistics>();
  readonly #measured = new vscode.EventEmitter<{ readonly weights: readonly WeightMeasured[]; readonly remaining: number }>();
  readonly onDidMeasure = this.#measured.event;
  #generation = 0;
  #remaining = 0;

  constructor(contentOf: (id: string) => TensorContent) {
    this.#contentOf = contentOf;
  }

  get results(): ReadonlyMap<string, WeightStatistics> { return this.#results; }
  get remaining(): number { return this.#remaining; }

  /** Forgets the named results, or (null) all, and measures what is missing. */
  restart(opened: OpenedModel | null, ids: readonly string[] | null): void {
    if (ids === null) this.#results.clear();
    else for (const id of ids) this.#results.delete(id);
    const weights = new Map((opened?.layers ?? []).flatMap((layer) => layer.weights).map((weight) => [weight.id, weight]));
    const missing = [...weights.values()].filter((weight) => !this.#results.has(weight.id) && (weight.tensor.place ?? weight.tensor.values) !== null);
    this.#generation++;
    this.#remaining = missing.length;
    // Only files can be read a piece at a time; what is not on disk was loaded for its structure alone.
    if (missing.every((weight) => weight.tensor.place === null || weight.tensor.place.file === opened?.model.file || weight.tensor.storage === 'external')) {
      void this.#run(missing, this.#generation);
    }
  }

  async #run(weights: readonly LayerWeight[], generation: number): Promise<void> {
    const pool = new FilePool();
    let batch: WeightMeasured[] = [];
    let told = performance.now();
    const tell = (): void => {
      if (batch.length > 0) this.#measured.fire({ weights: batch, remaining: this.#remaining });
      batch = [];
      told = performance.now();
    };
    try {
      for (const weight of weights) {
        const statistics = await this.#measureOne(pool, weight, generation);
        if (!statistics) return;
        this.#results.set(weight.id, statistics);
        this.#remaining--;
        batch.push({ id: weight.id, statistics });
        if (performance.now() - told > tellEveryMs) tell();
      }
    } catch {
      // A file that goes away while it is measured leaves its weights unmeasured; reading it again says why.
      this.#remaining = 0;
    } finally {
      pool.close();
      if (generation === this.#generation) tell();
    }
  }

  async #measureOne(pool: FilePool, weight: LayerWeight, generation: number): Promise<WeightStatistics | null> {
    const steps = measure(() => contentChunks(pool, weight.tensor, this.#contentOf(weight.id)));
    let since = performance.now();
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
      if (performance.now() - since < sliceMs) continue;
      await setImmediate();
      if (generation !== this.#generation) return null;
      since = performance.now();
    }
  }

  dispose(): void {
    this.#generation++;
    this.#measured.dispose();
  }
}
