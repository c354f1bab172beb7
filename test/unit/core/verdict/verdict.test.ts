import { describe, expect, it } from 'vitest';

import { measuredCourse } from '../../../../src/core/verdict/course';
import type { Travel } from '../../../../src/core/verdict/travel';
import * as travelled from '../../../../src/core/verdict/travel';
import { expectedVerdict, judge } from '../../../../src/core/verdict/verdict';
import type { SimulatedScheme } from '../../../../src/protocol/schemes';
import type { Moments, SchemeTheory, SimulationRun, ThroughTime } from '../../../../src/protocol/simulation';

const moments = (std: number | null, count = 100): Moments => (
  { count, mean: 0, variance: std === null ? null : std ** 2, min: -1, max: 1, zeros: 0, nonFinite: std === null ? 1 : 0 });

/** A run whose gradient has these standard deviations at the layers, first layer first; activations are in scale up to where nothing is finite. */
function run(scheme: SimulatedScheme, seed: number, stds: readonly (number | null)[]): SimulationRun {
  const signals = stds.some((std) => std === null) ? stds.toReversed() : stds.map(() => 1);
  return {
    scheme, seed, loss: null,
    layers: stds.map((std, i) => ({
      name: `layer${i}`, preactivation: null, activation: moments(signals[i] ?? null), weights: [],
      gradient: { preactivation: moments(std), activation: null },
    })),
  };
}

const travelOf = (of: (course: NonNullable<ReturnType<typeof measuredCourse>>) => Travel) => (
  (runs: readonly SimulationRun[], scheme: SimulatedScheme): Travel | null => {
    const course = measuredCourse(runs, scheme);
    return course && of(course);
  });
const gradientTravel = travelOf(travelled.gradientTravel);
const activationTravel = travelOf(travelled.activationTravel);

/** 11 layers, from the last of which the gradient's scale changes by a factor per layer. */
const geometric = (factor: number): readonly number[] => Array.from({ length: 11 }, (_, i) => factor ** (10 - i));

describe('the verdict', () => {
  it.each<readonly [string, readonly SimulationRun[], string, string | null]>([
    ['vanishing', [run('current', 0, geometric(0.1))],
      'With the current weights the gradient shrinks 0.1× per layer, 1.0e-10× over 11 layers, where about 1 can train (1 seed).', 'error'],
    ['vanishing slowly', [run('current', 0, geometric(0.5))],
      'With the current weights the gradient shrinks 0.5× per layer, 9.8e-4× over 11 layers, where about 4 can train (1 seed).', 'warning'],
    ['exploding', [run('current', 0, geometric(4))],
      'With the current weights the gradient grows 4× per layer, 1.0e+6× over 11 layers, where about 2 can train (1 seed).', 'error'],
    ['fine', [run('current', 0, geometric(1.02)), run('current', 1, geometric(1))],
      'With the current weights the gradient reaches the first layer: its scale changes 1× per layer, over 11 layers (2 seeds).', 'ok'],
    ['zero', [run('zeros', 0, [0, 0, 0, 1])], 'With zeros the gradient is exactly zero from layer2 down (1 seed).', 'error'],
    ['not finite', [run('normal', 0, [null, null, 1e30, 1])],
      'With normal the signal grows 1.0e+30× per layer and overflows: it is not finite from layer2 on (1 seed).', 'error'],
    ['fine, where recommended is not', [run('current', 0, geometric(1)), run('recommended', 0, geometric(0.1))],
      'With the current weights the gradient reaches the first layer: its scale changes 1× per layer, over 11 layers (1 seed).'
        + ' Recommended would be worse: it changes it 0.1× per layer.', 'ok'],
    ['better', [run('current', 0, geometric(0.1)), run('recommended', 0, geometric(0.95))],
      'With the current weights the gradient shrinks 0.1× per layer, 1.0e-10× over 11 layers, where about 1 can train (1 seed).'
        + ' Recommended keeps it within 1.7×.', 'error'],
    ['hardly better', [run('current', 0, geometric(0.1)), run('recommended', 0, geometric(0.5))],
      'With the current weights the gradient shrinks 0.1× per layer, 1.0e-10× over 11 layers, where about 1 can train (1 seed).'
        + ' Recommended changes it 0.5× per layer.', 'error'],
    ['no better', [run('current', 0, geometric(0.1)), run('recommended', 0, [0, 1, 1])],
      'With the current weights the gradient shrinks 0.1× per layer, 1.0e-10× over 11 layers, where about 1 can train (1 seed).'
        + ' Recommended would be worse: it does not reach it at all.', 'error'],
    ['lost in both', [run('current', 0, [0, 0, 1]), run('recommended', 0, [0, 1, 1])],
      'With the current weights the gradient is exactly zero from layer1 down (1 seed). Recommended does not reach it either.', 'error'],
  ])('is %s', (_, runs, text, severity) => expect(judge(runs)).toMatchObject({ text, severity }));
  it.each([2, 3, 6])('takes layers of %d kinds that take turns for no trend, however many there are', (kinds) => {
    for (let count = 2 * kinds; count < 45; count++) {
      const stds = Array.from({ length: count }, (_, i) => 14 ** ((i % kinds) / (kinds - 1)));
      expect([count, judge([run('current', 0, stds)])?.severity]).toEqual([count, 'ok']);
      // And a trend under them for what it is.
      const falling = stds.map((std, i) => std * 0.5 ** (count - i));
      if (count > 12) expect([count, judge([run('current', 0, falling)])?.kind]).toEqual([count, 'vanishing']);
    }
  });
  it('is a remedy only where there is one', () => {
    expect(judge([run('current', 0, geometric(0.1))])?.remedy).toBe('recommended');
    expect(judge([run('recommended', 0, geometric(0.1))])?.remedy).toBeNull();
    expect(judge([run('current', 0, geometric(1))])?.remedy).toBeNull();
  });
  it('does not call worse what only holds all layers back by a quieter answer', () => {
    const besides = (stds: readonly number[]): string => judge([run('current', 0, [0.1, 0.3, 0.5, 1]), run('recommended', 0, stds)])?.text ?? '';
    expect(besides([1e-5, 3e-5, 5e-5, 1])).not.toContain('worse');
    expect(besides([1e-6, 1e-4, 1e-2, 1])).toContain('Recommended would be worse: it changes it 0.01× per layer.');
  });
  it('offers no remedy that would be worse, and none of what no weights can cure', () => {
    expect(judge([run('current', 0, geometric(0.5)), run('recommended', 0, geometric(0.1))])?.remedy).toBeNull();
    const { layers, ...rest } = run('current', 0, [0, 1, 1, 1]);
    const cut = { ...rest, layers: layers.map((layer, i) => (i === 0 ? { ...layer, cutBy: ['ArgMax'] } : layer)) };
    expect(judge([cut])).toMatchObject({
      severity: 'ok', text: expect.stringMatching(/reaches the first layer: .*; 1 layer gets none whatever the weights are, behind ArgMax/) as string,
    });
  });
  it('is none before the first run', () => {
    expect(judge([])).toBeNull();
  });
  it('says so where every gradient is hidden', () => {
    const { layers, ...rest } = run('current', 0, [1, 1, 1]);
    const hidden = { ...rest, layers: layers.map((layer) => ({ ...layer, gradient: { preactivation: null, activation: null } })) };
    expect(judge([hidden])).toEqual({
      severity: 'warning', remedy: null, kind: 'unknown', at: null, basis: 'measured',
      text: 'How the gradient travels is not known: operators without a rule hide it in 3 layers. The list of them says which.',
    });
  });
});

describe('travel', () => {
  it('is a trend: one odd layer does not make it', () => {
    const stds = [...geometric(1)];
    stds[5] = 1e-6;
    expect(gradientTravel([run('current', 0, stds)], 'current')).toMatchObject({ factorPerLayer: 1, depth: 10, lostAt: null });
  });
  it('tells of a single step that is larger than any head or pooling makes it', () => {
    const falling = [...Array.from({ length: 3 }, () => 1e-9), ...Array.from({ length: 9 }, () => 1)];
    expect(gradientTravel([run('current', 0, falling)], 'current')?.steps).toEqual([{ factor: expect.closeTo(1e-9, 14) as number, at: 'layer2',
      cause: 'unknown' }]);
    expect(judge([run('current', 0, falling)])).toMatchObject({
      severity: 'error', text: 'With the current weights the gradient falls to 1.0e-9× at one of 12 layers, layer2 (1 seed).',
    });
    expect(gradientTravel([run('current', 0, falling.map((std) => std ** 0.2))], 'current')?.steps).toEqual([]);
    expect(gradientTravel([run('current', 0, geometric(0.1))], 'current')?.steps).toEqual([]);
  });
  it('counts the layers of closed branches, which are not on the way', () => {
    const closed = [1, 0, 0, 1, 0, 0, 1, 1];
    expect(gradientTravel([run('current', 0, closed)], 'current')).toMatchObject({ silent: 4, depth: 3, lostAt: null });
    expect(judge([run('current', 0, closed)])?.text).toContain('over 4 layers; 4 others get none yet, in branches that are closed or dead (1 seed).');
    expect(judge([run('current', 0, geometric(1)), run('recommended', 0, closed)])?.text).toMatch(
      / \(1 seed\)\. Recommended starts with closed branches: 4 layers wait for the scale that opens them\.$/,
    );
    expect(gradientTravel([run('current', 0, [0, 0, 1])], 'current')).toMatchObject({ silent: 0, lostAt: 'layer1' });
  });
  it('is over the geometric mean of seeds, of one scheme', () => {
    const runs = [run('current', 0, [1e-4, 1]), run('current', 1, [1e-8, 1]), run('zeros', 0, [0, 0])];
    expect(gradientTravel(runs, 'current')?.factorPerLayer).toBeCloseTo(1e-6, 15);
    expect(gradientTravel(runs, 'he-normal')).toBeNull();
  });
  it('survives magnitudes whose squares do not', () => {
    expect(gradientTravel([run('current', 0, [1e-150, 1e-75, 1])], 'current')?.factorPerLayer).toBeCloseTo(1e-75, 80);
  });
  it('of activations goes from the first layer on', () => {
    const { layers, ...rest } = run('current', 0, [1, 1, 1]);
    const dead = { ...rest, layers: layers.map((layer, i) => (i === 2 ? { ...layer, activation: moments(0) } : layer)) };
    expect(activationTravel([dead], 'current')).toMatchObject({ lostAt: 'layer2', lostTo: 'zero', range: Infinity });
  });
});

describe('a recurrent layer', () => {
  const steps = (perStep: number, length = 50): ThroughTime => ({ steps: length, perStep, arrived: perStep ** (length - 1),
    reach: perStep < 1 ? Math.ceil(Math.log(0.01) / Math.log(perStep)) : null });
  const theoryOf = (scheme: SimulatedScheme, through: readonly (ThroughTime | null)[]): SchemeTheory => ({
    scheme, unpredicted: [], layers: through.map((throughTime, i) => ({
      name: `layer${i}`, preactivation: null, activation: { mean: 0, variance: 1, cosine: 0 }, gradient: { preactivation: 1, activation: 1, weight: 1 },
      scale: 1, steepest: null, inBranch: false, shut: null, ...(throughTime ? { throughTime } : {}),
    })),
  });
  it.each<readonly [string, readonly (ThroughTime | null)[], ThroughTime | null, object]>([
    ['vanishes, and recommended does better', [null, steps(0.3), null], steps(0.8), { kind: 'vanishing-through-time', severity: 'warning', at: 'layer1',
      remedy: 'recommended', text: 'By theory, with the current weights the gradient of layer1 shrinks 0.3× per step through time, and is at 1 % after 4 of 50'
        + ' steps. With recommended it is at 1 % after 21 steps.' }],
    ['vanishes, and recommended does as well', [null, steps(0.3), null], steps(0.4), { severity: 'warning', remedy: null }],
    ['vanishes more slowly than by half', [null, steps(0.7), null], steps(0.8), { kind: 'fine', severity: 'ok', remedy: null,
      text: expect.stringMatching(/reaches the first layer.*\. Besides, the gradient of layer1 shrinks 0\.7× per step through time, and/) as string }],
    ['explodes, and recommended does not', [null, steps(1.5), null], steps(0.9), { kind: 'exploding-through-time', severity: 'error', remedy: 'recommended',
      text: 'By theory, with the current weights the gradient of layer1 grows 1.5× per step through time, 4.3e+8× over its 50 steps.'
        + ' With recommended it changes 0.9× per step.' }],
    ['explodes a little', [null, steps(1.15), null], steps(0.9), { kind: 'exploding-through-time', severity: 'warning' }],
    ['keeps its gradient over all steps', [null, steps(0.95), null], steps(0.95), { kind: 'fine',
      text: expect.not.stringContaining('through time') as string }],
    ['is the worst of several', [steps(0.4), steps(0.3), steps(0.35)], steps(0.8), { at: 'layer1',
      text: expect.stringContaining('after 4 of 50 steps; so does that of 2 layers more.') as string }],
  ])('%s', (_, through, recommended, expected) => {
    const better = theoryOf('recommended', through.map((each) => each && recommended));
    expect(expectedVerdict(theoryOf('current', through), better)).toMatchObject(expected);
  });
  it('is told of by theory where only its layers have been measured, and not where its weights are trained', () => {
    const [runs, theory] = [[run('current', 0, [1, 1, 1])], [theoryOf('current', [null, steps(0.3), null])]];
    expect(judge(runs, theory)).toMatchObject({ basis: 'predicted', kind: 'vanishing-through-time',
      text: expect.stringMatching(/^By theory, with .* after 4 of 50 steps\.$/) as string });
    expect(judge(runs, [theoryOf('current', [null, steps(0.7), null])])).toMatchObject({ basis: 'measured', kind: 'fine',
      text: expect.stringMatching(/\(1 seed\)\. Besides, by theory the gradient of layer1/) as string });
    expect(judge(runs, theory, true)).toMatchObject({ basis: 'measured', kind: 'fine' });
  });
});
