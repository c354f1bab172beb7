// The answer of a training in one sentence, what stands behind it, and what can be done with it.

import type { RunId } from '../../../src/protocol/training';
import type { ShownRun } from '../../../src/protocol/trainingView';
import { plural, significant } from '../../format';
import { element, icon, type Child } from '../../ui/element';
import { button } from '../../ui/kit';
import { menuButton } from '../../ui/menu';
import { disclosure } from '../verdictLine';
import type { TrainingModel } from './trainingToolbar';

export interface TrainingLineActions {
  readonly onApply: (run: RunId) => void;
  readonly onMore: () => void;
}

const icons = { ok: 'pass', info: 'info', warning: 'warning' } as const;

/** `note` says how far it is, and is told apart from the rest, which stays as it is meanwhile. */
export function trainingLine(
  model: TrainingModel, runs: readonly ShownRun[], moreSteps: number, note: HTMLElement, actions: TrainingLineActions,
): readonly Child[] {
  const { verdict, status, isPast, readOnly } = model;
  const mark = verdict && icon(icons[verdict.severity], verdict.severity === 'ok' ? 'all well' : verdict.severity);
  if (verdict) mark?.classList.add(`severity-${verdict.severity}`);
  const isOver = status.kind === 'finished' || status.kind === 'stopped' || status.kind === 'failed';
  const kept = runs.filter(({ isKept, losses, end }) => isKept && losses.length > 0 && end !== null).sort((a, b) => costOf(a) - costOf(b));
  const canGoOn = kept.some(({ end }) => end?.kind !== 'diverged');
  return [
    mark,
    verdict && element('span', { class: 'sentence copyable', title: verdict.text }, [element('span', { text: verdict.text })]),
    isOver && kept.length > 0 ? menuButton({
      label: 'Apply Trained Weights', testid: 'apply-trained', title: readOnly ?? 'Make the weights of a run those of the model', disabled: readOnly !== null,
      items: kept.map((run) => ({
        title: `${titleOf(model, run)}, seed ${run.seed}`, detail: endOf(run), testid: `apply-${run.scheme}-${run.seed}`, onSelect: () => actions.onApply(run),
      })),
    }) : null,
    isOver && canGoOn ? button({
      label: `Train ${plural(moreSteps, 'Step')} More`, testid: 'continue-training', title: 'All runs go on from where they are', onClick: actions.onMore,
    }) : null,
    note,
    isPast ? element('span', {
      class: 'muted progress-note', text: 'of weights before the last change', testid: 'training-past',
      title: 'The model’s weights have changed since these runs began. Train again to begin with those it has now.',
    }) : null,
  ];
}

/** Steps that a cost is the mean of: batches differ. */
const lastSteps = 10;

/** At the end; what is not finite costs more than anything. */
function costOf({ losses, end }: ShownRun): number {
  const last = losses.slice(-lastSteps).flatMap((loss) => loss ?? []);
  return end?.kind === 'diverged' || last.length === 0 ? Infinity : last.reduce((sum, loss) => sum + loss, 0) / last.length;
}

/** "cost 0.0213 after 200 steps" */
function endOf(run: ShownRun): string {
  const made = plural(run.end?.step ?? run.losses.length, 'step');
  return run.end?.kind === 'diverged' ? `diverged after ${made}` : `cost ${significant(costOf(run))} after ${made}`;
}

const titleOf = ({ schemes }: TrainingModel, { scheme }: RunId): string => schemes.find(({ id }) => id === scheme)?.title ?? scheme;

/** What became of runs that did not finish, a sentence each. */
export function endNotices(model: TrainingModel, runs: readonly ShownRun[]): readonly Child[] {
  const diverged = runs.filter(({ end }) => end?.kind === 'diverged');
  if (diverged.length === 0) return [];
  const lines = diverged.map((run) => `${titleOf(model, run)}, seed ${run.seed}: ${run.end?.message ?? `it diverged at step ${run.end?.step ?? 0}.`}`);
  return [disclosure('warning', `${plural(diverged.length, 'run')} diverged`, 'diverged', lines)];
}
