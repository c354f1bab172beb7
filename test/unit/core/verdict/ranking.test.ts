/** Which scheme measured best, and which were seen not to help. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../../../src/core/verdict/verdict';
import { measuredBest, seenFailing } from '../../../../src/core/verdict/ranking';
import type { SimulatedScheme } from '../../../../src/protocol/schemes';
import type { Moments, SimulationRun } from '../../../../src/protocol/simulation';

const depth = 12;
const moments = (variance: number): Moments => ({ count: 1000, mean: 0, variance, min: -1, max: 1, zeros: 0, nonFinite: 0 });

/** The gradient's variance changes by that factor from a layer to the one before it. */
const run = (scheme: SimulatedScheme, factor: number): SimulationRun => ({
  scheme, seed: 0, loss: null,
  layers: Array.from({ length: depth }, (_, at) => {
    const gradient = moments(factor ** (depth - at));
    return {
      name: `fc${at}`, preactivation: moments(1), activation: moments(1), gradient: { preactivation: gradient, activation: gradient },
      weights: [{ name: `fc${at}.weight`, gradient, ratio: 0.01 }],
    };
  }),
});

describe('what has been measured', () => {
  it('names the scheme that is clearly better than what is recommended', () => {
    const runs = [run('current', 0.01), run('recommended', 0.5), run('he-normal', 0.98)];
    expect(measuredBest(runs)).toMatchObject({ scheme: 'he-normal', says: expect.stringMatching(/^keeps the gradient within 1\.\d×$/) as string });
    expect(judge(runs)?.best?.scheme).toBe('he-normal');
  });
  it('stays with what is recommended where others do about as well', () => {
    expect(measuredBest([run('current', 0.01), run('he-normal', 0.99), run('recommended', 0.98)])).toBeNull();
  });
  it('names none where the weights as they are do as well, and none of good weights', () => {
    expect(measuredBest([run('current', 0.98), run('he-normal', 0.99)])).toBeNull();
    expect(judge([run('current', 0.98), run('he-normal', 0.99)])?.best).toBeUndefined();
    expect(measuredBest([run('he-normal', 0.99)])).toBeNull();
  });
  it('knows what does not help', () => {
    const runs = [run('current', 0.1), run('recommended', 0.99), run('zeros', 1e-6), run('xavier-normal', 0.1)];
    expect([...seenFailing(runs)]).toEqual(['zeros', 'xavier-normal']);
    expect([...seenFailing([run('zeros', 1)])]).toEqual([]);
  });
});
