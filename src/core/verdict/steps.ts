// Changes of a signal at single layers, which are no trend: a kernel out of scale, an activation that lets nothing pass, a pooling.

import type { Stop } from './course';
import { median } from './median';
import { passedShare, flat } from './shut';

/** A layer on the way, with the logarithm of the standard deviation there. */
export interface Passed {
  readonly stop: Stop;
  readonly log: number;
}

export interface Step {
  readonly factor: number;
  /** The layer whose kernel or activation makes the step; where that is not known, the one behind it. */
  readonly at: string;
  readonly cause: 'kernel' | 'activation' | 'unknown';
}

/** A change that stays, and is so much larger than those around it, has no part in the trend: poolings halve a signal, or take a thirtieth of it. */
const outlier = Math.log(4);
/** Layers before and behind whose medians say whether a change stays: as many of either kind where layers of two or three kinds take turns, as in branches. */
const around = 6;
/** So much of a change is left in the medians of what stays; of what takes turns, half at the ends of the way. */
const mostOf = 0.6;
/** Steps are told of a kernel or an activation from this factor on; where no cause is seen, as a pooling or a head may be one, from this many times more. */
const [told, toldWithoutCause] = [10, 1000];

/** The steps on a way, and the logarithms without them. `tolerance` is the factor that a trend may amount to. */
export function findSteps(
  passed: readonly Passed[], backward: boolean, tolerance: number,
): { readonly steps: readonly Step[]; readonly rest: readonly number[] } {
  const rest = passed.map(({ log }) => log);
  const steps: Step[] = [];
  const changes = rest.slice(1).map((log, i) => log - (rest[i] ?? log));
  const usual = usualChange(rest, changes);
  const largest = changes.map((change, at) => ({ at, change: change - usual })).filter(({ change }) => Math.abs(change) >= outlier)
    .toSorted((a, b) => Math.abs(b.change) - Math.abs(a.change));
  // Of two layers nothing is usual, and more than a quarter of all is a trend.
  for (const { at, change } of rest.length > 2 ? largest.slice(0, Math.ceil(rest.length / 4)) : []) {
    if (!stays(rest, at, change)) continue;
    for (let i = at + 1; i < rest.length; i++) rest[i] = (rest[i] ?? 0) - change;
    const step = explain(passed, at, change, backward);
    const limit = step.cause === 'unknown' ? toldWithoutCause * tolerance : told;
    if (Math.max(step.factor, 1 / step.factor) >= limit) steps.push(step);
  }
  return { steps: steps.toSorted((a, b) => Math.abs(Math.log(b.factor)) - Math.abs(Math.log(a.factor))), rest };
}

/** From one layer to the next, where nothing is out of order; over whole turns where layers of several kinds take turns. */
function usualChange(logs: readonly number[], changes: readonly number[]): number {
  const turns = logs.slice(around).map((log, i) => (log - (logs[i] ?? log)) / around);
  return median(turns.length > around ? turns : changes);
}

/** Whether the layers behind the change have it, too: those that alternate return. */
function stays(logs: readonly number[], at: number, change: number): boolean {
  const before = median(logs.slice(Math.max(0, at + 1 - around), at + 1));
  const behind = median(logs.slice(at + 1, at + 1 + around));
  return (behind - before) / change > mostOf;
}

/** What makes at least half of a change, and in its direction. */
function explain(passed: readonly Passed[], at: number, change: number, backward: boolean): Step {
  const [from, to] = [passed[at]?.stop, passed[at + 1]?.stop];
  const [upper, lower] = backward ? [from, to] : [to, from];
  const factor = Math.exp(change);
  const isIts = (log: number): boolean => log / change >= 0.5;
  if (backward && change < 0 && lower) {
    const share = passedShare(lower);
    if (share !== null && share < flat) return { factor, at: lower.name, cause: 'activation' };
  }
  if (upper?.scale != null && upper.scale > 0 && isIts(Math.log(upper.scale))) return { factor, at: upper.name, cause: 'kernel' };
  return { factor, at: to?.name ?? '', cause: 'unknown' };
}
