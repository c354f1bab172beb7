import { describe, expect, it } from 'vitest';

import { indexGraph } from '../../../../src/core/graph/order';
import { goalsOf } from '../../../../src/core/initializers/goals';
import type { Goal } from '../../../../src/core/initializers/goals';
import { createRecipes } from '../../../../src/core/initializers/recipes';
import { rescaled, titleOf } from '../../../../src/core/initializers/rescaling';
import { rescaledWords } from '../../../../src/core/initializers/rescaledWords';
import { sampleElements } from '../../../../src/core/initializers/sampling';
import { Settling } from '../../../../src/core/initializers/settling';
import { detectLayers } from '../../../../src/core/layers/detect';
import type { Recipe, Sampler } from '../../../../src/protocol/recipe';
import type { SchemeId } from '../../../../src/protocol/schemes';
import type { LayerRun } from '../../../../src/protocol/simulation';
import { NetworkBuilder, present } from '../../support/graphs';

const goal = (layer: string, stage: number, more: Partial<Goal> = {}): Goal => (
  { layer, tensorId: `${layer}.weight`, weight: `${layer}.weight`, variance: 1, near: { within: 0.1 }, isCeiling: false, stage, ...more });
/** What a run says of variances; null is one that is not finite. */
const run = (variances: Readonly<Record<string, number | null>>): readonly LayerRun[] => Object.entries(variances).map(([name, variance]) => {
  const preactivation = { count: 8, mean: 0, variance, min: -1, max: 1, zeros: 0, nonFinite: 0 };
  return { name, preactivation, activation: preactivation, gradient: { preactivation: null, activation: null }, weights: [] };
});

describe('layers that are made right one after the other', () => {
  it('are scaled by the root of what they miss, those that read others after these', () => {
    const settling = new Settling([goal('a', 0), goal('b', 1)]);
    expect([...settling.next(run({ a: 4, b: 16 }))]).toEqual([['a.weight', 0.5]]);
    expect(settling.isDone).toBe(false);
    // The same run that finds the first one right tells of the second.
    expect([...settling.next(run({ a: 1, b: 0.25 }))]).toEqual([['b.weight', 2]]);
    expect([...settling.next(run({ a: 1, b: 1.05 }))]).toEqual([]);
    expect(settling.isDone).toBe(true);
    expect(settling.outcome(run({ a: 1, b: 1.05 }))).toMatchObject([
      { layer: 'a', factor: 0.5, measured: 4, wanted: 1, reached: 1, isMissed: false },
      { layer: 'b', factor: 2, measured: 0.25, wanted: 1, reached: 1.05, isMissed: false },
    ]);
  });
  it('are tried ten times, and left then', () => {
    const settling = new Settling([goal('a', 0), goal('b', 1)]);
    const factors = Array.from({ length: 10 }, () => [...settling.next(run({ a: 4, b: 1 }))]);
    expect(factors.every(([first]) => first?.[1] === 0.5)).toBe(true);
    expect(settling.next(run({ a: 4, b: 1 })).size).toBe(0);
    expect(settling.isDone).toBe(true);
    expect(settling.outcome(run({ a: 4, b: 1 }))).toMatchObject([{ layer: 'a', factor: 0.5 ** 10, isMissed: true }]);
  });
  it('stay as they are where nothing is known of them, or they say nothing', () => {
    const settling = new Settling([goal('a', 0), goal('b', 0), goal('c', 1)]);
    expect([...settling.next(run({ a: null, b: 0, c: 0.25 }))]).toEqual([['c.weight', 2]]);
  });
  it('are near enough by a factor either way, or, where they may be quiet, above alone', () => {
    const near = { times: 4 } as const;
    const first = (variance: number, isCeiling: boolean): number => new Settling([goal('a', 0, { near, isCeiling })]).next(run({ a: variance })).size;
    expect([0.2, 0.26, 3.9, 4.1].map((variance) => first(variance, false))).toEqual([1, 0, 0, 1]);
    expect([0.001, 3.9, 4.1].map((variance) => first(variance, true))).toEqual([0, 0, 1]);
  });
  it('are told of by name, three of them', () => {
    const of = (layer: string, isMissed: boolean): NonNullable<Parameters<typeof rescaledWords>[0]['rescaled']>[number] => (
      { layer, weight: 'w', tensorId: 'w', factor: 0.5, measured: 4, wanted: 1, reached: 1, isMissed });
    expect(rescaledWords({ scheme: 'recommended', seed: 3, rescaled: [of('a', false), of('b', false), of('c', false), of('d', true)] })).toEqual([
      'Recommended, seed 3: 4 kernels rescaled by what a run showed: a × 0.5 (variance 4, to be 1), b × 0.5 (variance 4, to be 1), '
        + 'c × 0.5 (variance 4, to be 1), and 1 more. d cannot be made right so.',
    ]);
    expect(rescaledWords({ scheme: 'lsuv', seed: 0 })).toEqual([]);
  });
});

/** A stem that two branches read, one of which is normalised, their sum, a pooled head, and a kernel that is a table. */
function branched(): ReturnType<NetworkBuilder['finish']> {
  const b = new NetworkBuilder();
  const gemm = (x: string, name: string): string => b.add('Gemm', [x, b.weight(name, [32, 32])], { transB: 1 });
  const stem = b.add('Relu', [gemm(b.input('x', 'float32', ['n', 32]), 'stem')]);
  const plain = b.add('Tanh', [gemm(stem, 'plain')]);
  const normed = b.add('LayerNormalization', [gemm(stem, 'normed'), b.weight('gamma', [32]), b.weight('beta', [32])]);
  return b.finish(gemm(b.add('Add', [plain, b.add('Relu', [normed])]), 'head'));
}

function goals(scheme: SchemeId): Readonly<Record<string, Pick<Goal, 'variance' | 'stage' | 'isCeiling'>>> {
  const graph = branched();
  const layers = detectLayers(graph);
  expect(indexGraph(graph).graph).toBe(graph);
  const found = goalsOf(graph, layers, createRecipes(layers, { scheme, seed: 0 }));
  return Object.fromEntries(found.map(({ weight, variance, stage, isCeiling }) => [weight, { variance, stage, isCeiling }]));
}

describe('what layers are held to', () => {
  it('is a variance of 1 for LSUV, in the order in which they read one another', () => {
    expect(goals('lsuv')).toMatchObject({
      stem: { variance: 1, stage: 0 }, plain: { variance: 1, stage: 1 }, normed: { variance: 1, stage: 1 }, head: { variance: 1, stage: 2, isCeiling: false },
    });
  });
  it('is what the recommended draw makes of unit input, but behind norms, and an answer may be small', () => {
    const { stem, plain, normed, head } = goals('recommended');
    expect([stem?.variance, plain?.variance, head?.variance]).toEqual([expect.closeTo(2, 9), expect.closeTo(1, 9), expect.closeTo(1 / 3, 9)]);
    expect(normed).toBeUndefined();
    expect([stem?.isCeiling, head?.isCeiling]).toEqual([false, true]);
  });
  it('is nothing of what is added to a product of the state: the gates of a cell that no operator is', () => {
    const b = new NetworkBuilder();
    const body = new NetworkBuilder();
    const [h, x] = [body.input('h', 'float32', ['n', 16]), body.input('x', 'float32', ['n', 16])];
    const gate = (name: string): string => body.add('Sigmoid', [body.add('Add', [
      body.add('MatMul', [x, body.weight(`${name}.input`, [16, 16])]), body.add('MatMul', [h, body.weight(`${name}.state`, [16, 16])])])]);
    const next = body.add('Add', [body.add('Mul', [gate('keep'), h]), body.add('Mul', [gate('write'), body.add('Tanh', [x])])]);
    const steps = b.add('Scan', [b.input('h0', 'float32', ['n', 16]), b.input('xs', 'float32', ['t', 'n', 16])], {
      body: { kind: 'graph', value: body.finish(next) }, num_scan_inputs: 1,
    });
    const graph = b.finish(b.add('MatMul', [steps, b.weight('head', [16, 4])]));
    const layers = detectLayers(graph);
    expect(layers.flatMap(({ weights }) => weights.map(({ name, role }) => [name.replace(/^.*\//, ''), role]))).toContainEqual(['keep.state', 'recurrent']);
    expect(goalsOf(graph, layers, createRecipes(layers, { scheme: 'lsuv', seed: 0 })).map(({ weight }) => weight)).toEqual(['head']);
  });
  it('is nothing for other schemes', () => expect(goals('he-normal')).toEqual({}));
});

const recipe = (tensorId: string, sampler: Sampler, more: Partial<Recipe> = {}): Recipe => (
  { version: 1, tensorId, seed: 1, blocks: [{ sampler }], origin: { scheme: 'recommended', title: 'Drawn' }, ...more });

describe('recipes that are drawn wider', () => {
  it.each<readonly [string, Sampler, readonly number[]]>([
    ['a normal', { kind: 'normal', mean: 0.5, std: 2 }, [64]],
    ['a truncated normal', { kind: 'truncated-normal', mean: 0, std: 2, tail: 0.02275 }, [64]],
    ['a uniform', { kind: 'uniform', low: -1, high: 2 }, [64]],
    ['a constant', { kind: 'constant', value: 3 }, [4]],
    ['an orthogonal matrix', { kind: 'orthogonal', gain: 1, rows: 8, columns: 8 }, [8, 8]],
    ['an identity', { kind: 'identity', gain: 2, rows: 4, columns: 8 }, [4, 8]],
    ['a sparse one', { kind: 'sparse', std: 1, rows: 8, columns: 8, zeros: 3, within: 'column' }, [8, 8]],
    ['channels alike', { kind: 'replicated', of: { kind: 'normal', mean: 0, std: 1 }, inner: 4, channels: 8, times: 4, neighbours: true }, [8, 4]],
  ])('are %s, every element so many times', (_, sampler, shape) => {
    const before = recipe('w', sampler);
    const [after] = rescaled([before], new Map([['w', 0.25]]));
    const count = shape.reduce((all, size) => all * size, 1);
    const wanted = sampleElements(before, shape, 0, count).map((value) => value / 4);
    const found = sampleElements(present(after), shape, 0, count);
    found.forEach((value, i) => expect(value).toBeCloseTo(wanted[i] ?? NaN, 14));
    expect(wanted.some((value) => value !== 0)).toBe(true);
  });
  it('take along twins and sums, and leave others as they are', () => {
    const kernel = recipe('w', { kind: 'normal', mean: 0, std: 1 });
    const twin = { ...kernel, tensorId: 'v', twin: { tensorId: 'w', transposed: true } };
    const of = { tensorId: 'w', shape: [4, 3], blocks: kernel.blocks };
    const bias = recipe('b', { kind: 'unit-sums', factor: -0.5, inner: 1, count: 3, of });
    const other = recipe('o', { kind: 'normal', mean: 0, std: 1 });
    const after = new Map(rescaled([kernel, twin, bias, other], new Map([['w', 2]])).map((each) => [each.tensorId, each]));
    expect(after.get('v')?.blocks).toEqual([{ sampler: { kind: 'normal', mean: 0, std: 2 } }]);
    expect(after.get('b')?.blocks).toMatchObject([{ sampler: { factor: -0.5, of: { blocks: [{ sampler: { std: 2 } }] } } }]);
    expect(after.get('o')).toBe(other);
  });
  it('say what they were, and by how much they are wider', () => {
    const once = rescaled([recipe('w', { kind: 'normal', mean: 0, std: 1 })], new Map([['w', 2]]));
    const [twice] = rescaled(once, new Map([['w', 1.5]]));
    expect(titleOf(present(twice).origin)).toBe('Drawn, × 3 as measured');
    expect(titleOf({ scheme: 'recommended', title: 'Drawn' })).toBe('Drawn');
  });
});
