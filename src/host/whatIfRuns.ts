/** Which runs an answer is given of while kernels of one scheme are wider by hand: that scheme is judged by them only where it is what the answer is about. */
import type { SimulationRun, WhatIf } from '../protocol/simulation';

export interface JudgedRuns {
  readonly runs: readonly SimulationRun[];
  /** The answer is about kernels that nobody has. */
  readonly isWhatIf: boolean;
}

/** `unchanged` are runs of the scheme as it is drawn. The answer is about `current` where it is compared, or else about the first that has run. */
export function judgedRuns(
  runs: readonly SimulationRun[], whatIf: WhatIf | null, unchanged: readonly SimulationRun[], hasCurrent: boolean,
): JudgedRuns {
  const subject = hasCurrent ? 'current' : runs[0]?.scheme;
  if (!whatIf || whatIf.scheme === subject) return { runs, isWhatIf: whatIf !== null };
  return { runs: [...runs.filter(({ scheme }) => scheme !== whatIf.scheme), ...unchanged], isWhatIf: false };
}
