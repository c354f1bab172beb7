// Pre-training of one document: what was asked for, how far its machines have come, and what they have learned.

import { basename } from 'node:path';

import type { EngineClient } from '../engine/client';
import { Failure } from '../protocol/failure';
import type { MachineEpoch, Pictures, PretrainedMachine, PretrainingOptions, PretrainingPlan, PretrainingResult } from '../protocol/pretraining';
import { defaultPretraining, pretrainedTitle } from '../protocol/pretraining';
import type { PretrainingStatus, ShownMachine, ShownPictures } from '../protocol/pretrainingView';
import { CancellationSource, describeError, isCancelled } from '../protocol/rpc';
import { say } from '../protocol/words';
import type { LearnedEdit } from './learnedWeights';
import type { Log } from './log';
import type { ModelDocument } from './modelDocument';
import { readSettings } from './settings';

/** The page is told at most so often of epochs. */
const tellEveryMs = 100;

export type Pretrainer = Pick<EngineClient, 'pretrain' | 'steer'>;

export class PretrainingSession {
  readonly #document: ModelDocument;
  readonly #engine: Pretrainer;
  readonly #log: Log;
  readonly #changed: () => void;
  #options: PretrainingOptions;
  #status: PretrainingStatus = { kind: 'idle' };
  #plan: PretrainingPlan | null = null;
  #machines = new Map<string, ShownMachine>();
  /** By layer: also those that were done when the engine ended. */
  #learned = new Map<string, PretrainedMachine>();
  #ended: string | null = null;
  #title: string | null = null;
  #running: CancellationSource | null = null;
  #isStopping = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(document: ModelDocument, engine: Pretrainer, log: Log, changed: () => void) {
    this.#document = document;
    this.#engine = engine;
    this.#log = log;
    this.#changed = changed;
    this.#options = { ...defaultPretraining, threads: readSettings(document.uri).threads };
  }

  get options(): PretrainingOptions { return this.#options; }
  get status(): PretrainingStatus { return this.#status; }
  get plan(): PretrainingPlan | null { return this.#plan; }
  get machines(): readonly ShownMachine[] { return [...this.#machines.values()]; }
  get ended(): string | null { return this.#ended; }
  get learned(): readonly string[] { return [...this.#learned.keys()]; }
  get isRunning(): boolean { return this.#running !== null; }

  async start(options: PretrainingOptions): Promise<void> {
    this.#running?.cancel();
    const cancellation = new CancellationSource();
    this.#running = cancellation;
    [this.#options, this.#plan, this.#ended, this.#title, this.#isStopping] = [options, null, null, null, false];
    this.#machines = new Map();
    this.#learned = new Map();
    const started = performance.now();
    const isLatest = (): boolean => this.#running === cancellation;
    this.#set({ kind: 'planning', behind: null });
    try {
      const path = await this.#document.fileToRun();
      const result = await this.#engine.pretrain({ path, ...this.#document.pending(), options }, {
        waits: (file) => isLatest() && this.#set({ kind: 'planning', behind: basename(file) }),
        begins: () => isLatest() && this.#set({ kind: 'planning', behind: null }),
        pretrainingPlanned: (plan) => {
          if (!isLatest()) return;
          this.#plan = plan;
          this.#machines = new Map(plan.machines.map((machine) => [machine.layer, { ...machine, epochs: [], filters: null, reconstructions: null }]));
          this.#set(this.#progress('running'));
        },
        epochDone: (epoch) => {
          if (!isLatest()) return;
          this.#see(epoch);
          this.#tellSoon();
        },
        machineDone: (machine) => {
          if (isLatest()) this.#learned.set(machine.layer, machine);
        },
      }, cancellation);
      if (isLatest()) this.#finish(result, performance.now() - started);
    } catch (error) {
      if (isLatest()) this.#fail(error);
    }
  }

  async steer(to: 'hold' | 'go' | 'stop'): Promise<void> {
    // Before the first epoch there is nothing to steer; asked twice, it is not waited for.
    if (this.#status.kind === 'planning' || (to === 'stop' && this.#isStopping)) {
      if (to === 'stop') this.#running?.cancel();
      return;
    }
    if (!this.#running) return;
    this.#isStopping ||= to === 'stop';
    await this.#engine.steer(to);
    if (this.#status.kind === 'running' && to === 'hold') this.#set(this.#progress('held'));
    else if (this.#status.kind === 'held' && to === 'go') this.#set(this.#progress('running'));
  }

  /** What was learned, as an edit of the document. */
  pretrained(): LearnedEdit {
    const weights = [...this.#learned.values()].flatMap((machine) => machine.weights);
    if (weights.length === 0) throw new Failure('unsupported', say('No layer has been pre-trained yet. Pre-train, then apply.'));
    return { values: new Map(weights.map(({ id, values }) => [id, values])), title: this.#title ?? this.#titleSoFar(), label: say('Pre-train Weights') };
  }

  /** Where the engine did not come to say it. */
  #titleSoFar(): string {
    const { machines, epochs } = this.#plan ?? { machines: [...this.#learned.keys()], epochs: 0 };
    return pretrainedTitle(this.#options, machines.length, epochs, false);
  }

  #see({ layer, filters, reconstructions, ...epoch }: MachineEpoch): void {
    const known = this.#machines.get(layer);
    if (!known) return;
    const epochs = [...known.epochs.filter((each) => each.epoch < epoch.epoch), epoch];
    this.#machines.set(layer, {
      ...known, epochs, filters: filters ? shown(filters) : known.filters, reconstructions: reconstructions ? shown(reconstructions) : known.reconstructions,
    });
  }

  #finish({ machines, title, end, plan, timing }: PretrainingResult, elapsedMs: number): void {
    this.#running = null;
    [this.#plan, this.#title, this.#ended] = [plan, title, end.message];
    for (const machine of machines) {
      this.#learned.set(machine.layer, machine);
      for (const epoch of machine.epochs) this.#see(epoch);
    }
    this.#log.info(`pre-trained ${this.#document.name}: ${title}; training ${timing.trainMs.toFixed(0)} ms, monitoring ${timing.monitorMs.toFixed(0)} ms`);
    this.#set(end.kind === 'finished' ? { kind: 'finished', elapsedMs } : this.#progress('stopped'));
  }

  #fail(error: unknown): void {
    this.#running = null;
    const wasCancelled = isCancelled(error);
    if (!wasCancelled) this.#log.error(error);
    this.#set(wasCancelled ? this.#progress('stopped') : { kind: 'failed', error: describeError(error) });
  }

  #progress<K extends 'running' | 'held' | 'stopped'>(kind: K): { readonly kind: K; readonly done: number; readonly total: number } {
    const done = this.machines.reduce((sum, { epochs }) => sum + Math.max(0, epochs.length - 1), 0);
    return { kind, done, total: (this.#plan?.epochs ?? 0) * this.#machines.size };
  }

  #set(status: PretrainingStatus): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#status = status;
    this.#changed();
  }

  #tellSoon(): void {
    this.#timer ??= setTimeout(() => this.#set(this.#status.kind === 'running' ? this.#progress('running') : this.#status), tellEveryMs);
  }

  dispose(): void {
    this.#running?.cancel();
    this.#running = null;
    if (this.#timer) clearTimeout(this.#timer);
  }
}

const shown = ({ width, height, images }: Pictures): ShownPictures => ({ width, height, images: images.map((bytes) => Buffer.from(bytes).toString('base64')) });
