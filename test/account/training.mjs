/** Families trained from both starts: what their losses come to. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { outputOf } from './output.mjs';
import { median, rounded } from './scale.mjs';

/** Steps over which a loss is averaged: batches differ. */
const smoothed = 20;
/** A loss counts as reached when so little of the way is left, of either start alike: without it, chance decides between starts that have arrived. */
const tolerance = 0.02;
/** Of what the loss was at the start of the default: above it, or not a number, a run has diverged. */
const diverged = 10;
const atOnce = 2;

export async function measureTraining({ python, command, root, folder, families, seeds, steps, say, keep }) {
  const queue = [...families];
  const worker = async () => {
    for (let family = queue.shift(); family; family = queue.shift()) {
      const file = path.join(folder, `${family}.json`);
      await outputOf([
        python, '-B', path.join(root, 'test/account/train.py'), family, file, '--seeds', String(seeds), '--steps', String(steps), '--', ...command,
      ], { env: { ...process.env, OMP_NUM_THREADS: '1' } });
      const judged = judgeFamily(JSON.parse(readFileSync(file, 'utf8')));
      keep(family, judged);
      say(`${family}: ${judged.rows.map(({ optimiser, rate, ratio }) => `${optimiser} ${rate} ${ratio ?? 'never'}`).join(', ')} (${judged.seconds} s)`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

export function judgeFamily({ runs, ...family }) {
  const judged = runs.map((run) => ({ ...run, ...judgeRun(run, family.steps) }));
  const alike = (one) => (other) => other.optimiser === one.optimiser && other.rate === one.rate;
  const groups = judged.filter((run, i) => judged.findIndex(alike(run)) === i).map((run) => judged.filter(alike(run)));
  const rows = groups.map((group) => {
    const of = (key) => median(group.map((run) => run[key]));
    const [{ optimiser, rate }] = group;
    return {
      optimiser, rate, ratio: finite(of('ratio')), ratios: group.map(({ ratio }) => finite(ratio)),
      start: [finite(of('startDefault')), finite(of('startRecommended'))], end: [finite(of('endDefault')), finite(of('endRecommended'))],
      diverged: ['divergedDefault', 'divergedRecommended'].map((key) => group.filter((run) => run[key]).length),
    };
  });
  return { ...family, rows, best: ['SGD', 'Adam'].map((optimiser) => ({ optimiser, ...bestRates(judged.filter((run) => run.optimiser === optimiser)) })) };
}

const finite = (value) => (Number.isFinite(value) ? rounded(value) : null);

/** Each start at the rate at which its loss ends lowest: steps of the recommended one until it is where the default ends, over those of the default. */
function bestRates(runs) {
  const rates = [...new Set(runs.map(({ rate }) => rate))];
  const rateOf = (key) => rates.toSorted((a, b) => endOf(a, key) - endOf(b, key))[0];
  const endOf = (rate, key) => median(runs.filter((run) => run.rate === rate).map((run) => run[key]));
  const [byDefault, byAdvice] = [rateOf('endDefault'), rateOf('endRecommended')];
  const ratios = runs.filter(({ rate }) => rate === byDefault).map((run) => {
    const other = runs.find(({ rate, seed }) => rate === byAdvice && seed === run.seed);
    return ratioOf(run.default, other.recommended);
  });
  return { rates: [byDefault, byAdvice], ratio: finite(median(ratios)) };
}

function judgeRun({ default: before, recommended: after }) {
  const end = (losses) => smooth(losses).at(-1);
  const isOver = (losses) => !Number.isFinite(end(losses)) || end(losses) > diverged * before[0];
  return {
    ratio: ratioOf(before, after), startDefault: before[0], startRecommended: after[0],
    endDefault: isOver(before) ? Infinity : end(before), endRecommended: isOver(after) ? Infinity : end(after),
    divergedDefault: isOver(before), divergedRecommended: isOver(after),
  };
}

/**
 * Steps until the one is where the other ends, over those that the other takes, all of them where it has not got anywhere; Infinity where it never gets
 * there, 0 where the other is lost.
 */
function ratioOf(before, after) {
  const [base, own] = [smooth(before), smooth(after)];
  const end = base.at(-1);
  if (!Number.isFinite(end)) return Number.isFinite(own.at(-1)) ? 0 : 1;
  const way = Math.min(before[0], after[0]) - end;
  const target = end + tolerance * Math.max(0, way);
  const reached = (losses) => {
    const at = losses.findIndex((loss, i) => i >= smoothed - 1 && loss <= target);
    return at < 0 ? Infinity : at + 1;
  };
  return reached(own) / (way > tolerance * before[0] ? reached(base) : base.length);
}

/** A loss that is not a number arrives as null or NaN, and stays in the mean. */
function smooth(losses) {
  return losses.map((_, i) => {
    const few = losses.slice(Math.max(0, i - smoothed + 1), i + 1);
    return few.reduce((sum, loss) => sum + (loss ?? NaN), 0) / few.length;
  });
}
