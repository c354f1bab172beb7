/** Learned factors of residual branches, and of the tanh that stands in the place of a norm. */
import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../../../src/core/initializers/recipes';
import { recommend } from '../../../../src/core/initializers/recommendation';
import { detectLayers } from '../../../../src/core/layers/detect';
import type { Layer, LayerWeight } from '../../../../src/core/layers/layer';
import { layersOf, NetworkBuilder, only, present } from '../../support/graphs';

const width = 16;
const input = (b: NetworkBuilder): string => b.input('x', 'float32', ['n', 't', width]);
/** Blocks x + gain · f(x), f being two products, and a head. */
function blocks(b: NetworkBuilder, count: number, scaled: (branch: string, i: number, x: string) => string): string {
  let x = input(b);
  for (let i = 0; i < count; i++) {
    const hidden = b.add('Gelu', [b.add('MatMul', [x, b.weight(`in${i}`, [width, 64])])]);
    x = b.add('Add', [x, scaled(b.add('MatMul', [hidden, b.weight(`out${i}`, [64, width])]), i, x)]);
  }
  return b.add('MatMul', [x, b.weight('head', [width, 4])]);
}
const channels = (count: number) => (b: NetworkBuilder): string => blocks(b, count, (branch, i) => b.add('Mul', [b.weight(`gamma${i}`, [width]), branch]));
const number = (name: string) => (b: NetworkBuilder): string => blocks(b, 2, (branch, i) => b.add('Mul', [b.weight(`${name}.${i}`, []), branch]));

/** Each weight of that role by its name, with the constant it is advised. */
function advised(layers: readonly Layer[], role: LayerWeight['role']): Readonly<Record<string, number | null>> {
  return Object.fromEntries(layers.flatMap((layer) => layer.weights.flatMap((weight) => (
    weight.role === role ? [[weight.name, recommend(layer, weight)?.recommendation.bound ?? null]] : []))));
}

describe('the gain of a residual branch', () => {
  it.each([[2, 0.1], [18, 0.1], [24, 1e-5], [25, 1e-6]])('of every channel, in %i blocks', (count, start) => {
    const gains = advised(layersOf(channels(count)), 'gain');
    expect(Object.keys(gains)).toHaveLength(count);
    expect(new Set(Object.values(gains))).toEqual(new Set([start]));
  });

  it('sets the scale of its branch: the kernel before it is what it would be anywhere', () => {
    const layers = layersOf(channels(4));
    const layer = present(layers.find(({ name }) => name === 'out0'));
    const { std, reason } = present(recommend(layer, only(layer.weights))).recommendation;
    expect(std).toBeCloseTo(1 / 8, 9);
    expect(reason).toMatch(/^It ends a residual branch that something learned multiplies, which sets its scale\. No activation follows/);
  });

  it.each([['alpha'], ['skip_gain'], ['resweight']])('of a number that its author has named %s', (name) => {
    expect(advised(layersOf(number(name)), 'gain')).toEqual({ [`${name}.0`]: 0, [`${name}.1`]: 0 });
  });

  it.each([['onnx::Mul_12'], ['val_7'], ['/block/Constant_3_output_0']])('but not of a factor such as residual networks have, %s', (name) => {
    expect(advised(layersOf(number(name)), 'gain')).toEqual({});
  });

  it('by what the exporter lists, where it does', () => {
    const builder = new NetworkBuilder();
    const graph = builder.finish(number('alpha')(builder));
    expect(advised(detectLayers(graph, new Set(['alpha.0'])), 'gain')).toEqual({ 'alpha.0': 0 });
  });

  it('behind a branch without a kernel, on a short cut that has one, and turned round', () => {
    const layers = layersOf((b) => {
      const image = b.input('x', 'float32', ['n', width, 8, 8]);
      const pooled = b.add('AveragePool', [image], { kernel_shape: { kind: 'ints', value: [1, 1] } });
      const first = b.add('Add', [image, b.add('Mul', [pooled, b.weight('layer_scale', [width, 1, 1])])]);
      const branch = b.add('Relu', [b.add('Conv', [first, b.weight('branch', [width, width, 1, 1])])]);
      const scaled = b.add('Mul', [b.add('Transpose', [branch], { perm: [0, 2, 3, 1] }), b.weight('gamma', [width])]);
      return b.add('Add', [b.add('Conv', [first, b.weight('projection', [width, width, 1, 1])]), b.add('Transpose', [scaled], { perm: [0, 3, 1, 2] })]);
    });
    expect(advised(layers, 'gain')).toEqual({ layer_scale: 0.1, gamma: 0.1 });
  });

  it('is drawn so by any scheme, and γ of a norm stays what it is', () => {
    const layers = layersOf((b) => blocks(b, 1, (branch) => {
      const normed = b.add('LayerNormalization', [branch, b.weight('ln.weight', [width]), b.weight('ln.bias', [width])]);
      return b.add('Mul', [normed, b.weight('scale', [width])]);
    }));
    // The scale of a norm's scale is a scale of the norm.
    expect(advised(layers, 'gain')).toEqual({});
    const gained = createRecipes(layersOf(channels(1)), { scheme: 'he-normal', seed: 0 }).find(({ tensorId }) => tensorId === 'gamma0');
    expect(gained?.blocks).toEqual([{ sampler: { kind: 'constant', value: 0.1 } }]);
  });
});

describe('what is the gain of no branch', () => {
  const gains = (build: (b: NetworkBuilder) => string): Readonly<Record<string, unknown>> => advised(layersOf(build), 'gain');
  it('a share by which a token is mixed with the one before it', () => {
    expect(gains((b) => mixed(b, (x, before, share) => b.add('Add', [x, b.add('Mul', [b.add('Sub', [before, x]), share])])))).toEqual({});
    expect(gains((b) => mixed(b, (x, before, share) => (
      b.add('Add', [b.add('Mul', [x, share]), b.add('Mul', [before, b.weight('rest', [width])])]))))).toEqual({});
  });

  it('a factor of what passes the branch by', () => {
    expect(gains((b) => {
      const x = input(b);
      return b.add('Add', [b.add('Mul', [x, b.weight('skip', [width])]), b.add('Relu', [b.add('MatMul', [x, b.weight('w', [width, width])])])]);
    })).toEqual({});
  });

  function mixed(b: NetworkBuilder, mix: (x: string, before: string, share: string) => string): string {
    const x = b.add('LayerNormalization', [input(b), b.weight('ln.weight', [width]), b.weight('ln.bias', [width])]);
    const padded = b.add('Pad', [x, b.ints([0, 1, 0, 0, -1, 0])]);
    return b.add('MatMul', [mix(x, padded, b.weight('time_mix', [1, 1, width])), b.weight('w', [width, 4])]);
  }
});

describe('tanh(αx) in the place of a norm', () => {
  const dynamicTanh = (b: NetworkBuilder, x: string): string => {
    const bent = b.add('Tanh', [b.add('Mul', [b.weight('norm.alpha', [1]), x])]);
    return b.add('Add', [b.add('Mul', [bent, b.weight('norm.weight', [width])]), b.weight('norm.bias', [width])]);
  };
  const layers = layersOf((b) => b.add('MatMul', [dynamicTanh(b, b.add('MatMul', [input(b), b.weight('w', [width, width])])), b.weight('head', [width, 4])]));

  it('has a gain of 0.5, a scale of 1 and a shift of 0', () => {
    expect(advised(layers, 'gain')).toEqual({ 'norm.alpha': 0.5 });
    expect(advised(layers, 'gamma')).toEqual({ 'norm.weight': 1 });
    expect(advised(layers, 'beta')).toEqual({ 'norm.bias': 0 });
  });

  it('is none where nothing scales it, or the factor is a mere number', () => {
    const plain = layersOf((b) => b.add('MatMul', [b.add('Tanh', [b.add('Mul', [b.weight('alpha', [1]), input(b)])]), b.weight('w', [width, 4])]));
    const fixed = layersOf((b) => b.add('Mul', [b.add('Tanh', [b.add('Mul', [b.scalar(0.5), input(b)])]), b.weight('w', [width])]));
    expect([...plain, ...fixed].flatMap(({ weights }) => weights).filter(({ role }) => role === 'gain' || role === 'gamma')).toEqual([]);
  });
});
