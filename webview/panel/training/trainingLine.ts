// The answer of a training in one sentence, what stands behind it, and what can be done with it.

import type { RunId } from '../../../src/protocol/training';
import type { ShownRun } from '../../../src/protocol/trainingView';
import { say, sayOf } from '../../../src/protocol/words';
import { significant } from '../../format';
import { element, icon, type Child } from '../../ui/element';
import { button } from '../../ui/kit';
import { menuButton } from '../../ui/menu';
import { severityWord } from '../../ui/severityWord';
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
  const mark = verdict && icon(icons[verdict.severity], verdict.severity === 'ok' ? say('all well') : severityWord(verdict.severity));
  if (verdict) mark?.classList.add(`severity-${verdict.severity}`);
  const isOver = status.kind === 'finished' || status.kind === 'stopped' || status.kind === 'failed';
  const kept = runs.filter(({ isKept, losses, end }) => isKept && losses.length > 0 && end !== null).sort((a, b) => costOf(a) - costOf(b));
  const canGoOn = kept.some(({ end }) => end?.kind !== 'diverged');
  return [
    mark,
    verdict && element('span', { class: 'sentence copyable', title: verdict.text }, [element('span', { text: verdict.text })]),
    isOver && kept.length > 0 ? menuButton({
      label: say('Apply Trained Weights'), testid: 'apply-trained', title: readOnly ?? say('Make the weights of a run those of the model'),
        disabled: readOnly !== null,
      items: kept.map((run) => ({
        title: say('{0}, seed {1}', titleOf(model, run), run.seed), detail: endOf(run), testid: `apply-${run.scheme}-${run.seed}`,
          onSelect: () => actions.onApply(run),
      })),
    }) : null,
    isOver && canGoOn ? button({
      label: sayOf(moreSteps, 'Train {0} Step More', 'Train {0} Steps More'), testid: 'continue-training', title: say('All runs go on from where they are'),
        onClick: actions.onMore,
    }) : null,
    note,
    isPast ? element('span', {
      class: 'muted progress-note', text: say('of weights before the last change'), testid: 'training-past',
      title: say('The model’s weights have changed since these runs began. Train again to begin with those it has now.'),
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
  const made = run.end?.step ?? run.losses.length;
  return run.end?.kind === 'diverged' ? sayOf(made, 'diverged after {0} step', 'diverged after {0} steps')
    : sayOf(made, 'cost {1} after {0} step', 'cost {1} after {0} steps', significant(costOf(run)));
}

const titleOf = ({ schemes }: TrainingModel, { scheme }: RunId): string => schemes.find(({ id }) => id === scheme)?.title ?? scheme;

/** What became of runs that did not finish, a sentence each. */
export function endNotices(model: TrainingModel, runs: readonly ShownRun[]): readonly Child[] {
  const diverged = runs.filter(({ end }) => end?.kind === 'diverged');
  if (diverged.length === 0) return [];
  const lines = diverged.map((run) => say('{0}, seed {1}: {2}', titleOf(model, run), run.seed,
    run.end?.message ?? say('it diverged at step {0}.', run.end?.step ?? 0)));
  return [disclosure('warning', sayOf(diverged.length, '{0} run diverged', '{0} runs diverged'), 'diverged', lines)];
}
