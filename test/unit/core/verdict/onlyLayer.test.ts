/** What is said of a network with one layer, of which nothing can be said over a depth. */
import { describe, expect, it } from 'vitest';

import { measuredCourse } from '../../../../src/core/verdict/course';
import { effectOf } from '../../../../src/core/verdict/effect';
import { expectedVerdict, judge } from '../../../../src/core/verdict/verdict';
import type { SimulatedScheme } from '../../../../src/protocol/schemes';
import type { LayerTheory, Moments, SchemeTheory, SimulationRun } from '../../../../src/protocol/simulation';
import { present } from '../../support/graphs';

const moments = (std: number, zeros = 0): Moments => ({ count: 100, mean: 0, variance: std ** 2, min: -1, max: 1, zeros, nonFinite: 0 });

interface Measured {
  readonly preactivation?: number;
  readonly activation: number;
  readonly zeros?: number;
  /** Standard deviation of the gradient before the activation; 1 behind it. */
  readonly gradient?: number;
}

function run(scheme: SimulatedScheme, { preactivation = 1, activation, zeros = 0, gradient = 1 }: Measured): SimulationRun {
  const layer = {
    name: 'fc', preactivation: moments(preactivation), activation: moments(activation, zeros), weights: [],
    gradient: { preactivation: moments(gradient), activation: moments(1) },
  };
  return { scheme, seed: 0, loss: null, layers: [layer] };
}

function theory(scheme: SimulatedScheme, of: Partial<LayerTheory>): SchemeTheory {
  const layer: LayerTheory = {
    name: 'fc', preactivation: null, activation: { mean: 0, variance: 1, cosine: 0 }, gradient: { preactivation: 1, activation: 1, weight: null }, scale: 1,
    steepest: null, inBranch: false, shut: null, ...of,
  };
  return { scheme, layers: [layer], unpredicted: [] };
}

describe('the verdict on a network with one layer', () => {
  it('says that a gradient reaches it, and what it answers, beside what recommended weights do', () => {
    expect(judge([run('current', { activation: 2 }), run('recommended', { activation: 0.67 })])).toMatchObject({
      severity: 'ok', kind: 'fine', at: 'fc', remedy: null, text: 'With the current weights a gradient reaches the weights of fc, the only layer, whose output '
        + 'has σ 2; there is no depth over which either could change (1 seed). Recommended gives its output σ 0.67.',
    });
  });
  it.each<readonly [string, Measured, Partial<LayerTheory>, object]>([
    ['is zero', { preactivation: 0, activation: 0 }, { scale: 0 }, { severity: 'info', kind: 'zero-head',
      text: 'With the current weights all answers start alike, since the kernel of fc, the only layer, is zero; its gradient reaches it (1 seed).' }],
    ['answers the same', { preactivation: 0, activation: 0 }, {}, { severity: 'info',
      text: 'With the current weights all answers of fc, the only layer, start alike; a gradient reaches its weights (1 seed).' }],
    ['is saturated', { preactivation: 30, activation: 1, gradient: 0.1 }, { steepest: 1 }, { severity: 'warning', kind: 'saturated', remedy: 'recommended',
      text: 'With the current weights 99 % of the gradient stays at fc, the only layer, whose units are saturated (1 seed).' }],
    ['is dead but for some', { activation: 0.1, zeros: 95 }, { steepest: 1 }, { severity: 'warning', kind: 'dead',
      text: 'With the current weights 95 % of what comes out of fc, the only layer, is zero: most of its units are dead (1 seed).' }],
    ['answers far off', { activation: 500 }, { scale: 700 }, { severity: 'warning', kind: 'one-layer', remedy: 'recommended',
      text: 'With the current weights the output of fc, the only layer, has σ 500, since its kernel is 700× as wide as it should be: answers start far apart, '
        + 'which has to be unlearned (1 seed).' }],
    ['gets no gradient', { activation: 0, gradient: 0 }, {}, { severity: 'error', kind: 'gradient-lost' }],
  ])('which %s', (_, measured, of, expected) => {
    expect(judge([run('current', measured)], [theory('current', of)])).toMatchObject(expected);
  });
  it('offers what is recommended where that helps, and not where it does so, too', () => {
    const saturated = { preactivation: 30, activation: 1, gradient: 0.1 };
    const known = (['current', 'recommended'] as const).map((scheme) => theory(scheme, { steepest: 1 }));
    const better = judge([run('current', saturated), run('recommended', { activation: 0.6, gradient: 0.8 })], known);
    expect(better).toMatchObject({ remedy: 'recommended', text: expect.stringMatching(/Recommended gives its output σ 0\.6\.$/) as string });
    const same = judge([run('current', saturated), run('recommended', saturated)], known);
    expect(same).toMatchObject({ remedy: null, text: expect.stringMatching(/With recommended it does so, too\.$/) as string });
  });
  it('is no word on depth where effects are compared', () => {
    expect(effectOf(present(measuredCourse([run('he-normal', { activation: 1.4 })], 'he-normal')))?.says).toBe('gives its output σ 1.4');
  });
  it('is none before anything is run: the inspector says of the kernel what there is to say', () => {
    expect(expectedVerdict(theory('current', {}), null)).toBeNull();
  });
});
