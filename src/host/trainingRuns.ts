// The runs of a training as they grow: what the engine tells of them, kept as the panel shows it.

import type { RunId, TrainingRun, TrainingSnapshot, TrainingSteps } from '../protocol/training';
import type { ShownRun, ShownSnapshot } from '../protocol/trainingView';

const keyOf = ({ scheme, seed }: RunId): string => `${scheme} ${seed}`;

/** Without what no chart draws: histograms would make of a snapshot many times what it says. */
export function shownSnapshot({ step, layers }: TrainingSnapshot): ShownSnapshot {
  return {
    step,
    layers: layers.map(({ name, activation, gradient, weights }) => ({
      name, update: weights[0]?.update ?? null,
      activation: activation && { variance: activation.variance }, gradient: gradient && { variance: gradient.variance },
    })),
  };
}

interface Growing extends RunId {
  rate: number | null;
  losses: (number | null)[];
  accuracies: number[];
  snapshots: ShownSnapshot[];
  end: ShownRun['end'];
  /** Steps it had made when it was gone on with; null where it was left. */
  from: number | null;
}

export class TrainingRuns {
  readonly #isKept: (run: RunId) => boolean;
  #runs = new Map<string, Growing>();

  /** `isKept` tells whether the weights of a run are on the disk. */
  constructor(isKept: (run: RunId) => boolean) {
    this.#isKept = isKept;
  }

  get shown(): readonly ShownRun[] {
    return [...this.#runs.values()].map(({ from: _, ...run }) => ({ ...run, isKept: this.#isKept(run) }));
  }

  /** Steps made since these runs began or were gone on with, of so many each; those that need no more of them count in full. */
  made(steps: number): number {
    const isOver = ({ end }: Growing): boolean => end?.kind === 'finished' || end?.kind === 'diverged';
    return [...this.#runs.values()].reduce((sum, run) => sum + (run.from === null ? 0 : isOver(run) ? steps : run.losses.length - run.from), 0);
  }

  clear(): void {
    this.#runs = new Map();
  }

  /** Those that go on have not come to their end any more. */
  resume(runs: readonly RunId[]): void {
    for (const run of this.#runs.values()) run.from = null;
    for (const run of runs) {
      const own = this.#growing(run);
      own.end = null;
      own.from = own.losses.length;
    }
  }

  rateFound(scheme: RunId['scheme'], rate: number): void {
    for (const run of this.#runs.values()) if (run.scheme === scheme) run.rate ??= rate;
  }

  stepped({ scheme, seed, from, losses, accuracies }: TrainingSteps, rate: number | null): void {
    const run = this.#growing({ scheme, seed });
    run.rate ??= rate;
    run.losses = [...run.losses.slice(0, from), ...losses];
    if (accuracies.length > 0) run.accuracies = [...run.accuracies.slice(0, from), ...accuracies];
  }

  observed(run: RunId, snapshot: ShownSnapshot): void {
    const own = this.#growing(run);
    own.snapshots = [...own.snapshots.filter(({ step }) => step < snapshot.step), snapshot];
  }

  trained({ scheme, seed, rate, losses, accuracies, snapshots, end }: TrainingRun): void {
    const own = this.#growing({ scheme, seed });
    Object.assign(own, { rate, losses: [...losses], accuracies: [...accuracies], snapshots: snapshots.map(shownSnapshot), end });
  }

  /** Runs that were going on when the engine ended: what they have learned so far stays. */
  crashed(message: string): void {
    for (const run of this.#runs.values()) if (run.from !== null) run.end ??= { kind: 'crashed', step: run.losses.length, message };
  }

  #growing({ scheme, seed }: RunId): Growing {
    const key = keyOf({ scheme, seed });
    const known = this.#runs.get(key);
    if (known) return known;
    const run: Growing = { scheme, seed, rate: null, losses: [], accuracies: [], snapshots: [], end: null, from: 0 };
    this.#runs.set(key, run);
    return run;
  }
}
