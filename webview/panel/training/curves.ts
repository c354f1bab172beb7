// What a chart draws of runs over their steps: one line and one band for each scheme over its seeds, lightly smoothed.

import type { RateTrial, TrainingPlan } from '../../../src/protocol/training';
import type { SimulatedScheme } from '../../../src/protocol/schemes';
import type { ShownRun } from '../../../src/protocol/trainingView';
import { say } from '../../../src/protocol/words';
import { significant, trimmed } from '../../format';

export type CurveQuantity = 'cost' | 'accuracy';

export interface CurvePoint {
  readonly x: number;
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Where a line ends before its time, or what was found on it. */
export interface CurveMark {
  readonly x: number;
  readonly y: number;
  readonly kind: 'diverged' | 'found';
}

export interface Curve {
  /** Of what: a scheme, a layer. */
  readonly key: string;
  readonly seeds: number;
  readonly points: readonly CurvePoint[];
  readonly marks: readonly CurveMark[];
}

/** As many points of a line as a chart can show. */
const mostPoints = 600;
/** A step is drawn as the mean of those around it: so many of all. */
const smoothedShare = 1 / 80;

/** The mean of the steps around each, fewer at both ends; what is not finite ends the line. */
export function smoothed(values: readonly (number | null)[], reach: number): readonly number[] {
  const end = values.findIndex((value) => value === null || !Number.isFinite(value));
  const finite = values.slice(0, end < 0 ? values.length : end).filter((value) => value !== null);
  if (reach === 0) return finite;
  const sums = [0];
  for (const value of finite) sums.push((sums.at(-1) ?? 0) + value);
  return finite.map((_, at) => {
    const near = Math.min(reach, at, finite.length - 1 - at);
    return ((sums[at + near + 1] ?? 0) - (sums[at - near] ?? 0)) / (2 * near + 1);
  });
}

/** How many steps to either side a step is smoothed over. */
export const reachOf = (steps: number): number => Math.floor(steps * smoothedShare);

function middle(values: readonly number[]): CurvePoint | null {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[0], sorted.at(-1)];
  const [left, right] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined || left === undefined || right === undefined) return null;
  return { x: 0, median: (left + right) / 2, low, high };
}

const valuesOf = (run: ShownRun, quantity: CurveQuantity): readonly (number | null)[] => (quantity === 'cost' ? run.losses : run.accuracies);

/** The curves of the schemes that have a step, in the order in which the schemes are given. */
export function collectCurves(runs: readonly ShownRun[], schemes: readonly SimulatedScheme[], quantity: CurveQuantity): readonly Curve[] {
  const longest = Math.max(0, ...runs.map((run) => valuesOf(run, quantity).length));
  const reach = reachOf(longest);
  const each = Math.max(1, Math.ceil(longest / mostPoints));
  return schemes.flatMap((scheme): readonly Curve[] => {
    const own = runs.filter((run) => run.scheme === scheme).map((run) => ({ run, line: smoothed(valuesOf(run, quantity), reach) }));
    const length = Math.max(0, ...own.map(({ line }) => line.length));
    if (length === 0) return [];
    const steps = Array.from({ length }, (_, step) => step).filter((step) => step % each === 0 || step === length - 1);
    const points = steps.flatMap((step) => {
      const found = middle(own.flatMap(({ line }) => line[step] ?? []));
      return found ? [{ ...found, x: step }] : [];
    });
    const marks = own.flatMap(({ run, line }): readonly CurveMark[] => {
      const last = line.at(-1);
      return run.end?.kind === 'diverged' && last !== undefined ? [{ x: line.length - 1, y: last, kind: 'diverged' }] : [];
    });
    return [{ key: scheme, seeds: own.length, points, marks }];
  });
}

/** The cost over the rate of each scheme's range test, the rate that was found marked. */
export function trialCurves(trials: readonly RateTrial[], schemes: readonly SimulatedScheme[]): readonly Curve[] {
  return schemes.flatMap((scheme): readonly Curve[] => {
    const trial = trials.find((each) => each.scheme === scheme);
    if (!trial) return [];
    const points = trial.rates.flatMap((rate, at): readonly CurvePoint[] => {
      const loss = trial.losses[at];
      return loss == null || !Number.isFinite(loss) ? [] : [{ x: rate, median: loss, low: loss, high: loss }];
    });
    const nearest = points.reduce<CurvePoint | null>((best, point) => (
      best && Math.abs(Math.log(best.x / trial.found)) <= Math.abs(Math.log(point.x / trial.found)) ? best : point), null);
    return points.length === 0 ? [] : [{ key: scheme, seeds: 1, points, marks: nearest ? [{ x: trial.found, y: nearest.median, kind: 'found' }] : [] }];
  });
}

/** What one sees where nothing has been learned. */
export interface Reference {
  readonly y: number;
  readonly label: string;
}

/** "knows nothing: ln 10 = 2.30" */
export function chanceOf({ loss, classes, chance }: Pick<TrainingPlan, 'loss' | 'classes' | 'chance'>, quantity: CurveQuantity): Reference | null {
  if (quantity === 'accuracy') return classes === null ? null : { y: 1 / classes, label: say('by chance: {0} %', trimmed(100 / classes)) };
  const formula = loss === 'cross-entropy' ? `ln ${classes ?? '?'}` : loss === 'binary-cross-entropy' ? 'ln 2' : say('variance of the targets');
  return Number.isFinite(chance) ? { y: chance, label: say('knows nothing: {0} = {1}', formula, significant(chance)) } : null;
}

/** So many times where lines begin are seen. */
const mostOfStart = 1.6;

/** How far up a linear axis reaches: a run that explodes does not press the others flat. */
export function topOf(curves: readonly Curve[], reference: Reference | null): number {
  const starts = curves.flatMap(({ points }) => points[0]?.high ?? []).sort((a, b) => a - b);
  const usual = Math.max(starts[starts.length >> 1] ?? 0, reference?.y ?? 0);
  const highest = Math.max(0, reference?.y ?? 0, ...curves.flatMap(({ points }) => points.map(({ high }) => high)));
  return usual > 0 ? Math.min(highest, mostOfStart * usual) : highest;
}
