import { setImmediate } from 'node:timers/promises';

import * as vscode from 'vscode';

import type { Layer, LayerWeight } from '../core/layers/layer';
import type { Ties } from '../core/report/ties';
import type { TensorContent } from '../formats/tensors/content';
import { FilePool } from '../formats/tensors/content';
import { leaningBiases } from '../formats/tensors/leanings';
import type { Stepwise } from '../formats/tensors/measure';
import { measureWeight } from '../formats/tensors/measure';
import type { OpenedModel } from '../formats/openModel';
import { equalTensors } from '../formats/tensors/ties';
import { isMeasurable } from '../formats/tensors/weightChunks';
import type { MeasuringProgress } from '../protocol/inspector';
import type { WeightStatistics } from '../protocol/report';
import { inSlices } from './slices';

/** Results are told at most this often. */
const tellEveryMs = 100;

/** Measures the weights of a document a slice of time at a time, and again those whose content changes. */
export class WeightMeasurement {
  readonly #contentOf: (id: string) => TensorContent;
  readonly #failed: (error: unknown) => void;
  readonly #results = new Map<string, WeightStatistics>();
  readonly #measured = new vscode.EventEmitter<readonly string[]>();
  /** Ids of weights measured since the last time; none where only the progress is another. */
  readonly onDidMeasure = this.#measured.event;
  #layers: readonly Layer[] = [];
  #weights = new Map<string, LayerWeight>();
  #ties: Ties = new Map();
  #generation = 0;
  #kind: MeasuringProgress['kind'] = 'finished';
  #isWanted = false;

  constructor(contentOf: (id: string) => TensorContent, failed: (error: unknown) => void) {
    this.#contentOf = contentOf;
    this.#failed = failed;
  }

  get results(): ReadonlyMap<string, WeightStatistics> { return this.#results; }

  /** Different tensors that hold the same values; known once everything is measured. */
  get ties(): Ties { return this.#ties; }

  get progress(): MeasuringProgress {
    return { kind: this.#kind, measured: this.#weights.size - this.#missing().length, total: this.#weights.size };
  }

  /** Measuring waits until somebody can see it: before that, it would only be in the way of the first picture. */
  begin(): void {
    if (this.#isWanted) return;
    this.#isWanted = true;
    if (this.#kind === 'running') this.resume();
  }

  /** Forgets the named results, or (null) all, and measures what is missing, unless the user has stopped that. */
  restart(opened: OpenedModel | null, ids: readonly string[] | null): void {
    if (ids === null) this.#results.clear();
    else for (const id of ids) this.#results.delete(id);
    this.#ties = new Map();
    this.#take(opened);
    if (ids !== null && this.#kind === 'stopped') this.#generation++;
    else this.resume();
  }

  /** Goes on with the same weights, which a save may have moved within their file. */
  move(opened: OpenedModel | null): void {
    this.#take(opened);
    if (this.#kind === 'running') this.resume();
  }

  #take(opened: OpenedModel | null): void {
    this.#layers = opened?.layers ?? [];
    const weights = this.#layers.flatMap((layer) => layer.weights);
    this.#weights = new Map(weights.filter(isMeasurable).map((weight) => [weight.id, weight]));
  }

  stop(): void {
    if (this.#kind !== 'running') return;
    this.#generation++;
    this.#kind = 'stopped';
    this.#measured.fire([]);
  }

  resume(): void {
    const missing = this.#missing();
    this.#generation++;
    this.#kind = missing.length > 0 ? 'running' : 'finished';
    if (this.#isWanted) void this.#run(missing, this.#generation);
  }

  #missing(): readonly LayerWeight[] {
    return [...this.#weights.values()].filter((weight) => !this.#results.has(weight.id));
  }

  async #run(weights: readonly LayerWeight[], generation: number): Promise<void> {
    const pool = new FilePool();
    let batch: string[] = [];
    let told = performance.now();
    const tell = (): void => {
      this.#measured.fire(batch);
      batch = [];
      told = performance.now();
    };
    try {
      // What restarts this goes on to tell of the change, which comes before any result.
      await setImmediate();
      for (const weight of weights) {
        const steps = measureWeight(pool, weight, this.#contentOf(weight.id));
        const statistics = generation === this.#generation ? await this.#inSlices(steps, generation) : null;
        if (!statistics) return;
        this.#results.set(weight.id, statistics);
        batch.push(weight.id);
        if (performance.now() - told > tellEveryMs) tell();
      }
      const ties = await this.#inSlices(equalTensors(pool, this.#layers, this.#results, this.#contentOf), generation);
      if (!ties) return;
      this.#ties = ties;
      const leaning = await this.#inSlices(leaningBiases(pool, this.#layers, this.#results, this.#contentOf), generation);
      if (!leaning) return;
      for (const [id, statistics] of leaning) this.#results.set(id, statistics);
      batch.push(...leaning.keys());
      this.#kind = 'finished';
    } catch (error) {
      // A file that goes away while it is measured leaves its weights unmeasured; reading it again says why.
      if (generation === this.#generation) this.#kind = 'stopped';
      this.#failed(error);
    } finally {
      pool.close();
      // Results outlive the run that found them.
      if (batch.length > 0 || generation === this.#generation) tell();
    }
  }

  #inSlices<T>(steps: Stepwise<T>, generation: number): Promise<T | null> {
    return inSlices(steps, () => generation === this.#generation);
  }

  dispose(): void {
    this.#generation++;
    this.#measured.dispose();
  }
}
