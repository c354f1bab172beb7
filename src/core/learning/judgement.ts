// Which scheme learns first, by how many steps, and how sure that is.

import type { SimulatedScheme } from '../../protocol/schemes';
import type { LearningVerdict, Reached, TrainingRun } from '../../protocol/training';
import { say } from '../../protocol/words';
import { describeScheme } from '../initializers/schemes';

type Run = Pick<TrainingRun, 'scheme' | 'losses' | 'end' | 'rate'>;

/** A cost is the mean of so large a share of the steps, since batches differ; of few steps of a quarter of them, or of five. */
const share = 0.05;
const [ofFew, few] = [0.25, 5];
/** Of the way from what knowing nothing costs to the best end: who has not come so far has not learned. */
const learned = 0.1;
const half = 0.5;

/** `chance` is the cost of a network that knows nothing. Null of no runs. */
export function judgeLearning(runs: readonly Run[], chance: number): LearningVerdict | null {
  const schemes = [...new Set(runs.map(({ scheme }) => scheme))];
  if (schemes.length === 0) return null;
  const longest = Math.max(...runs.map(({ losses }) => losses.length));
  const window = Math.max(Math.round(share * longest), Math.min(few, Math.ceil(ofFew * longest)));
  const curves = runs.map((run) => ({ ...run, costs: means(run.losses, window) }));
  const ends = schemes.map((scheme) => median(curves.filter((run) => run.scheme === scheme).map(endOf)));
  const best = Math.min(...ends);
  const fall = chance - best;
  // What all seeds of a scheme come to, but for those that diverged.
  const slowest = schemes.map((scheme) => Math.max(...curves.filter((run) => run.scheme === scheme).map(endOf).filter(Number.isFinite)));
  const cost = costToReach(Math.max(...slowest.map((end) => (Number.isFinite(end) ? end : Infinity))), best, chance);
  const reached = schemes.map((scheme, i): Reached => {
    const own = curves.filter((run) => run.scheme === scheme);
    const steps = own.map(({ costs }) => firstAt(costs, cost, window)).map((at) => (at < 0 ? Infinity : at + 1));
    const final = ends[i] ?? Infinity;
    const middle = median(steps);
    const most = Math.max(...steps);
    return {
      scheme, final: Number.isFinite(final) ? final : null, seeds: { reached: steps.filter(Number.isFinite).length, all: own.length },
      steps: Number.isFinite(middle) ? { median: middle, least: Math.min(...steps), most: Number.isFinite(most) ? most : null } : null,
    };
  });
  if (!(fall > 0.01 * Math.abs(chance))) {
    const none = reached.map((each): Reached => ({ ...each, steps: null, seeds: { ...each.seeds, reached: 0 } }));
    return { text: nothingLearned(runs, ends, schemes, chance, longest), severity: 'warning', cost: null, reached: none };
  }
  return { ...wordsOf(reached, cost, longest), cost, reached };
}

/** What the worst that has learned has at its end; where one has not, half of the way to the best. */
function costToReach(worst: number, best: number, chance: number): number {
  return chance - worst >= learned * (chance - best) ? worst : chance - half * (chance - best);
}

function wordsOf(reached: readonly Reached[], cost: number, steps: number): Pick<LearningVerdict, 'text' | 'severity'> {
  const order = reached.toSorted((a, b) => (a.steps?.median ?? Infinity) - (b.steps?.median ?? Infinity));
  const [first, ...others] = order;
  if (!first?.steps) return { text: say('No scheme reaches a cost of {0} in most of its seeds.', rounded(cost)), severity: 'warning' };
  const [, second] = order;
  const isTied = second?.steps != null && overlap(first, second);
  const opening = isTied
    ? say('{0} and {1} reach a cost of {2} alike: {3}', nameOf(first), namedWithin(second), rounded(cost), together(first, second))
    : others.length > 0 ? say('{0} reaches a cost of {1} first, after {2}', nameOf(first), rounded(cost), spread(first))
      : say('{0} reaches a cost of {1} after {2}', nameOf(first), rounded(cost), spread(first));
  const rest = others.filter((other) => !isTied || other !== second).map((other) => (
    other.steps ? say('{0} after {1}', namedWithin(other), spread(other))
      : other.final === null ? say('{0} diverges', namedWithin(other)) : say('{0} never in {1}', namedWithin(other), steps)));
  const current = reached.find(({ scheme }) => scheme === 'current');
  const severity = current && !current.steps ? 'warning' : 'ok';
  return { text: rest.length > 0 ? say('{0}; {1}.', opening, listed(rest)) : `${opening}.`, severity };
}

/** Of the steps of one, the other's may be more before seeds have to tell them apart; and so many where seeds do not. */
const [near, rather] = [1.03, 1.1];

function overlap({ steps: one }: Reached, { steps: other }: Reached): boolean {
  if (!one || !other) return false;
  return other.median <= near * one.median || ((one.most ?? Infinity) >= other.least && other.median <= rather * one.median);
}

function spread({ steps, seeds }: Reached): string {
  if (!steps) return say('no step');
  const count = steps.median === 1 ? say('1 step') : say('{0} steps', steps.median);
  if (seeds.all === 1) return count;
  return steps.least === steps.most ? say('{0} ({1} seeds)', count, seeds.all)
    : say('{0} ({1} to {2} over {3} seeds)', count, steps.least, steps.most ?? say('never'), seeds.all);
}

function together(one: Reached, other: Reached): string {
  const [first, second] = [spread(one), spread(other)];
  return first === second ? say('both after {0}', first) : say('after {0} and {1}', first, second);
}

function nothingLearned(
  runs: readonly Run[], ends: readonly number[], schemes: readonly SimulatedScheme[], chance: number, steps: number,
): string {
  const broken = runs.filter(({ end }) => end.kind === 'diverged');
  if (broken.length === runs.length) return say('Every run diverged: {0}', broken[0]?.end.message ?? '');
  const best = Math.min(...ends);
  const numbers = [steps, rounded(best), rounded(chance)] as const;
  return schemes.length > 1 ? say('No scheme learns in {0} steps: the cost stays at {1}, and knowing nothing costs {2}.', ...numbers)
    : say('{3} does not learn in {0} steps: the cost stays at {1}, and knowing nothing costs {2}.', ...numbers, titleOf(schemes[0] ?? 'current'));
}

/** Of a run that diverged the end is beyond all. */
function endOf({ costs, end }: Run & { readonly costs: readonly number[] }): number {
  return end.kind === 'diverged' ? Infinity : costs.at(-1) ?? Infinity;
}

/** The mean of the last `window` costs up to each. */
function means(losses: readonly (number | null)[], window: number): readonly number[] {
  let sum = 0;
  return losses.map((loss, i) => {
    sum += (loss ?? Infinity) - (i >= window ? losses[i - window] ?? Infinity : 0);
    return sum / Math.min(i + 1, window);
  });
}

/** Where a cost is reached: of the first steps, which are not a whole window yet, only where they stay there, since one batch may be an easy one. */
function firstAt(costs: readonly number[], cost: number, window: number): number {
  const isSoon = (costs[window - 1] ?? Infinity) <= cost;
  return costs.findIndex((each, i) => each <= cost && (isSoon || i >= window));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) / 2;
  const [low = Infinity, high = Infinity] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low === high ? low : (low + high) / 2;
}

const titleOf = (scheme: SimulatedScheme): string => (scheme === 'current' ? say('The current start') : describeScheme(scheme).title);
const nameOf = ({ scheme }: Reached): string => titleOf(scheme);
const namedWithin = ({ scheme }: Reached): string => (scheme === 'current' ? say('the current start') : titleOf(scheme));
const rounded = (value: number): string => String(Number(value.toPrecision(3)));

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : say('{0} and {1}', words.slice(0, -1).join(', '), words.at(-1) ?? '');
}
