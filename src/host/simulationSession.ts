import type * as vscode from 'vscode';

import { seenFailing } from '../core/verdict/ranking';
import { judge } from '../core/verdict/verdict';
import type { EngineClient } from '../engine/client';
import type { EarlierRuns, PanelStatus } from '../protocol/panel';
import { CancellationSource, describeError, isCancelled } from '../protocol/rpc';
import type { SimulatedScheme } from '../protocol/schemes';
import type { SimulationOptions, SimulationPlan, SimulationRun } from '../protocol/simulation';
import { defaultOptions } from '../protocol/simulation';
import type { Verdict } from '../protocol/verdict';
import { say } from '../protocol/words';
import type { KeptRun, KeptRuns } from './keptRuns';
import { titlesOf } from './keptRuns';
import type { Log } from './log';
import type { ModelDocument } from './modelDocument';
import type { RememberedOptions } from './rememberedOptions';
import { readSettings } from './settings';
import { judgedRuns, type JudgedRuns } from './whatIfRuns';

export interface SessionListener {
  /** Everything may be different. */
  changed(): void;
  ran(run: SimulationRun): void;
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** How a scheme is drawn is all that is another. */
function sameBut(a: SimulationOptions, b: SimulationOptions): boolean {
  const others = { whatIf: null, parameters: {} };
  return isSame({ ...a, ...others }, { ...b, ...others }) && !(isSame(a.whatIf, b.whatIf) && isSame(a.parameters, b.parameters));
}

const conditionsOf = (options: SimulationOptions): string => JSON.stringify({ ...options, whatIf: null, schemes: [] });

/** Schemes that are drawn in another way than before. */
function redrawn(before: SimulationOptions, after: SimulationOptions): ReadonlySet<SimulatedScheme> {
  const ids = [...before.schemes, ...after.schemes].filter((id) => id !== 'current' && !isSame(before.parameters[id], after.parameters[id]));
  return new Set([...ids, ...[before.whatIf, after.whatIf].flatMap((whatIf) => whatIf?.scheme ?? [])]);
}

const renamed = (run: SimulationRun, names: ReadonlyMap<string, string>): SimulationRun => ({
  ...run, layers: run.layers.flatMap((layer) => {
    const name = names.get(layer.name);
    return name === undefined ? [] : [{ ...layer, name }];
  }),
});

/** What stays of simulations when they are over. */
export interface SessionMemory {
  readonly remembered: RememberedOptions;
  readonly kept: KeptRuns;
}

/** The simulations of one document: what was asked for, what has come back, and what the weights did before they were changed. */
export class SimulationSession {
  readonly #document: ModelDocument;
  readonly #engine: EngineClient;
  readonly #remembered: RememberedOptions;
  readonly #kept: KeptRuns;
  readonly #log: Log;
  readonly #listener: SessionListener;
  readonly #subscription: vscode.Disposable;
  #options: SimulationOptions;
  #status: PanelStatus = { kind: 'idle' };
  #plan: SimulationPlan | null = null;
  #runs: SimulationRun[] = [];
  /** Runs of `current` with the weights of a signature, the latest last. */
  readonly #history = new Map<string, readonly SimulationRun[]>();
  #signature: string;
  #running: CancellationSource | null = null;
  #startedAt = 0;
  #laidOver: EarlierRuns | null;
  #unchanged: EarlierRuns | null = null;

  constructor(document: ModelDocument, engine: EngineClient, { remembered, kept }: SessionMemory, log: Log, listener: SessionListener) {
    this.#document = document;
    this.#engine = engine;
    this.#remembered = remembered;
    this.#kept = kept;
    this.#log = log;
    this.#listener = listener;
    this.#signature = document.signature;
    const { seeds, threads } = readSettings(document.uri);
    this.#options = { ...defaultOptions, schemes: ['current', 'recommended'], seeds, ...remembered.of(document), threads };
    const laidOver = kept.laidOver(document.uri.toString());
    this.#laidOver = laidOver && this.#earlierOf(laidOver);
    this.#subscription = document.onDidChange(() => this.#follow());
  }

  get options(): SimulationOptions { return this.#options; }
  get status(): PanelStatus { return this.#status; }
  /** Since when it waits or runs, by the clock of `performance`. */
  get startedAt(): number { return this.#startedAt; }
  get plan(): SimulationPlan | null { return this.#plan; }
  get runs(): readonly SimulationRun[] { return this.#runs; }
  /** What was chosen to be laid over, or else runs of `current` with the weights that were there before these. */
  get earlier(): EarlierRuns | null {
    if (this.#laidOver) return this.#laidOver;
    if (this.#unchanged && this.#unchanged.runs.length > 0) return this.#unchanged;
    const runs = [...this.#history].findLast(([signature]) => signature !== this.#signature)?.[1];
    return runs && this.#options.schemes.includes('current') ? { name: 'before', runs } : null;
  }

  /** Another choice of what is laid over; of another model with the names of its layers here, and without those that are not here. */
  layOver(kept: KeptRun | null, names?: ReadonlyMap<string, string>): void {
    const earlier = kept && this.#earlierOf(kept);
    this.#laidOver = earlier && names ? { ...earlier, runs: earlier.runs.map((run) => renamed(run, names)) } : earlier;
    this.#listener.changed();
  }

  #earlierOf(kept: KeptRun): EarlierRuns | null {
    const runs = this.#kept.runsOf(kept);
    return runs && { name: kept.name, runs };
  }

  /** About the current weights where they are asked for, and nothing before the first of their runs is there. */
  get verdict(): Verdict | null {
    const isEarly = this.#options.schemes.includes('current') && !this.#runs.some((run) => run.scheme === 'current');
    const { runs, isWhatIf } = this.#judged();
    const found = isEarly ? null : judge(runs, this.#plan?.theory, this.#document.judgement.isTrained);
    if (!found || !isWhatIf) return found;
    const { best: _best, ...rest } = found;
    return { ...rest, text: say('What if: {0}', found.text), remedy: null };
  }

  #judged(): JudgedRuns {
    const { whatIf, schemes, deepen } = this.#options;
    const judged = judgedRuns(this.#runs, whatIf, this.#unchanged?.runs ?? [], schemes.includes('current'));
    return deepen > 0 ? { ...judged, isWhatIf: true } : judged;
  }

  start(options: SimulationOptions): Promise<void> {
    const before = this.#options;
    this.#options = options;
    this.#remembered.keep(this.#document, options);
    this.#history.clear();
    // Runs of the others stay.
    const other = redrawn(before, options);
    const stays = this.#status.kind !== 'idle' && sameBut(before, options) ? this.#runs.filter(({ scheme }) => !other.has(scheme)) : [];
    const isKept = ({ scheme }: Pick<SimulationRun, 'scheme'>): boolean => stays.filter((run) => run.scheme === scheme).length === options.seeds;
    if (conditionsOf(before) === conditionsOf(options)) this.#keepUnchanged(before, options);
    else this.#unchanged = null;
    this.#runs = stays.filter(isKept).length === options.schemes.length * options.seeds ? [] : stays.filter(isKept);
    const missing = options.schemes.filter((scheme) => !isKept({ scheme }));
    return this.#run({ ...options, schemes: missing.length > 0 ? missing : options.schemes });
  }

  /** What a scheme does as it is drawn lies behind what it does with wider kernels. */
  #keepUnchanged({ whatIf: before }: SimulationOptions, { whatIf: now }: SimulationOptions): void {
    if (!now) this.#unchanged = null;
    else if (before?.scheme !== now.scheme) this.#unchanged = { name: say('unchanged'), runs: this.#runs.filter(({ scheme }) => scheme === now.scheme) };
  }

  cancel(): void {
    this.#running?.cancel();
  }

  /** New weights: the old line becomes "before", and if there was a picture, the new one is drawn beside it. */
  #follow(): void {
    if (this.#document.signature === this.#signature) return;
    this.#running?.cancel();
    this.#running = null;
    this.#endWhatIf();
    this.#remember();
    this.#signature = this.#document.signature;
    const known = this.#history.get(this.#signature) ?? [];
    this.#runs = [...known, ...this.#runs.filter((run) => run.scheme !== 'current')];
    const complete = this.#runs.length === this.#options.schemes.length * this.#options.seeds;
    if (complete && this.#status.kind !== 'idle') {
      this.#status = { kind: 'finished', elapsedMs: 0 };
      this.#listener.changed();
    } else if (this.#document.opened && this.#status.kind !== 'idle' && this.#options.schemes.includes('current')) {
      const missing = this.#options.schemes.filter((scheme) => this.#runs.filter((run) => run.scheme === scheme).length < this.#options.seeds);
      this.#runs = this.#runs.filter((run) => !missing.includes(run.scheme));
      void this.#run({ ...this.#options, schemes: missing });
    } else {
      this.#status = { kind: 'idle' };
      this.#listener.changed();
    }
  }

  /** What was asked of these weights is not asked of others, whose layers may be others. */
  #endWhatIf(): void {
    const { whatIf } = this.#options;
    if (!whatIf) return;
    this.#runs = [...this.#runs.filter(({ scheme }) => scheme !== whatIf.scheme), ...this.#unchanged?.runs ?? []];
    if (this.#plan) this.#plan = { ...this.#plan, theory: this.#plan.theory.filter(({ scheme }) => scheme !== whatIf.scheme) };
    this.#options = { ...this.#options, whatIf: null };
    this.#unchanged = null;
  }

  /** Keeps the runs of the present weights, if they are complete. */
  #remember(): void {
    const current = this.#runs.filter((run) => run.scheme === 'current');
    if (current.length < this.#options.seeds) return;
    this.#history.delete(this.#signature);
    this.#history.set(this.#signature, current);
  }

  async #run(options: SimulationOptions): Promise<void> {
    this.#running?.cancel();
    const cancellation = new CancellationSource();
    this.#running = cancellation;
    const started = performance.now();
    this.#startedAt = started;
    const total = options.schemes.length * options.seeds;
    const set = (status: PanelStatus): void => {
      if (this.#running !== cancellation) return;
      this.#status = status;
      this.#listener.changed();
    };
    let done = 0;
    set({ kind: 'running', done, total, stage: 'planning' });
    try {
      const { keepStructure } = readSettings(this.#document.uri);
      const path = await this.#document.fileToRun();
      const request = { path, ...this.#document.pending(), options, keepStructure, between: true, joins: true, files: {} };
      const result = await this.#engine.simulate(request, {
        planned: (plan) => {
          if (this.#running !== cancellation) return;
          // A run of some schemes leaves what is said of the others.
          const others = (this.#plan?.theory ?? []).filter(({ scheme }) => !options.schemes.includes(scheme) && this.#options.schemes.includes(scheme));
          this.#plan = { ...plan, theory: [...plan.theory, ...others] };
          set({ kind: 'running', done, total, stage: 'running' });
        },
        ran: ({ run }) => {
          if (this.#running !== cancellation) return;
          done++;
          this.#runs.push(run);
          this.#status = { kind: 'running', done, total, stage: 'running' };
          this.#listener.ran(run);
        },
      }, cancellation);
      const { planMs, createMs, runMs } = result.timing;
      const times = `plan ${planMs.toFixed(0)} ms, create ${createMs.toFixed(0)} ms, run ${runMs.toFixed(0)} ms`;
      this.#log.info(`simulated ${this.#document.name}: ${result.runs.length} runs, ${times}`);
      const { runs, isWhatIf } = this.#judged();
      if (this.#running === cancellation && !isWhatIf && this.#options.schemes.includes('current')) {
        this.#document.judgement.show(this.verdict, seenFailing(runs, this.#plan?.theory));
      }
      set({ kind: 'finished', elapsedMs: performance.now() - started });
      if (this.#running === cancellation) await this.#keep();
    } catch (error) {
      if (isCancelled(error)) set({ kind: 'cancelled', done, total });
      else {
        this.#log.error(error);
        set({ kind: 'failed', error: describeError(error) });
      }
    }
  }

  /** All of a request, which an edit may have had run in two parts. */
  async #keep(): Promise<void> {
    if (this.#options.whatIf || this.#options.deepen > 0) return;
    const { uri, name } = this.#document;
    const edit = this.#document.applied().at(-1);
    const titles = titlesOf(this.#options.schemes, this.#options.parameters);
    const runName = edit ? say('{0}, after “{1}”', titles, edit.label) : titles;
    await this.#kept.keep({ model: uri.toString(), file: name, name: runName, at: Date.now() }, this.#runs);
  }

  dispose(): void {
    this.#running?.cancel();
    this.#running = null;
    this.#subscription.dispose();
  }
}
