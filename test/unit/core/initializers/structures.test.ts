import { describe, expect, it } from 'vitest';

import { recommend } from '../../../../src/core/initializers/recommendation';
import { createRecipes } from '../../../../src/core/initializers/recipes';
import { sampleElements } from '../../../../src/core/initializers/sampling';
import type { Layer, LayerWeight } from '../../../../src/core/layers/layer';
import type { Sampler } from '../../../../src/protocol/recipe';
import type { Recommendation } from '../../../../src/protocol/report';
import type { NetworkBuilder } from '../../support/graphs';
import { layersOf, only, present } from '../../support/graphs';

const weightIn = (layers: readonly Layer[], name: string): { readonly layer: Layer; readonly weight: LayerWeight } => (
  present(layers.flatMap((layer) => layer.weights.map((weight) => ({ layer, weight }))).find(({ weight }) => weight.name === name)));
const advised = (layers: readonly Layer[], name: string): Recommendation => {
  const { layer, weight } = weightIn(layers, name);
  return present(recommend(layer, weight)).recommendation;
};
/** What the recommended recipe of a tensor draws. */
function drawn(layers: readonly Layer[], name: string): Float64Array {
  const { weight: { tensor } } = weightIn(layers, name);
  const recipe = present(createRecipes(layers, { scheme: 'recommended', seed: 3 }).find(({ tensorId }) => tensorId === tensor.id));
  return sampleElements(recipe, tensor.shape, 0, tensor.shape.reduce((all, size) => all * size, 1));
}

const [inputs, hidden] = [6, 4];

function recurrent(op: 'LSTM' | 'GRU' | 'RNN', directions: 1 | 2, attributes = {}): readonly Layer[] {
  const gates = { LSTM: 4, GRU: 3, RNN: 1 }[op];
  return layersOf((b) => b.add(op, [
    b.input('x', 'float32', ['t', 'n', inputs]), b.weight('W', [directions, gates * hidden, inputs]), b.weight('R', [directions, gates * hidden, hidden]),
    b.weight('B', [directions, 2 * gates * hidden]),
  ], { hidden_size: hidden, direction: directions === 2 ? 'bidirectional' : 'forward', ...attributes }));
}

describe.each([['LSTM', 4], ['GRU', 3], ['RNN', 1]] as const)('the recurrent kernel of %s', (op, gates) => {
  it.each([1, 2] as const)('is orthogonal, gate by gate, in %d directions', (directions) => {
    const layers = recurrent(op, directions);
    expect(advised(layers, 'R')).toMatchObject({ scheme: 'orthogonal', distribution: 'orthogonal', std: 1 / Math.sqrt(hidden), title: 'Orthogonal' });
    const values = drawn(layers, 'R');
    for (let gate = 0; gate < directions * gates; gate++) {
      const q = Array.from({ length: hidden }, (_, i) => values.subarray((gate * hidden + i) * hidden, (gate * hidden + i + 1) * hidden));
      q.forEach((row, i) => q.forEach((other, j) => {
        const product = row.reduce((sum, value, k) => sum + value * (other[k] ?? 0), 0);
        expect(Math.abs(product - (i === j ? 1 : 0)), `gate ${gate}, rows ${i} and ${j}`).toBeLessThan(1e-12);
      }));
    }
  });
  it('is named by its gates, and its input kernel has the fans of one', () => {
    const layers = recurrent(op, 1);
    const { layer, weight } = weightIn(layers, 'R');
    expect(present(recommend(layer, weight)).parts.map((part) => part.recommendation)).toEqual(Array.from({ length: gates }, () => 'Orthogonal'));
    expect(advised(layers, 'W')).toMatchObject({ scheme: 'xavier-normal', std: Math.sqrt(2 / (inputs + hidden)) });
  });
});

describe('orthogonal', () => {
  it.each([['LSTM', 4], ['GRU', 3], ['RNN', 1]] as const)('draws the gates of %s with the gain that is asked for, else as recommended', (op, gates) => {
    const layers = recurrent(op, 1);
    const samplersOf = (scheme: 'orthogonal' | 'recommended', options = {}): readonly Sampler[] => (
      present(createRecipes(layers, { scheme, seed: 0, options }).find(({ tensorId }) => tensorId === 'R')).blocks.map(({ sampler }) => sampler));
    const gate = { kind: 'orthogonal', gain: 0.5, rows: hidden, columns: hidden };
    expect(samplersOf('orthogonal', { gain: 0.5 })).toEqual(Array.from({ length: gates }, () => gate));
    expect(samplersOf('orthogonal')).toEqual(samplersOf('recommended'));
  });
});

describe('fixed numbers', () => {
  it.each(['LSTM', 'GRU', 'RNN'] as const)('draw both kernels of %s, and leave its biases to their policy', (op) => {
    const recipes = createRecipes(recurrent(op, 1), { scheme: 'constant', seed: 0, options: { value: 3 } });
    const kinds = recipes.map(({ tensorId, blocks }) => [tensorId, blocks.map(({ sampler }) => (sampler.kind === 'constant' ? sampler.value : NaN))]);
    expect(kinds.filter(([name]) => name !== 'B')).toEqual([['W', [3]], ['R', [3]]]);
    expect(kinds.find(([name]) => name === 'B')?.[1]).not.toContain(3);
  });
});

describe('biases of recurrent layers', () => {
  it.each([1, 2] as const)('open the forget gate of an LSTM once, in %d directions', (directions) => {
    const layers = recurrent('LSTM', directions);
    expect(advised(layers, 'B')).toMatchObject({ title: 'Zeros, forget gate 1', std: 0 });
    const one = Array.from({ length: 8 * hidden }, (_, i) => (i >= 2 * hidden && i < 3 * hidden ? 1 : 0));
    expect([...drawn(layers, 'B')]).toEqual(Array.from({ length: directions }, () => one).flat());
  });
  it.each(['GRU', 'RNN'] as const)('are zero in %s', (op) => {
    expect(advised(recurrent(op, 1), 'B').title).toBe('Zeros');
    expect(new Set(drawn(recurrent(op, 1), 'B'))).toEqual(new Set([0]));
  });
  it('leave a rectified RNN to He', () => {
    expect(advised(recurrent('RNN', 1, { activations: { kind: 'strings', value: ['Relu'] } }), 'W').scheme).toBe('he-normal');
  });
});

describe('residual branches', () => {
  const width = 8;
  const linear = (b: NetworkBuilder, x: string, name: string): string => b.add('MatMul', [x, b.weight(name, [width, width])]);
  function blocks(count: number, end: (b: NetworkBuilder, h: string, i: number) => string): readonly Layer[] {
    return layersOf((b) => {
      let x = linear(b, b.input('x', 'float32', ['n', width]), 'stem');
      for (let i = 0; i < count; i++) x = b.add('Add', [x, end(b, linear(b, b.add('Relu', [linear(b, x, `first${i}`)]), `last${i}`), i)]);
      return linear(b, x, 'head');
    });
  }
  it('that end without a norm are scaled by the root of their number', () => {
    const layers = blocks(9, (_, h) => h);
    expect(advised(layers, 'last4')).toMatchObject({ scheme: 'lecun-normal', std: 1 / Math.sqrt(width) / 3, title: 'LeCun normal, gain 0.333' });
    expect(advised(layers, 'last4').reason).toContain('one of 9 residual branches');
    expect(advised(layers, 'first4')).toMatchObject({ scheme: 'he-normal', std: Math.sqrt(2 / width) });
    expect(advised(layers, 'head').gain).toBe(Math.sqrt(1 / 3));
  });
  it('that end with a norm are open, and closed by a scheme of their own', () => {
    const parts = ['gamma', 'beta', 'mean', 'var'];
    const layers = blocks(3, (b, h, i) => b.add('BatchNormalization', [h, ...parts.map((part) => b.weight(`${part}${i}`, [width]))]));
    expect(advised(layers, 'gamma1')).toMatchObject({ scheme: 'ones', source: expect.stringContaining('Goyal et al. 2017') as string });
    expect(advised(layers, 'last1')).toMatchObject({ scheme: 'lecun-normal', gain: 1 / Math.sqrt(3) });
    expect(new Set(drawn(layers, 'gamma1'))).toEqual(new Set([1]));
    const closed = createRecipes(layers, { scheme: 'zero-gamma', seed: 0 }).find(({ tensorId }) => tensorId === 'gamma1');
    expect(closed?.blocks).toEqual([{ sampler: { kind: 'constant', value: 0 } }]);
  });
  describe('whose sums are normalised', () => {
    const norm = (b: NetworkBuilder, x: string, name: string): string => (
      b.add('LayerNormalization', [x, b.weight(`${name}.gamma`, [width]), b.weight(`${name}.beta`, [width])]));
    /** As ONNX had it before there was an operator: d / √(⟨d²⟩ + ε). */
    const writtenNorm = (b: NetworkBuilder, x: string): string => {
      const d = b.add('Sub', [x, b.add('ReduceMean', [x, b.ints([-1])])]);
      const variance = b.add('ReduceMean', [b.add('Pow', [d, b.scalar(2)]), b.ints([-1])]);
      return b.add('Div', [d, b.add('Sqrt', [b.add('Add', [variance, b.scalar(1e-5)])])]);
    };
    const branch = (b: NetworkBuilder, x: string, i: number): string => linear(b, b.add('Relu', [linear(b, x, `first${i}`)]), `last${i}`);
    const network = (block: (b: NetworkBuilder, x: string, i: number) => string, end: (b: NetworkBuilder, x: string) => string): readonly Layer[] => (
      layersOf((b) => {
        let x = b.input('x', 'float32', ['n', width]);
        for (let i = 0; i < 4; i++) x = block(b, x, i);
        return linear(b, end(b, x), 'head');
      }));
    it.each([['by the operator', norm], ['as it is written out', writtenNorm]] as const)('do not add up: %s', (_, normalise) => {
      const layers = network((b, x, i) => normalise(b, b.add('Add', [x, branch(b, x, i)]), `norm${i}`), (_b, x) => x);
      for (const i of [0, 1, 2, 3]) expect(advised(layers, `last${i}`)).toMatchObject({ scheme: 'lecun-normal', gain: 1 });
      expect(advised(layers, 'last2').reason).toContain('whose sum is normalised');
    });
    it.each([['by the operator', norm], ['as it is written out', writtenNorm]] as const)('at the end alone do, the last one too: %s', (_, normalise) => {
      const layers = network((b, x, i) => b.add('Add', [x, branch(b, normalise(b, x, `norm${i}`), i)]), (b, x) => normalise(b, x, 'final'));
      for (const i of [0, 1, 2, 3]) expect(advised(layers, `last${i}`)).toMatchObject({ scheme: 'lecun-normal', gain: 1 / 2 });
    });
    it('by the operator that adds first do not, unless it hands on the sum', () => {
      const skip = (b: NetworkBuilder, x: string, h: string, name: string, outputs: readonly string[]): void => {
        const inputs = [x, h, b.weight(`${name}.gamma`, [width])];
        b.append({ name, domain: 'com.microsoft', op: 'SkipLayerNormalization', inputs, outputs, attributes: {} });
      };
      const post = network((b, x, i) => {
        skip(b, x, branch(b, x, i), `norm${i}`, [`h${i}`]);
        return `h${i}`;
      }, (_b, x) => x);
      for (const i of [0, 1, 2, 3]) expect(advised(post, `last${i}`).gain).toBe(1);
      const pre = layersOf((b) => {
        let sum = b.input('x', 'float32', ['n', width]);
        let x = norm(b, sum, 'first');
        for (let i = 0; i < 4; i++) {
          skip(b, sum, branch(b, x, i), `norm${i}`, [`h${i}`, '', '', ...(i < 3 ? [`sum${i}`] : [])]);
          [x, sum] = [`h${i}`, `sum${i}`];
        }
        return linear(b, x, 'head');
      });
      for (const i of [0, 1, 2, 3]) expect(advised(pre, `last${i}`).gain).toBe(1 / 2);
    });
  });
  it('are no branches where there is one, and it needs no scale', () => expect(advised(blocks(1, (_, h) => h), 'last0').gain).toBe(1));
});

describe('tensors with several parts or uses', () => {
  it('packed projections are drawn with the fans of one', () => {
    const [query, value] = [32, 8];
    const layers = layersOf((b) => {
      const packed = b.add('MatMul', [b.input('x', 'float32', ['n', 16]), b.weight('qkv', [16, query + 2 * value])]);
      const parts = b.addMany('Split', [packed, b.ints([query, value, value])], 3, { axis: -1 });
      return b.add('Concat', parts, { axis: 1 });
    });
    const [recipe] = createRecipes(layers, { scheme: 'xavier-normal', seed: 0 });
    const spreads = present(recipe).blocks.map(({ sampler }) => (sampler.kind === 'normal' ? sampler.std : NaN));
    spreads.forEach((spread, i) => expect(spread).toBeCloseTo(Math.sqrt(2 / (16 + (i === 0 ? query : value))), 14));
    expect(spreads).toHaveLength(3);
    expect(present(recipe).blocks.map(({ slices }) => slices)).toEqual([
      [{ axis: 1, start: 0, end: 32 }], [{ axis: 1, start: 32, end: 40 }], [{ axis: 1, start: 40, end: 48 }]]);
  });
  it('a table that is also the output kernel has the scale of that', () => {
    const layers = layersOf((b) => {
      const table = b.weight('table', [50, 16]);
      const h = b.add('Gather', [table, b.input('ids', 'int64', ['n'])]);
      return b.add('MatMul', [h, b.add('Transpose', [table], { perm: [1, 0] })]);
    });
    const embedding = present(layers.find((layer) => layer.op === 'Gather'));
    const found = present(recommend(embedding, only(embedding.weights))).recommendation;
    expect(found).toMatchObject({ scheme: 'lecun-normal', std: Math.sqrt(1 / 3) / 4 });
    expect(found.reason).toMatch(/^The same table is the kernel of /);
    const kernel = present(layers.find((layer) => layer.op === 'MatMul'));
    expect(present(recommend(kernel, only(kernel.weights))).recommendation.std).toBe(found.std);
  });
  it('attention is put together with gain 1', () => {
    const layers = layersOf((b) => {
      const x = b.input('x', 'float32', ['n', 4, 8]);
      const [q, k, v] = ['q', 'k', 'v'].map((name) => b.add('MatMul', [x, b.weight(name, [8, 8])]));
      const weights = b.add('Softmax', [b.add('MatMul', [present(q), b.add('Transpose', [present(k)], { perm: [0, 2, 1] })])]);
      const heads = b.add('Reshape', [b.add('MatMul', [weights, present(v)]), b.ints([0, 0, -1])]);
      return b.add('Gemm', [b.add('Relu', [b.add('MatMul', [heads, b.weight('out', [8, 8])])]), b.weight('head', [8, 3])]);
    });
    const plain = layersOf((b) => {
      const x = b.input('x', 'float32', ['n', 4, 8]);
      const [a, c] = ['a', 'c'].map((name) => b.add('MatMul', [x, b.weight(name, [8, 8])]));
      return b.add('MatMul', [b.add('MatMul', [b.add('MatMul', [present(a), b.add('Transpose', [present(c)], { perm: [0, 2, 1] })]), b.weight('out', [4, 8])]),
        b.weight('end', [8, 8])]);
    });
    expect(advised(layers, 'out').scheme).toBe('he-normal');
    expect(advised(plain, 'out').reason).toContain('heads of attention');
  });
});
