import { describe, expect, it } from 'vitest';
import type { TrainingPlan } from '../../../src/protocol/training';
import type { ShownRun, ShownSnapshot } from '../../../src/protocol/trainingView';
import { linearScale, logarithmicScale, percent } from '../../../webview/panel/training/axisScale';
import { chanceOf, collectCurves, smoothed, topOf, trialCurves } from '../../../webview/panel/training/curves';
import { grown } from '../../../webview/panel/training/growth';
import { layerSeries, observedSteps, snapshotAt } from '../../../webview/panel/training/layerCurves';
import { trainingNote } from '../../../webview/panel/training/progress';

const run = (change: Partial<ShownRun>): ShownRun => (
  { scheme: 'recommended', seed: 0, rate: 0.1, losses: [], accuracies: [], snapshots: [], end: null, isKept: false, ...change });
const seen = (step: number, variance: number | null, update: number | null = null): ShownSnapshot => (
  { step, layers: [{ name: 'a', activation: { variance }, gradient: null, update }] });
const plan = { loss: 'cross-entropy', classes: 10, chance: Math.log(10) } as const satisfies Partial<TrainingPlan>;

describe('the smoothed line', () => {
  it('is the mean of the steps around each, and fewer of them at both ends', () => {
    expect(smoothed([0, 3, 6, 0, 3], 1)).toEqual([0, 3, 3, 3, 3]);
    expect(smoothed([1, 2], 0)).toEqual([1, 2]);
  });
  it('ends before what is not finite', () => expect(smoothed([1, 2, null, 4], 1)).toEqual([1, 2]));
});

describe('curves over steps', () => {
  it('have the middle of the seeds, and a band from the least to the most', () => {
    const runs = [[4, 2], [1, 2], [2, 3]].map((losses, seed) => run({ seed, losses }));
    const [curve] = collectCurves(runs, ['zeros', 'recommended'], 'cost');
    expect(curve).toMatchObject({ key: 'recommended', seeds: 3 });
    expect(curve?.points).toEqual([{ x: 0, median: 2, low: 1, high: 4 }, { x: 1, median: 2, low: 2, high: 3 }]);
  });
  it('go on with the seeds that go on, and mark where one has diverged', () => {
    const diverged = run({ seed: 1, losses: [2, 9, null], end: { kind: 'diverged', step: 2, message: 'It exploded.' } });
    const [curve] = collectCurves([run({ losses: [2, 1, 1] }), diverged], ['recommended'], 'cost');
    expect(curve?.points.map(({ high }) => high)).toEqual([2, 9, 1]);
    expect(curve?.marks).toEqual([{ x: 1, y: 9, kind: 'diverged' }]);
  });
  it('of accuracy are nothing where there are no labels', () => expect(collectCurves([run({ losses: [1] })], ['recommended'], 'accuracy')).toEqual([]));
  it('are thinned where there are more steps than a chart can show, and keep their end', () => {
    const [curve] = collectCurves([run({ losses: Array.from({ length: 5001 }, (_, step) => step) })], ['recommended'], 'cost');
    expect(curve?.points.length).toBeLessThan(600);
    expect(curve?.points.at(-1)?.x).toBe(5000);
  });
  it('do not reach up to a run that explodes', () => {
    const [curve] = collectCurves([run({ losses: [2, 1e30] })], ['recommended'], 'cost');
    expect(topOf(curve ? [curve] : [], { y: Math.log(10), label: '' })).toBeCloseTo(1.6 * Math.log(10), 12);
    expect(topOf([], null)).toBe(0);
  });
});

describe('the curve of a range test', () => {
  it('marks what was found, and leaves out what is not finite', () => {
    const trial = { scheme: 'zeros', rates: [0.001, 0.01, 0.1], losses: [2, 1, null], found: 0.005 } as const;
    const [curve] = trialCurves([trial], ['zeros']);
    expect(curve?.points.map(({ x }) => x)).toEqual([0.001, 0.01]);
    expect(curve?.marks).toEqual([{ x: 0.005, y: 1, kind: 'found' }]);
    expect(trialCurves([trial], ['recommended'])).toEqual([]);
  });
});

describe('what knows nothing', () => {
  it('is named by where its cost comes from', () => {
    expect(chanceOf(plan, 'cost')?.label).toBe('knows nothing: ln 10 = 2.30');
    expect(chanceOf(plan, 'accuracy')).toEqual({ y: 0.1, label: 'by chance: 10 %' });
    expect(chanceOf({ loss: 'mse', classes: null, chance: 0.5 }, 'cost')?.label).toBe('knows nothing: variance of the targets = 0.500');
    expect(chanceOf({ loss: 'binary-cross-entropy', classes: 2, chance: Math.LN2 }, 'cost')?.label).toBe('knows nothing: ln 2 = 0.693');
    expect(chanceOf({ loss: 'mse', classes: null, chance: 0.5 }, 'accuracy')).toBeNull();
  });
});

describe('runs that grow', () => {
  it('take what is told of them where it belongs, and begin where they are not known', () => {
    const known = run({ losses: [3, 2, 9], snapshots: [seen(0, 1), seen(2, 1)] });
    const next = grown([known], {
      steps: [
        { scheme: 'recommended', seed: 0, from: 2, losses: [1, 1], accuracies: [] }, { scheme: 'zeros', seed: 4, from: 0, losses: [2], accuracies: [0.1] },
      ],
      snapshots: [{ scheme: 'recommended', seed: 0, snapshot: seen(2, 5) }],
    });
    expect(next[0]).toMatchObject({ losses: [3, 2, 1, 1], snapshots: [seen(0, 1), seen(2, 5)] });
    expect(next[1]).toEqual(run({ scheme: 'zeros', seed: 4, rate: null, losses: [2], accuracies: [0.1] }));
    expect(known.losses).toEqual([3, 2, 9]);
  });
});

describe('the layers at a step', () => {
  const runs = [run({ snapshots: [seen(0, 1), seen(10, 4)] }), run({ seed: 1, snapshots: [seen(0, 9)], end: { kind: 'diverged', step: 4, message: null } })];
  it('are those of the last time somebody looked', () => {
    expect(observedSteps(runs)).toEqual([0, 10]);
    expect(snapshotAt(run({ snapshots: [seen(5, 1)] }), 4)).toBeNull();
    expect(layerSeries(runs, ['recommended'], ['a', 'b'], 'activation', 0)[0]?.points).toEqual([{ median: 3, low: 1, high: 9 }, null]);
  });
  it('are not those of a run that had ended', () => {
    expect(layerSeries(runs, ['recommended'], ['a'], 'activation', 10)[0]).toMatchObject({ seeds: 1, points: [{ median: 4 }] });
  });
  it('are NaN where they are not finite, and nothing where nothing is known', () => {
    expect(layerSeries([run({ snapshots: [seen(0, null)] })], ['recommended'], ['a'], 'activation', 0)[0]?.points[0]?.median).toBeNaN();
    expect(layerSeries(runs, ['recommended'], ['a'], 'update', 0)).toEqual([]);
  });
});

describe('axes', () => {
  it('have ticks that people would choose', () => {
    expect(linearScale(0, 200, { pixelsPerTick: 64, isWhole: true }).ticks(400).map(({ label }) => label)).toEqual(['0', '50', '100', '150', '200']);
    expect(linearScale(0, 1, { label: percent }).ticks(80).map(({ label }) => label)).toEqual(['0 %', '50 %', '100 %']);
    expect(linearScale(0, 2.4).ticks(140).map(({ label }) => label)).toEqual(['0', '0.5', '1', '1.5', '2']);
  });
  it('with logarithms have decades, or what is between them where there are few', () => {
    expect(logarithmicScale([1e-6, 1]).ticks(200).map(({ label }) => label)).toEqual(['10⁻⁶', '10⁻⁵', '10⁻⁴', '10⁻³', '10⁻²', '10⁻¹', '1']);
    expect(logarithmicScale([0.2, 2]).ticks(120).map(({ label }) => label)).toEqual(['0.2', '0.5', '1', '2']);
    expect(logarithmicScale([0, -1, Infinity]).ticks(120).length).toBeGreaterThan(1);
    const scale = logarithmicScale([0.01, 100]);
    expect(scale.valueAt(scale.position(3))).toBeCloseTo(3, 12);
  });
});

describe('how far a training is', () => {
  it('is said in steps', () => {
    expect(trainingNote({ kind: 'running', done: 1230, total: 3000 })).toBe('1,230 of 3,000 steps');
    expect(trainingNote({ kind: 'held', done: 1, total: 1 })).toBe('Paused at 1 of 1 step');
    expect(trainingNote({ kind: 'idle' })).toBe('');
  });
});
