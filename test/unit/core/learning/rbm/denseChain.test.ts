// Which layers of a network are a chain of machines, and why others are none.

import { describe, expect, it } from 'vitest';

import { indexGraph } from '../../../../../src/core/graph/order';
import { detectLayers } from '../../../../../src/core/layers/detect';
import type { DenseChain, DenseLayer } from '../../../../../src/core/learning/rbm/denseChain';
import { denseChain, mirrored, storedKernel } from '../../../../../src/core/learning/rbm/denseChain';
import { NetworkBuilder } from '../../../support/graphs';

function chainOf(build: (b: NetworkBuilder) => string): DenseChain | string {
  const b = new NetworkBuilder();
  const graph = b.finish(build(b));
  return denseChain(indexGraph(graph), detectLayers(graph));
}

function foundIn(chain: DenseChain | string): DenseChain {
  if (typeof chain === 'string') throw new Error(chain);
  return chain;
}

const gemm = (b: NetworkBuilder, x: string, name: string, from: number, to: number): string => (
  b.add('Gemm', [x, b.weight(`${name}.weight`, [to, from]), b.weight(`${name}.bias`, [to])], { transB: 1 }));
const described = ({ layers }: DenseChain): object[] => layers.map(({ kernel, bias, visible, hidden, isTransposed }) => (
  { kernel: kernel.name, bias: bias?.name ?? null, visible, hidden, isTransposed }));

describe('a chain', () => {
  it('goes over whatever keeps features in their order, to the head', () => {
    const chain = foundIn(chainOf((b) => {
      const flat = b.add('Flatten', [b.input('x', 'float32', ['n', 1, 2, 4])]);
      const h = b.add('Sigmoid', [gemm(b, flat, 'a', 8, 6)]);
      const product = b.add('MatMul', [b.add('Dropout', [h]), b.weight('b.weight', [6, 5])]);
      const k = b.add('Relu', [b.add('Add', [product, b.weight('b.bias', [5])])]);
      const turned = b.add('Transpose', [b.weight('c.weight', [3, 5])], { perm: [1, 0] });
      return b.add('Softmax', [b.add('MatMul', [k, turned])]);
    }));
    expect(described(chain)).toEqual([
      { kernel: 'a.weight', bias: 'a.bias', visible: 8, hidden: 6, isTransposed: true },
      { kernel: 'b.weight', bias: 'b.bias', visible: 6, hidden: 5, isTransposed: false },
      { kernel: 'c.weight', bias: null, visible: 5, hidden: 3, isTransposed: true },
    ]);
    expect([chain.input, chain.end, chain.layers.map(({ layer }) => layer.isHead)]).toEqual([expect.stringMatching(/^x/), null, [false, false, true]]);
  });

  it.each<readonly [string, (b: NetworkBuilder) => string, string]>([
    ['a residual addition', (b) => {
      const h = b.add('Tanh', [gemm(b, b.input('x', 'float32', ['n', 4]), 'a', 4, 4)]);
      return gemm(b, b.add('Add', [h, b.add('Tanh', [gemm(b, h, 'b', 4, 4)])]), 'c', 4, 2);
    }, 'it reads what Add makes'],
    ['two heads', (b) => {
      const h = b.add('Tanh', [gemm(b, b.input('x', 'float32', ['n', 4]), 'a', 4, 4)]);
      return b.add('Concat', [gemm(b, h, 'b', 4, 2), gemm(b, h, 'c', 4, 2)], { axis: 1 });
    }, 'c reads what a makes, too'],
    ['a norm before an activation', (b) => {
      const h = b.add('Tanh', [gemm(b, b.input('x', 'float32', ['n', 4]), 'a', 4, 4)]);
      const normed = b.add('LayerNormalization', [gemm(b, h, 'b', 4, 4), b.weight('g', [4])]);
      return gemm(b, b.add('Relu', [normed]), 'c', 4, 2);
    }, 'it has LayerNormalization before its activation, which no machine has'],
  ])('ends before %s', (_, build, reason) => {
    const chain = foundIn(chainOf(build));
    expect(chain.layers).toHaveLength(reason.includes('Add') ? 2 : 1);
    expect(chain.end?.reason).toBe(reason);
  });

  it.each<readonly [string, (b: NetworkBuilder) => string, RegExp]>([
    ['a convolution', (b) => {
      const image = b.add('Relu', [b.add('Conv', [b.input('x', 'float32', ['n', 1, 4, 4]), b.weight('conv.weight', [2, 1, 3, 3])])]);
      return gemm(b, b.add('Flatten', [image]), 'a', 8, 2);
    }, /^the first layer, \S+, is no dense layer \(Conv\)$/],
    ['features that are turned round', (b) => {
      const turned = b.add('Transpose', [b.input('x', 'float32', [4, 'n'])], { perm: [1, 0] });
      return gemm(b, turned, 'a', 4, 2);
    }, /^no layer reads its input directly: \S+ reads what Transpose makes$/],
    ['a kernel that two layers share', (b) => {
      const shared = b.weight('shared', [4, 4]);
      const h = b.add('Tanh', [b.add('MatMul', [b.input('x', 'float32', ['n', 4]), shared])]);
      return b.add('MatMul', [h, shared]);
    }, /has a kernel that is tied to another layer$/],
  ])('is none behind %s', (_, build, reason) => {
    expect(chainOf(build)).toMatch(reason);
  });
});

describe('an autoencoder', () => {
  const layersOf = (widths: readonly number[]): readonly DenseLayer[] => foundIn(chainOf((b) => {
    let x = b.input('x', 'float32', ['n', widths[0] ?? 1]);
    widths.slice(1).forEach((width, i) => { x = b.add('Sigmoid', [gemm(b, x, `l${i}`, widths[i] ?? 1, width)]); });
    return x;
  })).layers;
  const pairs = (widths: readonly number[]): string[] => [...mirrored(layersOf(widths))].map(([a, b]) => `${a.kernel.name} ${b.kernel.name}`);

  it('has mirrored widths', () => {
    expect(pairs([8, 6, 3, 6, 8])).toEqual(['l0.weight l3.weight', 'l1.weight l2.weight']);
    expect(pairs([8, 3, 8])).toEqual(['l0.weight l1.weight']);
  });

  it('is no stack of one width, and none with another end', () => {
    expect(pairs([8, 8, 8])).toEqual([]);
    expect(pairs([8, 6, 3, 6])).toEqual([]);
    expect(pairs([8, 3, 6, 8])).toEqual([]);
  });

  it('has its weights as either layer stores them', () => {
    const weights = Float32Array.of(1, 2, 3, 4, 5, 6);
    const turned = Float32Array.of(1, 4, 2, 5, 3, 6);
    expect(storedKernel({ isTransposed: false }, weights, 2, 3)).toEqual(weights);
    expect(storedKernel({ isTransposed: true }, weights, 2, 3)).toEqual(turned);
    expect(storedKernel({ isTransposed: true }, weights, 2, 3, true)).toEqual(weights);
    expect(storedKernel({ isTransposed: false }, weights, 2, 3, true)).toEqual(turned);
  });
});
