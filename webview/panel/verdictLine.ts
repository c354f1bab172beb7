import type { PanelStatus } from '../../src/protocol/panel';
import type { Verdict } from '../../src/protocol/verdict';
import type { SchemeDescription, SchemeId } from '../../src/protocol/schemes';
import type { SimulationPlan } from '../../src/protocol/simulation';
import { say, sayOf } from '../../src/protocol/words';
import { duration, grouped } from '../format';
import { element, icon, type Child } from '../ui/element';
import { button } from '../ui/kit';
import { severityWord } from '../ui/severityWord';

const icons = { ok: 'pass', info: 'info', warning: 'warning', error: 'error' } as const;

export interface VerdictContext {
  readonly verdict: Verdict | null;
  readonly status: PanelStatus;
  readonly schemes: readonly SchemeDescription[];
  readonly readOnly: string | null;
}

/** The answer in one sentence, and what would change it. */
export function verdictLine({ verdict, status, schemes, readOnly }: VerdictContext, onApply: (scheme: SchemeId) => void): readonly Child[] {
  const note = progressNote(status);
  const progress = note === '' ? null : element('span', { class: 'muted number progress-note', text: note });
  if (!verdict) return [progress];
  const mark = icon(icons[verdict.severity], verdict.severity === 'ok' ? say('all well') : severityWord(verdict.severity));
  mark.classList.add(`severity-${verdict.severity}`);
  const { remedy, best } = verdict;
  const titleOf = (id: SchemeId): string => schemes.find((scheme) => scheme.id === id)?.title ?? id;
  const offer = (id: SchemeId, kind: 'primary' | 'secondary', testid: string): HTMLElement => button({
    label: say('Apply {0}…', titleOf(id)), kind, testid, disabled: readOnly !== null,
    title: readOnly ?? say('Reinitialize the weights: {0}', titleOf(id)), onClick: () => onApply(id),
  });
  const text = best ? `${verdict.text} ${say('{0} measured best: {1}.', titleOf(best.scheme), best.says)}` : verdict.text;
  return [
    mark,
    element('span', { class: 'sentence copyable', title: text }, [element('span', { text })]),
    best ? offer(best.scheme, 'primary', 'apply-best') : null,
    remedy === null ? null : offer(remedy, best ? 'secondary' : 'primary', 'apply'),
    progress,
  ];
}

/** How much of the run stands behind the sentence. */
export function progressNote(status: PanelStatus): string {
  switch (status.kind) {
    case 'idle': return '';
    case 'running': return status.stage === 'planning' ? say('Preparing the graph…')
      : sayOf(status.total, '{1} of {0} run', '{1} of {0} runs', grouped(status.done));
    // Nothing had to be run again.
    case 'finished': return status.elapsedMs === 0 ? '' : duration(status.elapsedMs);
    case 'cancelled': return sayOf(status.total, 'Stopped after {1} of {0} run', 'Stopped after {1} of {0} runs', grouped(status.done));
    case 'failed': return '';
  }
}

/** What the run had to leave out, and what was decided for it. */
export function planNotices(plan: Pick<SimulationPlan, 'unsupported' | 'notes'> | null): readonly Child[] {
  if (!plan) return [];
  const hidden = new Set(plan.unsupported.flatMap((node) => node.hides)).size;
  const ops = [...new Set(plan.unsupported.map((node) => node.op))];
  return [
    ops.length === 0 ? null : disclosure(
      'warning', unsupportedWords(ops, hidden), 'unsupported',
      plan.unsupported.map((node) => `${node.node} (${node.op}): ${node.reason}`),
    ),
    plan.notes.length === 0 ? null : disclosure('info', sayOf(plan.notes.length, '{0} note', '{0} notes'), 'notes', plan.notes),
  ];
}

function unsupportedWords(ops: readonly string[], hidden: number): string {
  const layers = sayOf(hidden, '{0} layer hidden', '{0} layers hidden');
  return ops.length === 1 ? say('{0} is not supported: {1}', ops.join(', '), layers) : say('{0} are not supported: {1}', ops.join(', '), layers);
}

/** A line that opens to several. */
export function disclosure(severity: 'warning' | 'info', summary: string, testid: string, lines: readonly string[]): HTMLElement {
  const glyph = icon(severity);
  glyph.classList.add(`severity-${severity}`);
  return element('details', { class: 'disclosure', testid }, [
    element('summary', {}, [glyph, element('span', { text: summary })]),
    element('ul', { class: 'copyable muted' }, lines.map((line) => element('li', { text: line }))),
  ]);
}
