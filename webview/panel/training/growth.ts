// The runs with what they have made since: what the page was told last, and what came after it.

import type { RunId } from '../../../src/protocol/training';
import type { ShownRun, TrainingGrowth } from '../../../src/protocol/trainingView';

const isOf = (run: RunId, { scheme, seed }: RunId): boolean => run.scheme === scheme && run.seed === seed;

const begun = ({ scheme, seed }: RunId): ShownRun => (
  { scheme, seed, rate: null, losses: [], accuracies: [], snapshots: [], end: null, isKept: false });

export function grown(runs: readonly ShownRun[], { steps, snapshots }: Pick<TrainingGrowth, 'steps' | 'snapshots'>): readonly ShownRun[] {
  let all = runs;
  const change = (id: RunId, next: (run: ShownRun) => ShownRun): void => {
    const known = all.some((run) => isOf(run, id)) ? all : [...all, begun(id)];
    all = known.map((run) => (isOf(run, id) ? next(run) : run));
  };
  for (const told of steps) {
    change(told, (run) => ({
      ...run, losses: [...run.losses.slice(0, told.from), ...told.losses],
      accuracies: told.accuracies.length > 0 ? [...run.accuracies.slice(0, told.from), ...told.accuracies] : run.accuracies,
    }));
  }
  for (const { snapshot, ...id } of snapshots) {
    change(id, (run) => ({ ...run, snapshots: [...run.snapshots.filter(({ step }) => step < snapshot.step), snapshot] }));
  }
  return all;
}
