import { describe, expect, it } from 'vitest';

import { createRecipes, schemeNotes } from '../../../../src/core/initializers/recipes';
import { recommend } from '../../../../src/core/initializers/recommendation';
import { sampleElements } from '../../../../src/core/initializers/sampling';
import type { Layer } from '../../../../src/core/layers/layer';
import type { Recipe } from '../../../../src/protocol/recipe';
import type { SchemeId, SchemeOptions } from '../../../../src/protocol/schemes';
import { layersOf, present } from '../../support/graphs';

const sizes = [12, 40, 30, 20, 5];

/** A stack of Gemms with sigmoids between; of every other one the kernel is stored the other way round. */
function stack(answers: boolean): readonly Layer[] {
  return layersOf((b) => {
    let x = b.input('x', 'float32', ['n', sizes[0] ?? 0]);
    for (let i = 1; i < sizes.length; i++) {
      const [from = 0, to = 0] = sizes.slice(i - 1);
      x = b.add('Gemm', [x, b.weight(`w${i}`, i % 2 === 0 ? [from, to] : [to, from]), b.weight(`b${i}`, [to])], { transB: i % 2 });
      if (i < sizes.length - 1 || answers) x = b.add('Sigmoid', [x]);
    }
    return x;
  });
}

function drawn(recipes: readonly Recipe[], id: string, shape: readonly number[]): Float64Array {
  return sampleElements(present(recipes.find(({ tensorId }) => tensorId === id)), shape, 0, shape.reduce((all, size) => all * size, 1));
}

const sigmoid = (z: number): number => 1 / (1 + Math.exp(-z));

/** The stack with its weights as drawn, and the one with tanh that they are drawn for. */
function outputs(recipes: readonly Recipe[], input: readonly number[]): readonly (readonly number[])[] {
  let [own, other]: [readonly number[], readonly number[]] = [input, input];
  for (let i = 1; i < sizes.length; i++) {
    const [from = 0, to = 0] = sizes.slice(i - 1);
    const weights = drawn(recipes, `w${i}`, [from * to]);
    const biases = drawn(recipes, `b${i}`, [to]);
    const isLast = i === sizes.length - 1;
    const factor = (i > 1 ? 2 : 1) * (isLast ? 1 : 2);
    const at = (j: number, k: number): number => weights[i % 2 === 0 ? j * to + k : k * from + j] ?? NaN;
    const sum = (values: readonly number[], k: number): number => values.reduce((total, value, j) => total + value * at(j, k), 0);
    const units = Array.from({ length: to }, (_, k) => k);
    const [u, z] = [units.map((k) => sum(own, k) + (biases[k] ?? NaN)), units.map((k) => sum(other, k) / factor)];
    [own, other] = isLast ? [u, z] : [u.map(sigmoid), z.map(Math.tanh)];
  }
  return [own, other];
}

describe('the centred sigmoid', () => {
  const input = Array.from({ length: sizes[0] ?? 0 }, (_, i) => Math.sin(3 * i) * 1.5);
  it.each<readonly [SchemeId, boolean]>([
    ['centred-sigmoid', true], ['centred-sigmoid', false], ['recommended', false], ['recommended', true],
  ])('makes a stack of sigmoids the same with tanh (%s, sigmoid at the end: %s)', (scheme, answers) => {
    for (const seed of [0, 1, 2]) {
      const [own = [], other = []] = outputs(createRecipes(stack(answers), { scheme, seed }), input);
      expect(Math.max(...other.map(Math.abs))).toBeGreaterThan(0.05);
      own.forEach((value, i) => expect(Math.abs(value - (other[i] ?? NaN))).toBeLessThan(1e-10));
    }
  });
  it('draws kernels from Xavier, 2, 4 and 2 times, and lets the first bias at zero', () => {
    const recipes = createRecipes(stack(false), { scheme: 'centred-sigmoid', seed: 0, options: { gain: 3 } });
    const samplerOf = (id: string): unknown => recipes.find(({ tensorId }) => tensorId === id)?.blocks[0]?.sampler;
    for (const [i, factor] of [[1, 2], [2, 4], [3, 4], [4, 2]] as const) {
      const [from = 0, to = 0] = sizes.slice(i - 1);
      const std = factor * 3 * Math.sqrt(2 / (from + to));
      expect(samplerOf(`w${i}`)).toEqual({ kind: 'normal', mean: 0, std: expect.closeTo(std, 12) as number });
    }
    expect(samplerOf('b1')).toEqual({ kind: 'constant', value: 0 });
    expect(samplerOf('b2')).toMatchObject({ kind: 'unit-sums', factor: -0.5, inner: 1, count: 30, of: { tensorId: 'w2', shape: [40, 30] } });
    expect(recipes.find(({ tensorId }) => tensorId === 'b2')?.origin.title).toContain('seed 0');
    expect(schemeNotes(stack(false), ['centred-sigmoid'])).toEqual([]);
  });
  it('leaves layers without a bias, and says so', () => {
    const layers = layersOf((b) => {
      const h = b.add('Sigmoid', [b.add('MatMul', [b.input('x', 'float32', ['n', 4]), b.weight('a', [4, 6])])]);
      return b.add('MatMul', [b.add('Flatten', [h]), b.weight('b', [6, 2])]);
    });
    const stds = createRecipes(layers, { scheme: 'centred-sigmoid', seed: 0 }).map(({ blocks }) => blocks[0]?.sampler);
    expect(stds).toMatchObject([{ std: 2 * Math.sqrt(2 / 10) }, { std: Math.sqrt(1 / 3 / 6) }]);
    expect(schemeNotes(layers, ['centred-sigmoid'])).toEqual([expect.stringContaining('1 layer that read a sigmoid')]);
  });
  it('is what is recommended of three or more in a row, with the gain that tanh has over that depth', () => {
    const advice = stack(false).flatMap((layer) => layer.weights.map((weight) => present(recommend(layer, weight)).recommendation));
    const centred = 'centred-sigmoid';
    expect(advice.map(({ scheme }) => scheme)).toEqual([centred, 'zeros', centred, centred, centred, centred, centred, centred]);
    expect(advice[0]?.reason).toMatch(/^3 sigmoids in a row stop a gradient.*: 2 times the weights make it the same network with tanh\.$/);
    expect(advice[2]?.reason).toMatch(/4 times the weights, and biases of −½ Σ w, make it the same/);
    // A text can say no sums: there the kernels stay as they are advised alone.
    const declared = { name: 'GlorotUniform', blocks: [] };
    const texts = stack(false).map((layer) => ({ ...layer, weights: layer.weights.map((weight) => ({ ...weight, tensor: { ...weight.tensor, declared } })) }));
    expect(texts.flatMap((layer) => layer.weights.map((weight) => recommend(layer, weight)?.recommendation.scheme))).not.toContain('centred-sigmoid');
  });
  it('says where there is no sigmoid, and where zeros are padded', () => {
    const plain = layersOf((b) => b.add('Relu', [b.add('MatMul', [b.input('x', 'float32', ['n', 4]), b.weight('a', [4, 6])])]));
    expect(schemeNotes(plain, ['centred-sigmoid'])).toEqual([expect.stringContaining('No layer was found that a sigmoid follows')]);
    const padded = layersOf((b) => {
      const conv = (x: string, name: string): string => b.add('Conv', [x, b.weight(name, [3, 3, 3, 3]), b.weight(`${name}.bias`, [3])], { pads: [1, 1, 1, 1] });
      return b.add('Sigmoid', [conv(b.add('Sigmoid', [conv(b.input('x', 'float32', ['n', 3, 8, 8]), 'a')]), 'b')]);
    });
    expect(schemeNotes(padded, ['centred-sigmoid'])).toEqual([expect.stringContaining('Convolutions pad with zeros')]);
  });
});

/** Sines of two hidden layers; ω₀ is in the graph, or it is not. */
function sines(frequency: number | null): readonly Layer[] {
  return layersOf((b) => {
    const sine = (z: string): string => b.add('Sin', [frequency === null ? z : b.add('Mul', [b.scalar(frequency), z])]);
    const linear = (x: string, name: string, shape: readonly number[]): string => b.add('Gemm', [x, b.weight(name, shape)], { transB: 1 });
    const first = sine(linear(b.input('x', 'float32', ['n', 2]), 'first', [24, 2]));
    return linear(sine(linear(first, 'second', [24, 24])), 'head', [3, 24]);
  });
}

describe('SIREN', () => {
  const boundOf = (layers: readonly Layer[], id: string, options: SchemeOptions = {}, scheme: SchemeId = 'siren'): number => {
    const sampler = createRecipes(layers, { scheme, seed: 0, options }).find(({ tensorId }) => tensorId === id)?.blocks[0]?.sampler;
    return sampler?.kind === 'uniform' ? sampler.high : NaN;
  };
  const hidden = Math.sqrt(6 / 24);
  it('is as its authors draw it where the graph multiplies with ω₀', () => {
    const bounds = ['first', 'second', 'head'].map((id) => boundOf(sines(30), id));
    [1 / 2, hidden / 30, hidden / 30].forEach((bound, i) => expect(bounds[i]).toBeCloseTo(bound, 6));
    expect(schemeNotes(sines(30), ['siren'])).toEqual([]);
  });
  it('takes ω₀ from the graph, or as it is told', () => {
    expect(boundOf(sines(10), 'first')).toBeCloseTo(1 / 2, 6);
    expect(boundOf(sines(10), 'second')).toBeCloseTo(hidden / 10, 6);
    expect(boundOf(sines(10), 'first', { omega: 20 })).toBeCloseTo(1, 6);
    expect(boundOf(sines(10), 'second', { omega: 20 })).toBeCloseTo(hidden / 10, 6);
  });
  it('folds ω₀ into weights where the graph has none', () => {
    const bounds = ['first', 'second', 'head'].map((id) => boundOf(sines(null), id));
    [15, hidden, hidden / 30].forEach((bound, i) => expect(bounds[i]).toBeCloseTo(bound, 12));
    expect(boundOf(sines(null), 'first', { omega: 6 })).toBeCloseTo(3, 12);
    expect(schemeNotes(sines(null), ['siren'])).toEqual([expect.stringContaining('ω₀ is a part of the weights')]);
  });
});
