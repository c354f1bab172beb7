// First steps of training of one document: what was asked for, how far it has come, and what can be made of it.

import { existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';

import type * as vscode from 'vscode';

import { describeScheme } from '../core/initializers/schemes';
import type { EngineClient } from '../engine/client';
import { readNpz } from '../formats/numpy/npz';
import { Failure } from '../protocol/failure';
import { CancellationSource, describeError, isCancelled } from '../protocol/rpc';
import type { SimulatedScheme } from '../protocol/schemes';
import { defaultTraining, keptStateName, keptWeights, keptWhere } from '../protocol/training';
import type { LearningVerdict, RateTrial, RunId, TrainingOptions, TrainingPlan, TrainingResult } from '../protocol/training';
import type { ShownRun, TrainingGrowth, TrainingStatus } from '../protocol/trainingView';
import { say } from '../protocol/words';
import { ownFolder } from './ownFolder';
import type { LearnedEdit } from './learnedWeights';
import type { Log } from './log';
import type { ModelDocument } from './modelDocument';
import { readSettings } from './settings';
import { trainedTitle } from './trainedTitle';
import { TrainingRuns, shownSnapshot } from './trainingRuns';

/** The page is told at most so often of steps. */
const tellEveryMs = 100;

export type Trainer = Pick<EngineClient, 'train' | 'steer'>;

export interface TrainingListener {
  changed(): void;
  grew(growth: TrainingGrowth): void;
}

interface Growing {
  readonly steps: TrainingGrowth['steps'][number][];
  readonly snapshots: TrainingGrowth['snapshots'][number][];
}

export class TrainingSession {
  readonly #document: ModelDocument;
  readonly #engine: Trainer;
  readonly #log: Log;
  readonly #listener: TrainingListener;
  readonly #subscription: vscode.Disposable;
  readonly #folder: { readonly path: string; remove(): void };
  readonly #runs: TrainingRuns;
  #options: TrainingOptions;
  #status: TrainingStatus = { kind: 'idle' };
  #plan: TrainingPlan | null = null;
  #trials: readonly RateTrial[] = [];
  #verdict: LearningVerdict | null = null;
  /** Of the weights that the runs began with. */
  #signature: string;
  /** What was asked for last: runs, and steps of each. */
  #asked = { runs: 0, steps: 0 };
  /** Told to stop: a second time, it is not waited for. */
  #isStopping = false;
  #running: CancellationSource | null = null;
  #growth: Growing = { steps: [], snapshots: [] };
  #timer: NodeJS.Timeout | null = null;

  constructor(document: ModelDocument, engine: Trainer, storage: string, log: Log, listener: TrainingListener) {
    this.#document = document;
    this.#engine = engine;
    this.#log = log;
    this.#listener = listener;
    this.#signature = document.signature;
    this.#folder = ownFolder(join(storage, 'training'));
    this.#runs = new TrainingRuns((run) => existsSync(this.#keptFile(run)));
    const { seeds, threads } = readSettings(document.uri);
    this.#options = { ...defaultTraining, seeds, threads };
    this.#subscription = document.onDidChange(() => listener.changed());
  }

  get options(): TrainingOptions { return this.#options; }
  get status(): TrainingStatus { return this.#status; }
  get plan(): TrainingPlan | null { return this.#plan; }
  get trials(): readonly RateTrial[] { return this.#trials; }
  get runs(): readonly ShownRun[] { return this.#runs.shown; }
  get verdict(): LearningVerdict | null { return this.#verdict; }
  get isPast(): boolean { return this.#status.kind !== 'idle' && this.#document.signature !== this.#signature; }
  get isRunning(): boolean { return this.#running !== null; }

  start(options: TrainingOptions): Promise<void> {
    this.#runs.clear();
    this.#plan = null;
    this.#trials = [];
    this.#signature = this.#document.signature;
    this.#asked = { runs: options.schemes.length * options.seeds, steps: options.steps };
    return this.#run(options, []);
  }

  /** Whatever has come to an end and is kept makes so many steps more; what diverged has nothing to go on with. */
  async continue(steps: number): Promise<void> {
    const resumed = this.#runs.shown.filter(({ end, isKept }) => isKept && end !== null && end.kind !== 'diverged');
    if (resumed.length === 0 || this.#running) return;
    this.#asked = { runs: resumed.length, steps };
    this.#runs.resume(resumed);
    await this.#run({ ...this.#options, steps }, resumed.map(({ scheme, seed }) => ({ scheme, seed })));
  }

  async steer(to: 'hold' | 'go' | 'stop'): Promise<void> {
    // Before the first step there is nothing to steer, and nothing to keep.
    if (this.#status.kind === 'planning' || (to === 'stop' && this.#isStopping)) {
      if (to === 'stop') this.#running?.cancel();
      return;
    }
    if (!this.#running) return;
    this.#isStopping ||= to === 'stop';
    await this.#engine.steer(to);
    if (this.#status.kind === 'running' && to === 'hold') this.#set({ ...this.#progress('held') });
    else if (this.#status.kind === 'held' && to === 'go') this.#set({ ...this.#progress('running') });
  }

  /** The weights of a run as an edit of the document. */
  trained({ scheme, seed }: RunId): LearnedEdit {
    const run = this.#runs.shown.find((each) => each.scheme === scheme && each.seed === seed);
    const file = this.#keptFile({ scheme, seed });
    if (!run || !existsSync(file)) {
      throw new Failure('missing-external-file', say('The weights of {0}, seed {1}, were not kept. Train again, then apply them.', titleOf(scheme), seed));
    }
    const kept = readNpz(file);
    const arrays = [...kept].flatMap(([name, { data }]) => (
      name.startsWith(keptWeights) && data instanceof Float32Array ? [[name.slice(keptWeights.length), data] as const] : []));
    // What an engine that died has kept is a little older than what it told.
    const steps = Number(kept.get(keptWhere)?.data[0] ?? run.losses.length);
    return { values: new Map(arrays), title: trainedTitle({ ...run, steps }, this.#options, this.#plan), label: say('Train Weights') };
  }

  #keptFile(run: RunId): string { return join(this.#folder.path, keptStateName(run)); }

  #set(status: TrainingStatus): void {
    this.#flush();
    this.#status = status;
    this.#listener.changed();
  }

  #progress<K extends 'running' | 'held' | 'stopped'>(kind: K): { readonly kind: K; readonly done: number; readonly total: number } {
    const { runs, steps } = this.#asked;
    return { kind, done: this.#runs.made(steps), total: runs * steps };
  }

  async #run(options: TrainingOptions, resumed: readonly RunId[]): Promise<void> {
    this.#running?.cancel();
    const cancellation = new CancellationSource();
    this.#running = cancellation;
    this.#verdict = null;
    this.#isStopping = false;
    if (resumed.length === 0) this.#options = options;
    const started = performance.now();
    const isLatest = (): boolean => this.#running === cancellation;
    this.#set({ kind: 'planning', behind: null });
    try {
      const { keepStructure } = readSettings(this.#document.uri);
      mkdirSync(this.#folder.path, { recursive: true });
      const path = await this.#document.fileToRun();
      const request = { path, ...this.#document.pending(), options, keepStructure, keep: this.#folder.path, ...(resumed.length > 0 ? { resumed } : {}) };
      const result = await this.#engine.train(request, {
        waits: (file) => isLatest() && this.#set({ kind: 'planning', behind: basename(file) }),
        begins: () => isLatest() && this.#set({ kind: 'planning', behind: null }),
        trainingPlanned: (plan) => {
          if (!isLatest()) return;
          this.#plan = plan;
          this.#set(this.#progress('running'));
        },
        rateFound: (trial) => {
          if (!isLatest()) return;
          this.#trials = [...this.#trials.filter(({ scheme }) => scheme !== trial.scheme), trial];
          this.#runs.rateFound(trial.scheme, trial.found);
          this.#listener.changed();
        },
        stepped: (steps) => {
          if (!isLatest()) return;
          this.#runs.stepped(steps, this.#rateOf(steps.scheme));
          this.#growth.steps.push(steps);
          this.#tellSoon();
        },
        observed: ({ scheme, seed, snapshot }) => {
          if (!isLatest()) return;
          const shown = shownSnapshot(snapshot);
          this.#runs.observed({ scheme, seed }, shown);
          this.#growth.snapshots.push({ scheme, seed, snapshot: shown });
          this.#tellSoon();
        },
        trained: (run) => {
          if (!isLatest()) return;
          this.#flush();
          this.#runs.trained(run);
          this.#listener.changed();
        },
      }, cancellation);
      if (isLatest()) this.#finish(result, performance.now() - started);
    } catch (error) {
      if (isLatest()) this.#fail(error);
    }
  }

  #finish({ plan, trials, runs, verdict, timing }: TrainingResult, elapsedMs: number): void {
    this.#plan = plan;
    if (trials.length > 0) this.#trials = trials;
    for (const run of runs) this.#runs.trained(run);
    this.#verdict = verdict;
    this.#running = null;
    const steps = runs.reduce((sum, { losses }) => sum + losses.length, 0);
    const times = `plan ${timing.planMs.toFixed(0)} ms, create ${timing.createMs.toFixed(0)} ms, run ${timing.runMs.toFixed(0)} ms`;
    this.#log.info(`trained ${this.#document.name}: ${runs.length} runs, ${steps} steps, ${times}`);
    this.#set(this.#isStopping ? this.#progress('stopped') : { kind: 'finished', elapsedMs });
  }

  #fail(error: unknown): void {
    this.#running = null;
    const described = describeError(error);
    const wasCancelled = isCancelled(error);
    this.#runs.crashed(wasCancelled ? say('It was stopped.') : described.message);
    if (!wasCancelled) this.#log.error(error);
    this.#set(wasCancelled ? this.#progress('stopped') : { kind: 'failed', error: described });
  }

  #rateOf(scheme: SimulatedScheme): number | null {
    const { rate } = this.#options;
    return rate === 'find' ? this.#trials.find((trial) => trial.scheme === scheme)?.found ?? null : rate;
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => this.#flush(), tellEveryMs);
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const growth = this.#growth;
    if (growth.steps.length + growth.snapshots.length === 0) return;
    this.#growth = { steps: [], snapshots: [] };
    if (this.#status.kind === 'running') this.#status = this.#progress('running');
    this.#listener.grew({ ...growth, status: this.#status });
  }

  dispose(): void {
    this.#running?.cancel();
    this.#running = null;
    if (this.#timer) clearTimeout(this.#timer);
    this.#subscription.dispose();
    this.#folder.remove();
  }
}

const titleOf = (scheme: SimulatedScheme): string => (scheme === 'current' ? say('the current weights') : describeScheme(scheme).title);
