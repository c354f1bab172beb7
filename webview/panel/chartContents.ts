// What charts draw of a state and its runs: the lines of the shown schemes, of theory, and of an earlier run behind them.

import type { SchemeTheory, SimulationRun } from '../../src/protocol/simulation';
import type { SimulatedScheme } from '../../src/protocol/schemes';
import { say } from '../../src/protocol/words';
import { earlierName } from './earlierName';
import type { ModelState } from './modelState';
import { collectSeries, theorySeries, variance, type Quantity, type Series } from './series';
import type { ChartContent } from './varianceChart';

export interface Shown {
  readonly state: ModelState;
  readonly runs: readonly SimulationRun[];
  readonly theory: readonly SchemeTheory[];
  readonly layers: readonly string[];
  readonly isLinear: boolean;
}

/** In the order in which schemes are listed. */
export const shownSchemes = ({ options, schemes }: ModelState): readonly SimulatedScheme[] => (
  schemes.map(({ id }) => id).filter((id) => options.schemes.includes(id)));

export function contentOf({ state, runs, theory, layers, isLinear }: Shown, quantity: Quantity): ChartContent {
  const { earlier, plan } = state;
  const shown = shownSchemes(state);
  return {
    layers, isLinear, unsupported: plan?.unsupported ?? [], titleOf: (series) => titleOf(state, series), quantity: variance, earlier: earlier?.name ?? '',
    series: [...theorySeries(theory, shown, layers, quantity), ...collectSeries(runs, earlier?.runs ?? [], shown, layers, quantity)],
  };
}

/** What a line is called, in tables and legends. */
export function titleOf({ options, schemes, earlier }: ModelState, { kind, scheme }: Series): string {
  const own = schemes.find(({ id }) => id === scheme)?.title ?? scheme;
  const title = kind !== 'before' && options.whatIf?.scheme === scheme ? say('{0}, what if', own) : own;
  if (kind === 'measured') return title;
  if (kind === 'theory') return say('{0}, theory', title);
  const past = earlierName(earlier?.name ?? '');
  return (earlier?.runs ?? []).some((run) => run.scheme !== scheme) ? `${past}: ${title}` : past;
}
