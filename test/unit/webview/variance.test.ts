import { describe, expect, it } from 'vitest';
import type { Moments, SimulationRun } from '../../../src/protocol/simulation';
import { findGaps } from '../../../webview/panel/gaps';
import { distinctNames, labelledIndices } from '../../../webview/panel/layerAxis';
import { createLogScale, drawnValues } from '../../../webview/panel/logScale';
import type { SimulatedScheme } from '../../../src/protocol/schemes';
import { summarise } from '../../../src/protocol/spread';
import { collectSeries, theorySeries } from '../../../webview/panel/series';

const moments = (variance: number | null): Moments => ({
  count: 10, mean: 0, variance, min: 0, max: 0, zeros: 0, nonFinite: variance === null ? 1 : 0,
});

function run(scheme: SimulationRun['scheme'], seed: number, variances: readonly (number | null | 'hidden')[]): SimulationRun {
  return {
    scheme, seed, loss: null,
    layers: variances.map((variance, index) => {
      const measured = variance === 'hidden' ? null : moments(variance);
      return {
        name: `layer${index}`, preactivation: measured, activation: measured, gradient: { preactivation: measured, activation: measured },
        weights: [],
      };
    }),
  };
}

describe('what theory says', () => {
  it('of pre-activations has the band of draws, without a run', () => {
    const predicted = { mean: 0, variance: 2, cosine: 0 };
    const response = { weights: 2, biases: 0, perpendicular: 1, parallel: 1, depthScale: Infinity, fixedPoint: null, stack: 'scale-invariant',
      toInput: 1, toOutput: 1,
      spread: Math.LN2 } as const;
    const layer = { name: 'a', preactivation: predicted, activation: predicted, gradient: { preactivation: 1, activation: 1, weight: 0.5 },
      inBranch: false, scale: 1, steepest: 1, shut: 0, response };
    const theory = [{ scheme: 'current', layers: [layer], unpredicted: [] }] as const;
    const [band] = theorySeries(theory, ['current'], ['a'], 'preactivation');
    expect(band?.points[0]?.low).toBeCloseTo(1, 12);
    expect(band?.points[0]?.high).toBeCloseTo(4, 12);
    expect(theorySeries(theory, ['current'], ['a'], 'activation')[0]?.points[0]).toEqual({ median: 2, low: 2, high: 2 });
    expect(theorySeries(theory, ['current'], ['a'], 'gradient-weights')[0]?.points[0]).toEqual({ median: 0.5, low: 0.5, high: 0.5 });
  });
});

describe('the summary over seeds', () => {
  it('is the middle value, exactly, of an odd number', () => {
    expect(summarise([3e-7, 1e-9, 0.1 + 0.2])).toEqual({ median: 3e-7, low: 1e-9, high: 0.1 + 0.2 });
  });
  it('is a geometric mean of an even number, without underflow', () => {
    expect(summarise([1e-300, 1e-200])?.median).toBeCloseTo(1e-250, 255);
    expect((summarise([1e-300, 1e-200])?.median ?? 0) / 1e-250).toBeCloseTo(1, 10);
  });
  it('keeps one value as it is', () => {
    expect(summarise([1 / 3])?.median).toBe(1 / 3);
  });
  it('keeps zero as zero and takes what is not finite for the largest', () => {
    expect(summarise([0, 0, 1])?.median).toBe(0);
    expect(summarise([Number.NaN, 1, 2])).toEqual({ median: 2, low: 1, high: Number.NaN });
    expect(summarise([Number.NaN, Number.NaN, 2])?.median).toBeNaN();
  });
  it('is nothing of nothing', () => expect(summarise([])).toBeNull());
});

describe('series', () => {
  const layers = ['layer0', 'layer1', 'layer2'];
  const runs = [run('current', 0, [1, null, 'hidden']), run('zeros', 0, [0, 0, 'hidden'])];
  it('has a gap where nothing is known, NaN where it is not finite, and 0 where it is zero', () => {
    const series = collectSeries(runs, [], ['current', 'zeros'], layers, 'activation');
    expect(series.map((one) => one.points.map((point) => point?.median ?? null))).toEqual([[1, Number.NaN, null], [0, 0, null]]);
  });
  it('draws of earlier runs the schemes that are shown now, and all where none of them is', () => {
    const drawn = (earlier: typeof runs, schemes: readonly SimulatedScheme[]): readonly string[] => (
      collectSeries(runs, earlier, schemes, layers, 'activation').map(({ kind, scheme }) => `${kind} ${scheme}`));
    expect(drawn(runs.slice(0, 1), ['current'])).toEqual(['before current', 'measured current']);
    expect(drawn(runs, ['zeros'])).toEqual(['before zeros', 'measured zeros']);
    expect(drawn(runs.slice(0, 1), ['zeros'])).toEqual(['before current', 'measured zeros']);
    expect(collectSeries(runs, runs, ['zeros'], ['of another model'], 'activation').map(({ kind }) => kind)).toEqual(['measured']);
  });
  it('names the operators over a gap', () => {
    const series = collectSeries(runs, [], ['current'], layers, 'activation');
    const unsupported = [{ node: 'n', op: 'NonZero', reason: '', hides: ['layer1', 'layer2'] }];
    expect(findGaps(series, layers, unsupported)).toEqual([{ first: 2, last: 2, label: 'NonZero' }]);
  });
});

describe('the logarithmic scale', () => {
  it('puts zero under every number and what is not finite over every number', () => {
    const scale = createLogScale([1e-30, 4, 0, Number.NaN]);
    expect(scale.position(1)).toBe(0);
    expect(scale.position(0)).toBe(scale.floor);
    expect(scale.position(0)).toBeLessThan(scale.position(1e-30));
    expect(scale.position(Number.NaN)).toBeGreaterThan(scale.position(4));
    expect(scale.position(Infinity)).toBe(scale.ceiling);
    const labels = scale.ticks(200).map((tick) => tick.label);
    expect(labels[0]).toBe('0');
    expect(labels[labels.length - 1]).toBe('NaN, ∞');
  });
  it('has neither floor nor ceiling where none is needed, and does not stretch a flat network', () => {
    const scale = createLogScale([0.9, 1.1]);
    expect([scale.floor, scale.ceiling]).toEqual([null, null]);
    expect(scale.max - scale.min).toBeGreaterThan(3);
  });
  it('has a place for a network in which everything is zero', () => {
    const scale = createLogScale([0, 0]);
    expect(scale.position(0)).toBe(scale.floor);
  });
  it('reads every drawn number of a series', () => {
    const runs = [run('current', 0, [1, 'hidden']), run('current', 1, [4, 'hidden'])];
    const series = collectSeries(runs, [], ['current'], ['layer0', 'layer1'], 'activation');
    expect([...drawnValues(series)]).toEqual([1, 2, 4]);
  });
});

describe('the layer axis', () => {
  it('drops the part of the names that all share, but never leaves bare numbers', () => {
    expect(distinctNames(['/model/a/conv', '/model/b/conv', '/model/c/fc'])).toEqual(['a/conv', 'b/conv', 'c/fc']);
    expect(distinctNames(['net.0', 'net.2', 'net.4'])).toEqual(['net.0', 'net.2', 'net.4']);
  });
  it('labels as many layers as fit, from the first on', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `layer${index}`);
    const indices = labelledIndices(names, 400);
    expect(indices[0]).toBe(0);
    expect(indices.length).toBeLessThanOrEqual(6);
    expect(labelledIndices(['a', 'b', 'c'], 400)).toEqual([0, 1, 2]);
    expect(labelledIndices([], 400)).toEqual([]);
  });
});
