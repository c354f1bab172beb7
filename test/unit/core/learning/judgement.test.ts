/** Which scheme is said to learn first, and how sure that is said to be. */
import { describe, expect, it } from 'vitest';

import { judgeLearning } from '../../../../src/core/learning/judgement';
import type { SimulatedScheme } from '../../../../src/protocol/schemes';
import type { TrainingRun } from '../../../../src/protocol/training';
import { present } from '../../support/graphs';

const steps = 100;
const chance = Math.log(10);

type Run = Parameters<typeof judgeLearning>[0][number];

/** From chance to `end`, at a pace of its own. */
function run(scheme: SimulatedScheme, end: number, pace: number): Run {
  const losses = Array.from({ length: steps }, (_, i) => end + (chance - end) * Math.exp(-i / pace));
  return { scheme, rate: 0.01, losses, end: { kind: 'finished', step: steps, message: null } };
}

const broken = (scheme: SimulatedScheme): Run => ({
  scheme, rate: 9, losses: [chance, 40, null], end: { kind: 'diverged', step: 3, message: 'The cost is not finite at step 3.' },
});

const says = (...runs: readonly Pick<TrainingRun, keyof Run>[]): string => present(judgeLearning(runs, chance)).text;

describe('the verdict on learning', () => {
  it('names who is first, by how many steps, and how far seeds spread', () => {
    const text = says(run('current', 1, 30), run('current', 1.02, 32), run('he-normal', 0.2, 10), run('he-normal', 0.2, 11));
    const [, first, second] = /^He normal reaches a cost of 1\.\d+ first, after (\S+) steps \(\d+ to \d+ over 2 seeds\); the current start after (\S+) steps/
      .exec(text) ?? [];
    expect(Number(first)).toBeLessThan(15);
    expect(Number(second)).toBeGreaterThan(80);
  });

  it('compares at half of the way where one has not learned', () => {
    const verdict = present(judgeLearning([run('current', 2.29, 10), run('recommended', 0.3, 10)], chance));
    expect(verdict.cost).toBeCloseTo(chance - (chance - 0.3) / 2, 1);
    expect(verdict.text).toMatch(/^Recommended reaches a cost of 1\.3 first, after \d+ steps; the current start never in 100\.$/);
    expect(verdict.severity).toBe('warning');
    expect(verdict.reached.map(({ scheme, seeds }) => [scheme, seeds.reached])).toEqual([['current', 0], ['recommended', 1]]);
  });

  it('says of two that they are alike', () => {
    expect(says(run('he-normal', 0.3, 10), run('he-uniform', 0.3, 10.2))).toMatch(/^He normal and He uniform reach a cost of \S+ alike: (both )?after/);
    expect(says(run('he-normal', 0.3, 10), run('he-uniform', 0.3, 10))).toMatch(/^He normal and He uniform reach a cost of \S+ alike: both after \d+ steps\.$/);
  });

  it('says where nothing learns, and what knowing nothing costs', () => {
    const verdict = present(judgeLearning([run('zeros', 2.3, 5), run('current', 2.299, 5)], chance));
    expect(verdict).toMatchObject({ severity: 'warning', cost: null });
    expect(verdict.text).toBe('No scheme learns in 100 steps: the cost stays at 2.3, and knowing nothing costs 2.3.');
    expect(says(run('zeros', 2.3, 5))).toBe('Zeros does not learn in 100 steps: the cost stays at 2.3, and knowing nothing costs 2.3.');
  });

  it('does not take a run that diverged for one that is slow', () => {
    expect(says(run('current', 0.5, 10), broken('he-normal'))).toMatch(/; He normal diverges\.$/);
    expect(says(broken('current'), broken('he-normal'))).toBe('Every run diverged: The cost is not finite at step 3.');
    const verdict = present(judgeLearning([run('current', 0.5, 10), run('current', 0.5, 10), broken('current')], chance));
    expect(verdict.reached[0]).toMatchObject({ seeds: { reached: 2, all: 3 }, steps: { most: null } });
    expect(verdict.text).toContain(' to never over 3 seeds)');
  });

  it('does not take an easy batch for what has been learned', () => {
    const of = (scheme: SimulatedScheme, losses: readonly number[]): Run => ({ ...run(scheme, 0, 1), scheme, losses });
    // A network that is trained already, beside one that is shown an easy sample first and learns by the last steps.
    const trained = of('current', Array.from({ length: 20 }, () => 0.01));
    const noisy = of('recommended', [1.3, ...Array.from({ length: 14 }, (_, i) => (i % 2 ? 1.9 : 2.7)), 1.5, 1.5, 1.5, 1.5, 1.5]);
    const verdict = present(judgeLearning([trained, noisy], chance));
    expect(verdict.reached.map(({ steps }) => steps?.median)).toEqual([1, 20]);
    expect(verdict.cost).toBeCloseTo(1.5);
  });

  it('is none of no runs', () => {
    expect(judgeLearning([], chance)).toBeNull();
  });
});
