/** Kernels that the graph computes from stored tensors, in the forms that exporters and libraries give them. */
import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../../../src/core/initializers/recipes';
import { recommend } from '../../../../src/core/initializers/recommendation';
import type { LayerWeight } from '../../../../src/core/layers/layer';
import type { NetworkBuilder } from '../../support/graphs';
import { layersOf, only, present } from '../../support/graphs';

const conv = [16, 8, 3, 3] as const;
const axes = [1, 2, 3];
const convolve = (b: NetworkBuilder, kernel: string): string => b.add('Relu', [b.add('Conv', [b.input('x', 'float32', ['n', 8, 9, 9]), kernel])]);

function length(b: NetworkBuilder, kernel: string): string {
  return b.add('ReduceL2', [kernel, b.ints(axes)]);
}

function standardised(b: NetworkBuilder, kernel: string): string {
  const centred = b.add('Sub', [kernel, b.add('ReduceMean', [kernel, b.ints(axes)])]);
  const variance = b.add('ReduceMean', [b.add('Mul', [centred, centred]), b.ints(axes)]);
  return b.add('Div', [centred, b.add('Sqrt', [b.add('Add', [variance, b.scalar(1e-5)])])]);
}

/** The standard deviation advised for each weight of the only layer, by the name of the tensor. */
function advised(build: (b: NetworkBuilder) => string): Readonly<Record<string, number | string>> {
  const layer = only(layersOf(build));
  return Object.fromEntries(layer.weights.map((weight) => [weight.name, weight.frozen === null ? numberOf(weight) : `${weight.role}, frozen`]));

  function numberOf(weight: LayerWeight): number | string {
    const { recommendation: { std, bound, distribution } } = present(recommend(layer, weight));
    return `${weight.role} ${Number((distribution === 'constant' ? bound ?? NaN : std).toPrecision(6))}`;
  }
}

const he = Number(Math.sqrt(2 / 72).toPrecision(6));

describe('a kernel that the graph computes', () => {
  it('by a number: the tensor is as much wider as that makes it narrower', () => {
    const std = Number((Math.sqrt(2 / 72) / 0.05).toPrecision(6));
    expect(advised((b) => convolve(b, b.add('Mul', [b.weight('w', conv), b.scalar(0.05)])))).toEqual({ w: `kernel ${std}` });
    expect(advised((b) => convolve(b, b.add('Div', [b.weight('w', conv), b.scalar(20)])))).toEqual({ w: `kernel ${std}` });
  });

  it('by weight normalisation: its length is that of a kernel in scale', () => {
    const found = advised((b) => {
      const v = b.weight('v', conv);
      return convolve(b, b.add('Mul', [b.add('Div', [v, length(b, v)]), b.weight('g', [16, 1, 1, 1])]));
    });
    expect(found).toEqual({ v: `kernel ${he}`, g: `magnitude ${Number(Math.SQRT2.toPrecision(6))}` });
  });

  it('by weight normalisation of the whole: one number is the length of all of it', () => {
    const found = advised((b) => {
      const v = b.weight('v', conv);
      const all = b.add('Sqrt', [b.add('ReduceSumSquare', [v, b.ints([0, 1, 2, 3])], { keepdims: 1 })]);
      return convolve(b, b.add('Mul', [b.weight('weight_g', []), b.add('Div', [v, all])]));
    });
    expect(found).toEqual({ v: `kernel ${he}`, weight_g: `magnitude ${Number((Math.sqrt(2 / 72) * Math.sqrt(16 * 72)).toPrecision(6))}` });
  });

  it.each([
    ['standardised', standardised], ['on the unit sphere', (b: NetworkBuilder, w: string) => b.add('Div', [w, length(b, w)])],
  ])('%s: its own scale makes no difference', (_, compute) => {
    const layer = only(layersOf((b) => convolve(b, compute(b, b.weight('w', conv)))));
    const [weight] = layer.weights;
    expect(weight).toMatchObject({ role: 'kernel', fans: { fanIn: 72, fanOut: 144 }, computed: { power: 0 } });
    const { title, reason } = present(recommend(layer, present(weight))).recommendation;
    expect(`${title}: ${reason}`).toMatch(/^He normal: .* normalises it/);
  });

  it('by a batch normalisation of its own: the gain stays, and the variance is that of what is drawn', () => {
    const found = advised((b) => {
      const stored = ['gain', 'zero', 'mean', 'var'].map((name) => b.weight(name, [16]));
      const normalized = b.add('BatchNormalization', [b.weight('w', [1, 16, 72]), ...stored]);
      return convolve(b, b.add('Reshape', [normalized, b.ints([16, 8, 3, 3])]));
    });
    expect(found).toEqual({
      w: `kernel ${he}`, gain: 'frozen, frozen', zero: 'frozen, frozen', mean: 'running mean 0', var: `running variance ${Number((2 / 72).toPrecision(6))}`,
    });
  });

  it('by fake quantisation: as if it were not there', () => {
    const found = advised((b) => {
      const scale = b.scalar(0.06);
      const zero = b.constant('int8', [], [0]);
      return convolve(b, b.add('DequantizeLinear', [b.add('QuantizeLinear', [b.weight('w', conv), scale, zero]), scale, zero]));
    });
    expect(found).toEqual({ w: `kernel ${he}` });
  });

  it('by spectral normalisation: left alone, since its estimate belongs to it', () => {
    const found = advised((b) => {
      const w = b.weight('w', conv);
      const v = b.add('MatMul', [b.add('Reshape', [w, b.ints([16, 72])]), b.weight('v', [72])]);
      return convolve(b, b.add('Div', [w, b.add('MatMul', [b.weight('u', [16]), v])]));
    });
    expect(found).toEqual({ w: 'kernel, frozen', u: 'frozen, frozen', v: 'frozen, frozen' });
  });

  it('by a low-rank update: which starts from nothing', () => {
    const found = advised((b) => {
      const update = b.add('MatMul', [b.weight('a', [32, 4]), b.weight('b', [4, 16])]);
      const kernel = b.add('Add', [b.weight('w', [32, 16]), b.add('Mul', [update, b.scalar(2)])]);
      return b.add('Relu', [b.add('MatMul', [b.input('x', 'float32', ['n', 32]), kernel])]);
    });
    expect(found).toEqual({ w: 'kernel 0.25', a: `kernel ${Number((1 / Math.sqrt(3 * 32)).toPrecision(6))}`, b: 'update 0' });
  });

  it('as one of several experts: with the fans of one, and no embedding', () => {
    const layers = layersOf((b) => {
      const x = b.input('x', 'float32', ['n', 1, 8]);
      const expert = b.add('Gather', [b.weight('experts', [4, 8, 16]), b.input('which', 'int64', ['n'])]);
      return b.add('Relu', [b.add('MatMul', [x, expert])]);
    });
    const [weight] = only(layers).weights;
    expect(weight).toMatchObject({ name: 'experts', role: 'kernel', fans: { fanIn: 8, fanOut: 16 } });
  });

  it('gets no zeros where it is a direction: its length gets them', () => {
    const layers = layersOf((b) => {
      const v = b.weight('v', conv);
      return convolve(b, b.add('Mul', [b.add('Div', [v, length(b, v)]), b.weight('g', [16, 1, 1, 1])]));
    });
    const recipes = createRecipes(layers, { scheme: 'zeros', seed: 0 });
    expect(recipes.map(({ tensorId, blocks }) => [tensorId, blocks[0]?.sampler.kind])).toEqual([['v', 'normal'], ['g', 'constant']]);
    expect(recipes[1]?.blocks[0]?.sampler).toEqual({ kind: 'constant', value: 0 });
  });

  it('has the scale of the scheme that is asked for', () => {
    const layers = layersOf((b) => convolve(b, b.add('Mul', [b.weight('w', conv), b.scalar(0.05)])));
    const [recipe] = createRecipes(layers, { scheme: 'xavier-normal', seed: 0 });
    expect(recipe?.blocks[0]?.sampler).toMatchObject({ kind: 'normal', std: expect.closeTo(Math.sqrt(2 / (72 + 144)) / 0.05, 9) as number });
  });
});
