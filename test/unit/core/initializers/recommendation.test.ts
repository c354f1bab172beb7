import { describe, expect, it } from 'vitest';

import { float } from '../../../../src/core/graph/builder';
import { recommend } from '../../../../src/core/initializers/recommendation';
import { createRecipes, pickedSchemes } from '../../../../src/core/initializers/recipes';
import type { Layer } from '../../../../src/core/layers/layer';
import type { Recipe } from '../../../../src/protocol/recipe';
import type { Recommendation } from '../../../../src/protocol/report';
import type { NetworkBuilder } from '../../support/graphs';
import { kernelOf, layersOf, present } from '../../support/graphs';

const [fanIn, fanOut] = [50, 30];
type Behind = (b: NetworkBuilder, h: string) => string;

/** A layer with 50 inputs and 30 outputs, what is built behind it, and another layer at the end. */
function layerWith(behind: Behind): Layer {
  const layers = layersOf((b) => {
    const h = b.add('Gemm', [b.input('x', 'float32', ['n', fanIn]), b.weight('w', [fanOut, fanIn]), b.weight('b', [fanOut])], { transB: 1 });
    return b.add('MatMul', [behind(b, h), b.weight('last', [fanOut, 4])]);
  });
  return present(layers[0]);
}

function advice(layer: Layer): Recommendation {
  return present(recommend(layer, kernelOf(layer))).recommendation;
}

const op = (name: string, attributes = {}): Behind => (b, h) => b.add(name, [h], attributes);
const xavier = Math.sqrt(2 / (fanIn + fanOut));
const scaled = (gain: number): number => gain / Math.sqrt(fanIn);

describe('what each activation asks for', () => {
  /** Gains of activations without a rule of their own: 1/√E f², golden values of the quadrature to six digits. */
  it.each<readonly [string, Behind, Recommendation['scheme'], number, number, RegExp]>([
    ['Relu', op('Relu'), 'he-normal', Math.SQRT2, scaled(Math.SQRT2), /He et al\. 2015, eq\. 10/],
    ['Relu6, as Clip', (b, h) => b.add('Clip', [h, b.scalar(0), b.scalar(6)]), 'he-normal', Math.SQRT2, scaled(Math.SQRT2), /eq\. 10/],
    ['LeakyRelu', op('LeakyRelu', { alpha: float(0.2) }), 'he-normal', Math.sqrt(2 / 1.04), scaled(Math.sqrt(2 / 1.04)), /eq\. 15/],
    ['PRelu', (b, h) => b.add('PRelu', [h, b.weight('slope', [fanOut])]), 'he-normal', Math.sqrt(2 / 1.0625), scaled(Math.sqrt(2 / 1.0625)), /eq\. 15/],
    ['Tanh', op('Tanh'), 'xavier-normal', 1, xavier, /Glorot & Bengio 2010/],
    ['Sigmoid', op('Sigmoid'), 'xavier-normal', 1, xavier, /Glorot & Bengio 2010/],
    ['HardSigmoid', op('HardSigmoid'), 'xavier-normal', 1, xavier, /Glorot & Bengio 2010/],
    ['Softsign', op('Softsign'), 'xavier-normal', 1, xavier, /Glorot & Bengio 2010/],
    ['Softmax', op('Softmax'), 'xavier-normal', 1, xavier, /Glorot & Bengio 2010/],
    ['Selu', op('Selu'), 'lecun-normal', 1, scaled(1), /Klambauer et al\. 2017/],
    ['Elu', op('Elu'), 'lecun-normal', 1.245198, scaled(1.245198), /quadrature/],
    ['Gelu', op('Gelu'), 'lecun-normal', 1.53353, scaled(1.53353), /quadrature/],
    ['Mish', op('Mish'), 'lecun-normal', 1.486848, scaled(1.486848), /quadrature/],
    ['HardSwish', op('HardSwish'), 'lecun-normal', 1.736657, scaled(1.736657), /quadrature/],
    ['Softplus', op('Softplus'), 'lecun-normal', 1.041867, scaled(1.041867), /quadrature/],
    ['Silu', (b, h) => b.add('Mul', [h, b.add('Sigmoid', [h])]), 'lecun-normal', 1.676532, scaled(1.676532), /quadrature/],
    ['nothing', (_, h) => h, 'lecun-normal', 1, scaled(1), /LeCun et al\. 1998/],
  ])('%s', (name, behind, scheme, gain, std, source) => {
    const found = advice(layerWith(behind));
    expect(found.scheme).toBe(scheme);
    expect(present(found.gain)).toBeCloseTo(gain, 6);
    expect(found.std).toBeCloseTo(std, 6);
    expect(found.source).toMatch(source);
    expect(found.reason).toMatch(/^[A-Z].*\.$/);
    expect(found.mode).toBe(scheme === 'xavier-normal' ? 'fan_avg' : 'fan_in');
    if (name === 'Gelu') expect(found.title).toBe('LeCun normal, gain 1.53');
  });
  it('the output of the network, and attention', () => {
    const layers = layersOf((b) => {
      const x = b.input('x', 'float32', ['n', 8, 8]);
      const [q, k] = ['q', 'k'].map((name) => b.add('MatMul', [x, b.weight(name, [8, 8])]));
      return b.add('MatMul', [b.add('MatMul', [present(q), b.add('Transpose', [present(k)], { perm: [0, 2, 1] })]), b.weight('head', [8, 3])]);
    });
    expect(layers.map((layer) => advice(layer).scheme)).toEqual(['xavier-normal', 'xavier-normal', 'lecun-normal']);
    expect(advice(present(layers[0])).reason).toContain('attention');
    expect(advice(present(layers[2])).reason).toContain('output of the network');
  });
});

describe('a kernel whose scale a norm undoes', () => {
  const norm: Behind = (b, h) => b.add('BatchNormalization', [h, ...['gamma', 'beta', 'mean', 'var'].map((part) => b.weight(`${h}.${part}`, [fanOut]))]);
  const relu: Behind = (b, h) => b.add('Relu', [h]);
  it.each<readonly [string, Behind]>([
    ['before an activation', (b, h) => relu(b, norm(b, h))],
    ['before none', norm],
    ['behind what changes nothing', (b, h) => relu(b, norm(b, b.add('Identity', [h])))],
    ['beside other channels', (b, h) => relu(b, norm(b, b.add('Concat', [h, h], { axis: 1 })))],
  ])('%s starts narrow, whatever follows', (_, behind) => {
    const found = advice(layerWith(behind));
    expect([found.scheme, found.std]).toEqual(['lecun-normal', expect.closeTo(scaled(1 / Math.sqrt(3)), 9)]);
    expect(found.reason).toContain('BatchNormalization follows');
  });
  it.each<readonly [string, Behind]>([
    ['a sum that is normed', (b, h) => relu(b, norm(b, b.add('Add', [h, b.input('skip', 'float32', ['n', fanOut])])))],
    ['one way of two', (b, h) => b.add('Add', [relu(b, norm(b, h)), h])],
    ['features that are normed together with others', (b, h) => relu(b, b.add('LayerNormalization', [
      b.add('Concat', [h, b.input('beside', 'float32', ['n', 8])], { axis: 1 }), b.weight('gamma', [fanOut + 8]),
    ]))],
  ])('is not that of %s', (_, behind) => {
    expect(advice(layerWith(behind)).gain).not.toBeCloseTo(1 / Math.sqrt(3), 6);
  });
});

describe('what is no kernel', () => {
  const layers = layersOf((b) => {
    const table = b.add('Gather', [b.weight('embedding.weight', [96, 64]), b.input('ids', 'int64', ['n', 8])]);
    const norm = b.add('BatchNormalization', [table, ...['gamma', 'beta', 'mean', 'var'].map((part) => b.weight(`bn.${part}`, [8]))]);
    return b.add('PRelu', [b.add('Add', [norm, b.weight('positions', [8, 64])]), b.weight('slope', [64])]);
  });
  const all = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.name, recommend(layer, weight)?.recommendation ?? null])));
  it.each([
    ['bn.gamma', 'ones', 1], ['bn.beta', 'zeros', 0], ['bn.mean', 'zeros', 0], ['bn.var', 'ones', 1], ['slope', 'constant', 0.25],
  ])('%s starts from a constant', (name, scheme, bound) => {
    expect(all.get(name)).toMatchObject({ scheme, bound, std: 0, distribution: 'constant', gain: null });
  });
  it('an embedding has unit variance, a constant is left alone', () => {
    expect(all.get('embedding.weight')).toMatchObject({ std: 1, distribution: 'normal', title: 'Normal' });
    expect(all.get('positions')).toBeNull();
  });
});

describe('recipes', () => {
  const layers = layersOf((b) => {
    const tied = b.weight('tied', [8, 8]);
    const h = b.add('Relu', [b.add('Gemm', [b.input('x', 'float32', ['n', 8]), tied, b.weight('bias', [8])])]);
    return b.add('MatMul', [h, tied]);
  });
  it('are numbers, one per tensor, and say what was picked', () => {
    expect(createRecipes(layers, { scheme: 'he-uniform', seed: 7 })).toMatchObject([
      { tensorId: 'tied', seed: 7, blocks: [{ sampler: { kind: 'uniform' } }], origin: { scheme: 'he-uniform', title: 'He uniform, fan_in, seed 7' } },
      { tensorId: 'bias', seed: 7, blocks: [{ sampler: { kind: 'constant', value: 0 } }], origin: { scheme: 'he-uniform', title: 'Zeros' } },
    ]);
    const [kernel] = createRecipes(layers, { scheme: 'he-uniform', seed: 7 });
    const sampler = present(kernel?.blocks[0]).sampler;
    expect(sampler.kind === 'uniform' ? sampler.high : NaN).toBeCloseTo(Math.sqrt(6 / 8), 14);
  });
  it('remember what was picked for a layer itself, and all of them can be drawn around it', () => {
    const [first, second] = layersOf((b) => {
      const h = b.add('Relu', [b.add('MatMul', [b.input('x', 'float32', ['n', 8]), b.weight('a', [8, 8])])]);
      return b.add('MatMul', [h, b.weight('b', [8, 8])]);
    }).map(present);
    const both = [present(first), present(second)];
    const heldBy = (recipes: readonly Recipe[]): ReadonlyMap<string, Recipe> => new Map(recipes.map((recipe) => [recipe.tensorId, recipe]));
    const picked = createRecipes(both, { scheme: 'normal', options: { std: 3 }, seed: 1, layers: new Set([present(second).name]) });
    expect(picked.map(({ origin }) => origin)).toEqual([{ scheme: 'normal', title: 'Normal, σ 3, seed 1', picked: { std: 3 } }]);
    const overrides = pickedSchemes(both, heldBy(picked));
    expect([...overrides]).toEqual([[present(second).name, { scheme: 'normal', options: { std: 3 } }]]);
    const all = createRecipes(both, { scheme: 'zeros', seed: 9, overrides });
    expect(all.map(({ blocks: [block], origin }) => [block?.sampler, origin.picked])).toEqual([
      [{ kind: 'constant', value: 0 }, undefined], [{ kind: 'normal', mean: 0, std: 3 }, { std: 3 }],
    ]);
    expect(pickedSchemes(both, heldBy(all))).toEqual(overrides);
    const reset = createRecipes(both, { scheme: 'recommended', seed: 9, layers: new Set([present(second).name]) });
    expect(pickedSchemes(both, heldBy([...all, ...reset])).size).toBe(0);
  });
  it('take a gain, and only the layers named', () => {
    const [first] = layers;
    const recipes = createRecipes(layers, { scheme: 'lecun-normal', seed: 0, options: { gain: 2 }, layers: new Set([present(first).name]) });
    expect(recipes.map((recipe) => recipe.tensorId)).toEqual(['tied', 'bias']);
    expect(present(recipes[0]?.blocks[0]).sampler).toEqual({ kind: 'normal', mean: 0, std: 2 / Math.sqrt(8) });
    expect(createRecipes(layers, { scheme: 'normal', seed: 0, layers: new Set() })).toEqual([]);
  });
});
