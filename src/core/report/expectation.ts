import type { Remedy, Verdict } from '../../protocol/verdict';
import type { OutlookSource, Prospect } from './outlook';
import { outlook, prospectOf } from './outlook';
import { remediesOf } from './remedies';

/** What is to be expected of weights before anything is run, and what would help; both of one look at the network. */
export interface Expectation {
  /** Null where theory does not follow the gradient. */
  readonly verdict: Verdict | null;
  readonly remedies: () => readonly Remedy[];
  readonly foresightOf: Prospect['foresightOf'];
  readonly whatIf: Prospect['whatIf'];
}

export function expectationOf(source: OutlookSource): Expectation {
  const prospect = prospectOf(source);
  let remedies: readonly Remedy[] | null = null;
  return { verdict: outlook(prospect), remedies: () => (remedies ??= remediesOf(prospect)), foresightOf: prospect.foresightOf, whatIf: prospect.whatIf };
}
