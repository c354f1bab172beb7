// Which of the schemes that have been run serves a network best, and which do not help it: what has been seen goes before what is expected.

import type { SchemeId, SimulatedScheme } from '../../protocol/schemes';
import type { SchemeTheory, SimulationRun } from '../../protocol/simulation';
import type { MeasuredBest } from '../../protocol/verdict';
import { measuredCourse } from './course';
import type { Effect } from './effect';
import { effectOf, isBetter } from './effect';

/** Of each scheme that has been run, in the order of the runs. */
function effects(runs: readonly SimulationRun[], theory: readonly SchemeTheory[]): ReadonlyMap<SimulatedScheme, Effect> {
  return new Map([...new Set(runs.map(({ scheme }) => scheme))].flatMap((scheme): [SimulatedScheme, Effect][] => {
    const course = measuredCourse(runs, scheme, theory);
    const effect = course && effectOf(course);
    return effect ? [[scheme, effect]] : [];
  }));
}

/** Null where the weights as they are do as well, and where it is what is recommended. What is recommended holds as long as nothing is clearly better. */
export function measuredBest(runs: readonly SimulationRun[], theory: readonly SchemeTheory[] = []): MeasuredBest | null {
  const { current, ...others } = Object.fromEntries(effects(runs, theory));
  const candidates = Object.entries(others) as [SchemeId, Effect][];
  const first = candidates.find(([scheme]) => scheme === 'recommended') ?? candidates[0];
  if (!current || !first) return null;
  const [scheme, effect] = candidates.reduce((best, each) => (isBetter(each[1], best[1]) ? each : best), first);
  return scheme !== 'recommended' && isBetter(effect, current) ? { scheme, says: effect.says } : null;
}

/** Schemes that have been seen to do no better than the weights as they are. */
export function seenFailing(runs: readonly SimulationRun[], theory: readonly SchemeTheory[] = []): ReadonlySet<SchemeId> {
  const all = effects(runs, theory);
  const current = all.get('current');
  return new Set([...all].flatMap(([scheme, effect]) => (current && scheme !== 'current' && !isBetter(effect, current) ? [scheme] : [])));
}
