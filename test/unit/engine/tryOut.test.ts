import { describe, expect, it } from 'vitest';

import type { Simulate, Trial } from '../../../src/engine/tryOut';
import { isToBeTried, tryOut } from '../../../src/engine/tryOut';
import { Failure } from '../../../src/protocol/failure';
import type { Recipe } from '../../../src/protocol/recipe';
import { CancellationSource } from '../../../src/protocol/rpc';
import type { SchemeId } from '../../../src/protocol/schemes';
import type { SimulationResult, SimulationRun } from '../../../src/protocol/simulation';
import { defaultOptions } from '../../../src/protocol/simulation';

const recipe = (scheme: SchemeId): Recipe => (
  { version: 1, tensorId: 'w', seed: 0, blocks: [{ sampler: { kind: 'normal', mean: 0, std: 1 } }], origin: { scheme, title: 'Drawn' } });
const trial = (scheme: SchemeId, more: Partial<Trial> = {}): Trial => ({
  path: 'model.onnx', recipes: [], restored: [], files: {}, options: defaultOptions, isTrained: false, isAsked: false, refusals: () => new Map(),
  proposed: { scheme, recipes: [recipe(scheme)] }, ...more,
});
const moments = (variance: number): SimulationRun['layers'][number]['preactivation'] => (
  { count: 64, mean: 0, variance, min: -2, max: 2, zeros: 0, nonFinite: 0 });
/** Four layers whose gradient changes by that factor from one to the one before it. */
const run = (scheme: SimulationRun['scheme'], factor: number, more: Partial<SimulationRun> = {}): SimulationRun => ({
  scheme, seed: 0, loss: null, ...more, layers: [0, 1, 2, 3].map((i) => ({
    name: `l${i}`, preactivation: moments(1), activation: moments(1), weights: [],
    gradient: { preactivation: moments(factor ** (2 * (3 - i))), activation: moments(factor ** (2 * (3 - i))) },
  })),
});
const result = (runs: readonly SimulationRun[]): SimulationResult => (
  { runs, theory: [], unsupported: [], notes: [], timing: { planMs: 0, createMs: 0, runMs: 0 }, memoryBytes: 0 });
const rescaled = [{ layer: 'l1', weight: 'w', tensorId: 'w', factor: 0.5, measured: 4, wanted: 1, reached: 1, isMissed: false }];
const failing = (failure: Failure): Simulate => () => Promise.reject(failure);

describe('what is run before it is offered', () => {
  it('is corrected, and compared with what is there', async () => {
    const simulate: Simulate = ({ options: { schemes }, proposed }) => {
      expect(proposed?.scheme).toBe('recommended');
      return Promise.resolve(result(schemes.map((scheme) => (scheme === 'current' ? run(scheme, 0.01) : run(scheme, 1, { rescaled })))));
    };
    const tried = await tryOut(trial('recommended'), simulate, new CancellationSource());
    expect(tried.recipes).toMatchObject([{ blocks: [{ sampler: { std: 0.5 } }], origin: { measured: 0.5 } }]);
    expect(tried.notes[0]).toBe('Recommended, seed 0: 1 kernel rescaled by what a run showed: l1 × 0.5 (variance 4, to be 1).');
    expect(tried.notes[1]).toMatch(/^It was run once\. With the current weights the gradient shrinks.* Recommended keeps it within 1×\.$/);
  });
  it('is without what cannot be written, also where only its factor makes it so', async () => {
    const asked: string[] = [];
    const simulate: Simulate = ({ options: { schemes }, proposed }) => {
      const ids = (proposed?.recipes ?? []).map(({ tensorId }) => tensorId);
      asked.push(ids.join());
      const found = rescaled.flatMap((each) => ids.map((tensorId) => ({ ...each, tensorId, weight: tensorId })));
      return Promise.resolve(result(schemes.map((scheme) => run(scheme, 1, scheme === 'current' ? {} : { rescaled: found }))));
    };
    const proposed = { scheme: 'lsuv', recipes: ['kept', 'never', 'unscaled'].map((tensorId) => ({ ...recipe('lsuv'), tensorId })) } as const;
    const refusals: Trial['refusals'] = (recipes) => new Map(recipes.flatMap(({ tensorId, origin }) => (
      tensorId === 'never' || (tensorId === 'unscaled' && origin.measured !== undefined) ? [[tensorId, 'it is so']] : [])));
    const { recipes, rescaled: said, notes } = await tryOut(trial('lsuv', { proposed, refusals }), simulate, new CancellationSource());
    expect(asked).toEqual(['kept,unscaled', 'kept']);
    expect(said.map(({ tensorId }) => tensorId)).toEqual(['kept']);
    expect(recipes.map(({ origin }) => origin.measured)).toEqual([0.5, undefined, 0.5]);
    expect(refusals(recipes).size).toBe(2);
    expect(notes[1]).toMatch(/^It was run once\. With the current weights .* With lsuv the gradient reaches the first layer/);
  });
  it('is not run where nothing of it can be written', async () => {
    const refusals: Trial['refusals'] = () => new Map([['w', 'it is so']]);
    const tried = await tryOut(trial('recommended', { refusals }), failing(new Failure('unsupported', 'It was run.')), new CancellationSource());
    expect(tried).toEqual({ recipes: [recipe('recommended')], rescaled: [], verdict: null, notes: [] });
  });
  it('says where it would be worse', async () => {
    const simulate: Simulate = ({ options: { schemes } }) => Promise.resolve(result(schemes.map((scheme) => run(scheme, scheme === 'current' ? 1 : 0.01))));
    const { notes } = await tryOut(trial('recommended'), simulate, new CancellationSource());
    expect(notes.join(' ')).toContain('Recommended would be worse');
  });
  it('is told of, too, where what is there is well', async () => {
    const simulate: Simulate = ({ options: { schemes } }) => Promise.resolve(result(schemes.map((scheme) => run(scheme, 1))));
    const { notes } = await tryOut(trial('recommended'), simulate, new CancellationSource());
    expect(notes.join(' ')).toMatch(/^It was run once\. With the current weights the gradient reaches .* With recommended the gradient reaches the first layer/);
  });
  it('is run alone where what is there cannot be', async () => {
    const asked: string[] = [];
    const simulate: Simulate = ({ options: { schemes } }) => {
      asked.push(schemes.join());
      return schemes.includes('current') ? Promise.reject(new Failure('unsupported', 'w has no values.')) : Promise.resolve(result([run('recommended', 1)]));
    };
    const { notes } = await tryOut(trial('recommended'), simulate, new CancellationSource());
    expect(asked).toEqual(['current,recommended', 'recommended']);
    expect(notes).toHaveLength(1);
  });
  it('is offered without a run where there can be none, and says so', async () => {
    const { recipes, notes } = await tryOut(trial('recommended'), failing(new Failure('unsupported', 'x.onnx needs 80 GB.')), new CancellationSource());
    expect(recipes).toEqual([recipe('recommended')]);
    expect(notes).toEqual(['It has not been run before: x.onnx needs 80 GB.']);
  });
  it('is an error of a scheme that measures, and where it was said what to run it with', async () => {
    const cannot = failing(new Failure('unsupported', 'x.onnx needs 80 GB.'));
    await expect(tryOut(trial('lsuv'), cannot, new CancellationSource())).rejects.toThrow(/^LSUV has to run the network, which cannot be done: x\.onnx needs 80 GB\./);
    await expect(tryOut(trial('recommended', { isAsked: true }), cannot, new CancellationSource())).rejects.toThrow(/^x\.onnx needs 80 GB\.$/);
  });
  it('is not offered where it is stopped', async () => {
    const cancellation = new CancellationSource();
    const simulate: Simulate = (_, own) => new Promise((_resolve, reject) => {
      own.onCancel(() => reject(new Failure('cancelled', 'Cancelled.')));
      cancellation.cancel();
    });
    await expect(tryOut(trial('recommended'), simulate, cancellation)).rejects.toThrow('Cancelled.');
  });
  it('is what is recommended, and what measures', () => {
    expect((['recommended', 'lsuv', 'he-normal', 'orthogonal'] as const).map((scheme) => isToBeTried([recipe(scheme)]))).toEqual([true, true, false, false]);
  });
});
