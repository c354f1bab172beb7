import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../../../src/core/initializers/recipes';
import type { Layer } from '../../../../src/core/layers/layer';
import { kernelOf, layersOf, only } from '../../support/graphs';
import type { NetworkBuilder } from '../../support/graphs';

const width = 8;

function rows(b: NetworkBuilder, tensor: string, start: number, end: number): string {
  return b.add('Slice', [tensor, b.ints([start]), b.ints([end]), b.ints([0])]);
}

/** A product with some rows of a matrix, and a bias that is some elements of a vector. */
function project(b: NetworkBuilder, x: string, start: number, end: number): string {
  const product = b.add('MatMul', [x, b.add('Transpose', [rows(b, 'in_proj.weight', start, end)], { perm: [1, 0] })]);
  return b.add('Add', [rows(b, 'in_proj.bias', start, end), product]);
}

/** Attention to another sequence, as PyTorch packs it: one matrix, cut before it is multiplied. */
function crossAttention(b: NetworkBuilder): string {
  b.weight('in_proj.weight', [3 * width, width]);
  b.weight('in_proj.bias', [3 * width]);
  const query = project(b, b.input('x', 'float32', ['n', 5, width]), 0, width);
  const [key = '', value = ''] = ['key', 'value'].map((name) => b.fresh(name));
  const packed = project(b, b.input('memory', 'float32', ['n', 7, width]), width, 3 * width);
  const axis = { kind: 'int', value: -1 } as const;
  b.append({ name: 'split', domain: '', op: 'Split', inputs: [packed, b.ints([width, width])], outputs: [key, value], attributes: { axis } });
  const scores = b.add('MatMul', [query, b.add('Transpose', [key], { perm: [0, 2, 1] })]);
  return b.add('MatMul', [b.add('Softmax', [scores], { axis: -1 }), value]);
}

describe('a matrix that several products take apart', () => {
  const layers = layersOf(crossAttention);
  const biasOf = (layer: Layer) => only(layer.weights.filter((weight) => weight.role === 'bias'));

  it('is the kernel of each, with the bias that is cut alike', () => {
    expect(layers.map((layer) => [kernelOf(layer).name, kernelOf(layer).seenShape, biasOf(layer).name])).toEqual([
      ['in_proj.weight', [width, width], 'in_proj.bias'], ['in_proj.weight', [width, 2 * width], 'in_proj.bias'],
    ]);
  });
  it('has the parts of all of them, each with its own fans', () => {
    for (const layer of layers) {
      expect(kernelOf(layer).fans).toEqual({ fanIn: width, fanOut: width });
      expect(kernelOf(layer).parts.map(({ name, fans, slices }) => [name, fans, slices])).toEqual(['query', 'key', 'value'].map((name, i) => (
        [name, { fanIn: width, fanOut: width }, [{ axis: 0, start: i * width, end: (i + 1) * width }]])));
    }
  });
  it('is drawn whole, once', () => {
    const recipe = only(createRecipes(layers, { scheme: 'he-normal', seed: 1 }).filter(({ tensorId }) => tensorId === 'in_proj.weight'));
    expect(recipe.blocks).toEqual([{ sampler: { kind: 'normal', mean: 0, std: Math.sqrt(2 / width) } }]);
  });
});

describe('rows that are no thirds', () => {
  it('are a part by themselves, and all of it is drawn alike', () => {
    const layer = only(layersOf((b) => {
      b.weight('table', [10, width]);
      return b.add('MatMul', [b.input('x', 'float32', ['n', width]), b.add('Transpose', [rows(b, 'table', 1, 5)], { perm: [1, 0] })]);
    }));
    expect(kernelOf(layer).parts.map(({ name, fans }) => [name, fans])).toEqual([['rows 1 to 4', { fanIn: width, fanOut: 4 }]]);
    expect(only(createRecipes([layer], { scheme: 'he-normal', seed: 1 })).blocks).toHaveLength(1);
  });
  it('may be columns', () => {
    const layer = only(layersOf((b) => {
      b.weight('table', [10, width]);
      const columns = b.add('Slice', ['table', b.ints([1]), b.ints([5]), b.ints([1])]);
      return b.add('MatMul', [b.input('x', 'float32', ['n', 10]), columns]);
    }));
    const fans = { fanIn: 10, fanOut: 4 };
    expect([kernelOf(layer).seenShape, kernelOf(layer).fans]).toEqual([[10, 4], fans]);
    expect(kernelOf(layer).parts).toEqual([{ name: 'columns 1 to 4', fans, slices: [{ axis: 1, start: 1, end: 5 }], rows: 10, columns: 4 }]);
  });
  it('are none where some of both are cut', () => {
    expect(layersOf((b) => {
      b.weight('table', [10, width]);
      const block = b.add('Slice', ['table', b.ints([1, 1]), b.ints([5, 5]), b.ints([0, 1])]);
      return b.add('MatMul', [b.input('x', 'float32', ['n', 4]), block]);
    })).toEqual([]);
  });
});

describe('a kernel of several convolutions', () => {
  it('that a Split takes apart along its last axis, before it is turned round, is one of each', () => {
    const layers = layersOf((b) => {
      b.weight('gates', [3, 3, 2, 8]);
      const x = b.input('x', 'float32', ['n', 2, 6, 6]);
      const [first = '', second = ''] = b.addMany('Split', ['gates'], 2, { axis: 3 }).map((part) => (
        b.add('Conv', [x, b.add('Transpose', [part], { perm: [3, 2, 0, 1] })])));
      return b.add('Mul', [b.add('Sigmoid', [first]), b.add('Tanh', [second])]);
    });
    const fans = { fanIn: 18, fanOut: 36 };
    expect(layers.map((layer) => [layer.detail, kernelOf(layer).seenShape, kernelOf(layer).fans])).toEqual([
      ['3×3', [4, 2, 3, 3], fans], ['3×3', [4, 2, 3, 3], fans],
    ]);
    const slices = [0, 4].map((start) => [{ axis: 3, start, end: start + 4 }]);
    for (const layer of layers) expect(kernelOf(layer).parts.map((part) => part.slices)).toEqual(slices);
  });
});
