import { describe, expect, it } from 'vitest';

import { readPretrainingWish } from '../../../src/host/pretrainingMessages';
import { trainedTitle } from '../../../src/host/trainedTitle';
import { readTrainingWish } from '../../../src/host/trainingMessages';
import { TrainingRuns, shownSnapshot } from '../../../src/host/trainingRuns';
import { factsOf, knownMonitors, monitorCurves } from '../../../webview/panel/pretraining/monitors';
import type { ShownEpoch, ShownMachine } from '../../../src/protocol/pretrainingView';

const id = { scheme: 'he-normal', seed: 1 } as const;
const moments = { count: 4, mean: 0, variance: 2, min: -1, max: 1, zeros: 0, nonFinite: 0 };

describe('the title of trained weights', () => {
  it('says what was done, on what, and from where', () => {
    const title = trainedTitle({ ...id, rate: 0.003, steps: 200 }, { optimizer: 'adam', parameters: {}, data: { kind: 'built-in', name: 'digits' } }, null);
    expect(title).toBe('Trained 200 steps, Adam 0.003, digits, from He normal, seed 1');
    const data = { kind: 'file', path: '/a/b.npz' } as const;
    const own = trainedTitle({ scheme: 'current', seed: 0, rate: null, steps: 1 }, { optimizer: 'sgd', parameters: {}, data }, null);
    expect(own).toBe('Trained 1 step, SGD, b.npz, from the weights before, seed 0');
  });
});

describe('runs that grow', () => {
  it('hold what was told, and how much of what was asked for they have made', () => {
    const runs = new TrainingRuns(({ seed }) => seed === 1);
    runs.stepped({ ...id, from: 0, losses: [3, 2], accuracies: [] }, 0.1);
    runs.stepped({ ...id, from: 1, losses: [1, null], accuracies: [] }, 0.2);
    expect(runs.shown).toEqual([{ ...id, rate: 0.1, losses: [3, 1, null], accuracies: [], snapshots: [], end: null, isKept: true }]);
    expect(runs.made(10)).toBe(3);
    runs.crashed('It was killed.');
    expect(runs.shown[0]?.end).toEqual({ kind: 'crashed', step: 3, message: 'It was killed.' });
    expect(runs.made(10)).toBe(3);
  });
  it('that were stopped count what they made, and that need no more in full', () => {
    const runs = new TrainingRuns(() => true);
    const ended = (seed: number, kind: 'finished' | 'diverged' | 'cancelled', losses: readonly number[]): void => {
      for (const [from, loss] of losses.entries()) runs.stepped({ ...id, seed, from, losses: [loss], accuracies: [] }, 1);
      const end = { kind, step: losses.length, message: null } as const;
      runs.trained({ ...id, seed, rate: 1, losses, accuracies: [], snapshots: [], end, kept: null });
    };
    ended(0, 'finished', [3, 2, 1, 0]);
    ended(1, 'diverged', [3]);
    ended(2, 'cancelled', [3, 2]);
    expect(runs.made(4)).toBe(4 + 4 + 2);
  });
  it('that are gone on with count from there, and others not at all', () => {
    const runs = new TrainingRuns(() => true);
    const done = { rate: 1, losses: [2, 1], accuracies: [], snapshots: [], end: { kind: 'finished', step: 2, message: null }, kept: null } as const;
    for (const seed of [0, 1]) runs.trained({ ...id, seed, ...done });
    runs.resume([id]);
    expect(runs.shown.map(({ end }) => end?.kind)).toEqual(['finished', undefined]);
    runs.stepped({ ...id, from: 2, losses: [0.5], accuracies: [] }, null);
    expect(runs.made(4)).toBe(1);
    runs.crashed('It was killed.');
    expect(runs.shown.map(({ end }) => end?.kind)).toEqual(['finished', 'crashed']);
  });
  it('are shown without what no chart draws', () => {
    const weights = [{ name: 'w', gradient: moments, update: 1e-3 }, { name: 'b', gradient: null, update: 1 }];
    expect(shownSnapshot({ step: 4, layers: [{ name: 'a', activation: moments, gradient: null, weights }] }))
      .toEqual({ step: 4, layers: [{ name: 'a', activation: { variance: 2 }, gradient: null, update: 1e-3 }] });
  });
});

describe('what a command asks for', () => {
  it('is some of the options, all of them of their form', () => {
    expect(readTrainingWish({ sample: 'a', options: { schemes: ['zeros'], steps: 5 } })).toEqual({ sample: 'a', options: { schemes: ['zeros'], steps: 5 } });
    expect(readPretrainingWish({ options: { epochs: 2 } })).toEqual({ options: { epochs: 2 } });
  });
  it.each([null, 5, {}, { options: null }, { options: { steps: 0 } }, { options: { more: 1 } }, { sample: 5, options: {} },
    { options: { data: { kind: 'file', path: '/etc/passwd' } } }])('is nothing where it is not: %j', (value) => {
    expect(readTrainingWish(value)).toBeNull();
    expect(readPretrainingWish(value)).toBeNull();
  });
});

const epoch = (number: number, change: Partial<ShownEpoch> = {}): ShownEpoch => ({
  epoch: number, rate: 0.1, momentum: 0.5, error: 0.2, crossEntropy: null, freeEnergy: { training: -3, heldOut: null }, pseudoLikelihood: null,
  divergence: null, ratio: null, activity: 0.5, ...change,
});
const machine = (epochs: readonly ShownEpoch[]): ShownMachine => (
  { layer: 'a', kind: 'gaussian', visible: 4, hidden: 3, unrolled: null, epochs, filters: null, reconstructions: null });

describe('what is watched of machines', () => {
  it('is what was worked out, with the error of an estimate', () => {
    const estimate = { value: 2, error: 0.5, kind: 'ais' } as const;
    const machines = [machine([epoch(0), epoch(1, { divergence: estimate, ratio: 0.001 })])];
    expect(knownMonitors(machines)).toEqual(['error', 'divergence', 'update', 'activity']);
    expect(monitorCurves(machines, 'divergence')).toEqual([{ key: 'a', seeds: 2, marks: [], points: [{ x: 1, median: 2, low: 1.5, high: 2.5 }] }]);
    expect(monitorCurves(machines, 'gap')).toEqual([]);
  });
  it('is labelled as what it is', () => {
    const said = (change: Partial<ShownEpoch>): string => factsOf(machine([epoch(3, change)])).map(({ term, value }) => `${term}: ${value}`).join('; ');
    expect(said({ divergence: { value: 0.4, error: 0, kind: 'exact' } })).toContain('KL divergence: 0.400 nats, exact');
    expect(said({ divergence: { value: 2, error: 0.5, kind: 'ais' } })).toContain('2.00 ± 0.500 nats, by annealed importance sampling');
    expect(said({ pseudoLikelihood: { value: -9, kind: 'stochastic' } })).toContain('pseudo-likelihood: -9.00 nats, stochastic');
    expect(said({})).toMatch(/^units: 4 Gaussian, 3 hidden; epoch: 3, rate 0\.100/);
  });
});
