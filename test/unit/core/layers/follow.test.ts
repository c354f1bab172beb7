import { describe, expect, it } from 'vitest';

import { float } from '../../../../src/core/graph/builder';
import type { FoundActivation } from '../../../../src/core/layers/patterns';
import type { Layer } from '../../../../src/core/layers/layer';
import type { NetworkBuilder} from '../../support/graphs';
import { layersOf, present } from '../../support/graphs';

/** The first layer of a network: a linear one, and what is built behind it. */
function first(behind: (b: NetworkBuilder, h: string) => string): Layer {
  return present(layersOf((b) => behind(b, b.add('MatMul', [b.input('x', 'float32', ['n', 4, 8]), b.weight('w', [8, 8])])))[0]);
}

const linear = (b: NetworkBuilder, x: string, name = 'next'): string => b.add('MatMul', [x, b.weight(name, [8, 8])]);
const relu = (b: NetworkBuilder, x: string): string => linear(b, b.add('Relu', [x]));
const norm = (b: NetworkBuilder, x: string): string => (
  b.add('BatchNormalization', [x, ...['gamma', 'beta', 'mean', 'var'].map((part) => b.weight(`bn.${part}`, [4]))]));

describe('the activation that follows a layer is found', () => {
  it.each<readonly [string, (b: NetworkBuilder, h: string) => string]>([
    ['at once', relu],
    ['through batch normalisation', (b, h) => relu(b, norm(b, h))],
    ['through Reshape and Transpose', (b, h) => relu(b, b.add('Transpose', [b.add('Reshape', [h, b.ints([0, -1])])]))],
    ['through a residual Add', (b, h) => relu(b, b.add('Add', [h, 'x']))],
    ['through MaxPool', (b, h) => relu(b, b.add('MaxPool', [h], { kernel_shape: [2] }))],
    ['through average pooling', (b, h) => relu(b, b.add('GlobalAveragePool', [h]))],
    ['through Concat', (b, h) => relu(b, b.add('Concat', [h, 'x'], { axis: 1 }))],
    ['through a scale', (b, h) => relu(b, b.add('Mul', [h, b.scalar(0.5)]))],
  ])('%s', (_, behind) => expect(first(behind).activation?.name).toBe('Relu'));
  it('with the normalisation on the way to it, and only that', () => {
    expect(first((b, h) => relu(b, norm(b, h))).normalization).toBe('BatchNormalization');
    expect(first((b, h) => norm(b, linear(b, b.add('Relu', [h])))).normalization).toBeNull();
  });
  it('not behind another layer, nor behind a product of two signals', () => {
    expect(first((b, h) => b.add('Relu', [linear(b, h)])).activation).toBeNull();
    expect(first((b, h) => b.add('Relu', [b.add('Mul', [h, 'x'])])).activation).toBeNull();
  });
  it('which there is none of at the output', () => {
    const layer = first((_, h) => h);
    expect([layer.activation, layer.isHead]).toEqual([null, true]);
    expect(first(relu).isHead).toBe(false);
  });
  it('is softmax, which is no scalar function', () => {
    expect(first((b, h) => b.add('Softmax', [h])).activation).toMatchObject({ name: 'Softmax', scalar: null });
  });
  it('and attention’s query and key are told by their product', () => {
    const layer = first((b, h) => b.add('MatMul', [h, b.add('Transpose', [b.add('MatMul', ['x', b.weight('k', [8, 8])])], { perm: [0, 2, 1] })]));
    expect(layer.feedsProduct).toBe(true);
  });
});

describe('an activation is told by what it computes, however it is written', () => {
  const half = (b: NetworkBuilder): string => b.scalar(0.5);
  const erf = (b: NetworkBuilder, h: string): string => b.add('Erf', [b.add('Div', [h, b.scalar(Math.SQRT2)])]);
  const plusOne = (b: NetworkBuilder, h: string): string => b.add('Add', [erf(b, h), b.scalar(1)]);
  const gelu = (x: number): number => {
    // Φ by its series; accurate where it is compared.
    let [term, sum] = [x, x];
    for (let k = 1; k < 80; k++) {
      term *= (-x * x) / (2 * k);
      sum += term / (2 * k + 1);
    }
    return x * (0.5 + sum / Math.sqrt(2 * Math.PI));
  };
  const silu = (x: number): number => x / (1 + Math.exp(-x));
  const agrees = (found: FoundActivation | null, f: (x: number) => number): void => {
    const scalar = present(present(found).scalar);
    for (const x of [-3, -1, -0.1, 0, 0.5, 2]) {
      expect(scalar.f(x)).toBeCloseTo(f(x), 9);
      expect(scalar.df(x)).toBeCloseTo((f(x + 1e-5) - f(x - 1e-5)) / 2e-5, 7);
    }
  };
  it.each<readonly [string, (b: NetworkBuilder, h: string) => string]>([
    ['Mul(Mul(x, 1 + erf), ½), as PyTorch writes it', (b, h) => b.add('Mul', [b.add('Mul', [h, plusOne(b, h)]), half(b)])],
    ['Mul(Mul(1 + erf, x), ½)', (b, h) => b.add('Mul', [b.add('Mul', [plusOne(b, h), h]), half(b)])],
    ['Mul(x, Mul(1 + erf, ½))', (b, h) => b.add('Mul', [h, b.add('Mul', [plusOne(b, h), half(b)])])],
    ['Mul(Mul(x, ½), 1 + erf), as TensorFlow writes it', (b, h) => b.add('Mul', [b.add('Mul', [h, half(b)]), plusOne(b, h)])],
    ['Mul(½, Mul(x, 1 + erf))', (b, h) => b.add('Mul', [half(b), b.add('Mul', [h, plusOne(b, h)])])],
    ['with 1 + erf the other way round', (b, h) => b.add('Mul', [b.add('Mul', [h, b.add('Add', [b.scalar(1), erf(b, h)])]), half(b)])],
    ['with erf(x · 0.7071…)', (b, h) => (
      b.add('Mul', [b.add('Mul', [h, b.add('Add', [b.add('Erf', [b.add('Mul', [h, b.scalar(Math.SQRT1_2)])]), b.scalar(1)])]), half(b)]))],
    ['as one operator', (b, h) => b.add('Gelu', [h])],
  ])('GELU: %s', (_, spelled) => {
    const { activation } = first((b, h) => linear(b, spelled(b, h)));
    expect(activation?.name).toBe('Gelu');
    agrees(activation, gelu);
  });
  it('GELU ends where its last factor does', () => {
    const layers = layersOf((b) => {
      const h = linear(b, b.input('x', 'float32', [1, 8]), 'w');
      return linear(b, b.add('Mul', [b.add('Mul', [h, plusOne(b, h)]), half(b)]));
    });
    expect(layers[0]?.activation?.value).toBe('Mul_out_1');
  });
  it('x (1 + erf) without the half is not GELU', () => {
    expect(first((b, h) => linear(b, b.add('Mul', [h, plusOne(b, h)]))).activation?.name).not.toBe('Gelu');
  });
  it.each<readonly [string, (b: NetworkBuilder, h: string) => string]>([
    ['Mul(x, Sigmoid(x))', (b, h) => b.add('Mul', [h, b.add('Sigmoid', [h])])],
    ['Mul(Sigmoid(x), x)', (b, h) => b.add('Mul', [b.add('Sigmoid', [h]), h])],
  ])('SiLU: %s', (_, spelled) => {
    const { activation } = first((b, h) => linear(b, spelled(b, h)));
    expect(activation?.name).toBe('Silu');
    agrees(activation, silu);
  });
  it('a gate, which multiplies another value, is a sigmoid', () => {
    expect(first((b, h) => linear(b, b.add('Mul', ['x', b.add('Sigmoid', [h])]))).activation?.name).toBe('Sigmoid');
  });
  it('carries its own parameters', () => {
    expect(present(first((b, h) => linear(b, b.add('LeakyRelu', [h], { alpha: float(0.2) }))).activation?.scalar).f(-1)).toBeCloseTo(-0.2);
    expect(present(first((b, h) => linear(b, b.add('Clip', [h, b.scalar(0), b.scalar(6)]))).activation?.scalar).f(9)).toBe(6);
    expect(present(first((b, h) => linear(b, b.add('PRelu', [h, b.weight('slope', [8])]))).activation?.scalar).f(-1)).toBe(-0.25);
  });
});
