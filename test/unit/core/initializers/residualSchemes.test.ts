import { describe, expect, it } from 'vitest';

import { createRecipes, schemeNotes } from '../../../../src/core/initializers/recipes';
import type { Layer } from '../../../../src/core/layers/layer';
import type { Sampler } from '../../../../src/protocol/recipe';
import type { SchemeId } from '../../../../src/protocol/schemes';
import type { NetworkBuilder } from '../../support/graphs';
import { layersOf, present } from '../../support/graphs';

const width = 16;
const linear = (b: NetworkBuilder, x: string, name: string, outputs = width): string => b.add('MatMul', [x, b.weight(name, [width, outputs])]);
const norm = (b: NetworkBuilder, x: string, name: string): string => (
  b.add('BatchNormalization', [x, ...['gamma', 'beta', 'mean', 'var'].map((part) => b.weight(`${name}.${part}`, [width]))]));

/** A stem, four branches of two layers, a head. */
function residual(end: (b: NetworkBuilder, h: string, i: number) => string): readonly Layer[] {
  return layersOf((b) => {
    let x = linear(b, b.input('x', 'float32', ['n', width]), 'stem');
    for (let i = 0; i < 4; i++) x = b.add('Add', [x, end(b, linear(b, b.add('Relu', [linear(b, x, `first${i}`)]), `last${i}`), i)]);
    return linear(b, x, 'head');
  });
}
const plain = residual((_, h) => h);
const normed = residual((b, h, i) => norm(b, h, `norm${i}`));

/** Two Transformer layers; the signal is multiplied before each addition, where a factor is given. */
function transformer(alpha: number | null): readonly Layer[] {
  return layersOf((b) => {
    let x = b.add('Gather', [b.weight('tokens', [50, width]), b.input('ids', 'int64', ['n', 4])]);
    const skip = (signal: string): string => (alpha === null ? signal : b.add('Mul', [signal, b.scalar(alpha)]));
    for (let i = 0; i < 2; i++) {
      const [q, k, v] = ['q', 'k', 'v'].map((name) => linear(b, x, `${name}${i}`));
      const scores = b.add('Softmax', [b.add('MatMul', [present(q), b.add('Transpose', [present(k)], { perm: [0, 2, 1] })])]);
      x = b.add('Add', [skip(x), linear(b, b.add('MatMul', [scores, present(v)]), `out${i}`)]);
      x = b.add('Add', [skip(x), linear(b, b.add('Relu', [linear(b, x, `up${i}`)]), `down${i}`)]);
    }
    return linear(b, x, 'head', 3);
  });
}

function samplerOf(layers: readonly Layer[], scheme: SchemeId, name: string): Sampler {
  const recipe = createRecipes(layers, { scheme, seed: 0 }).find(({ tensorId }) => tensorId === name);
  return present(present(recipe).blocks[0]).sampler;
}
function stdOf(layers: readonly Layer[], scheme: SchemeId, name: string): number {
  const sampler = samplerOf(layers, scheme, name);
  if (sampler.kind === 'normal') return sampler.std;
  return sampler.kind === 'uniform' ? sampler.high / Math.sqrt(3) : NaN;
}

describe('zero γ', () => {
  it('closes branches by their last norm, draws kernels from He and the classifier narrowly', () => {
    expect(samplerOf(normed, 'zero-gamma', 'norm2.gamma')).toEqual({ kind: 'constant', value: 0 });
    expect(stdOf(normed, 'zero-gamma', 'last2')).toBeCloseTo(Math.sqrt(2 / width), 14);
    expect(stdOf(normed, 'zero-gamma', 'head')).toBe(0.01);
    expect(schemeNotes(normed, ['zero-gamma'])).toEqual([]);
  });
  it('says so where branches have no norm', () => expect(schemeNotes(plain, ['zero-gamma'])).toEqual([expect.stringContaining('4 branches of 4')]));
});

describe('GPT-2', () => {
  it('is narrow everywhere, and by the root of their number narrower at the end of branches', () => {
    expect(stdOf(plain, 'gpt2', 'first1')).toBe(0.02);
    expect(stdOf(plain, 'gpt2', 'last1')).toBeCloseTo(0.02 / Math.sqrt(4), 14);
    expect(stdOf(transformer(null), 'gpt2', 'tokens')).toBe(0.02);
    expect(stdOf(transformer(null), 'gpt2', 'out1')).toBeCloseTo(0.02 / 2, 14);
  });
});

describe('Fixup', () => {
  it('closes branches and head by zeros, and scales the other layers of a branch by L^(−1/(2m − 2))', () => {
    expect(samplerOf(plain, 'fixup', 'last3')).toEqual({ kind: 'constant', value: 0 });
    expect(samplerOf(plain, 'fixup', 'head')).toEqual({ kind: 'constant', value: 0 });
    expect(stdOf(plain, 'fixup', 'stem')).toBeCloseTo(Math.sqrt(2 / width), 14);
    // Four branches of two layers: 4^(−½).
    expect(stdOf(plain, 'fixup', 'first3')).toBeCloseTo(Math.sqrt(2 / width) / 2, 14);
  });
  it('says what the architecture lacks', () => {
    expect(schemeNotes(plain, ['fixup'])).toEqual([expect.stringContaining('The graph has none: only the weights')]);
    expect(schemeNotes(normed, ['fixup'])).toHaveLength(2);
  });
  it('leaves γ of norms at 1', () => expect(samplerOf(normed, 'fixup', 'norm0.gamma')).toEqual({ kind: 'constant', value: 1 }));
});

const xavier = Math.sqrt(2 / (2 * width));

describe('T-Fixup and DeepNet', () => {
  it.each([
    ['t-fixup', 0.67 * 2 ** -0.25], ['deepnet', 16 ** -0.25],
  ] as const)('%s scale what adds to the signal, and neither queries and keys nor the head', (scheme, gain) => {
    const layers = transformer(null);
    for (const name of ['v0', 'out1', 'up0', 'down1']) expect(stdOf(layers, scheme, name), name).toBeCloseTo(gain * xavier, 14);
    for (const name of ['q0', 'k1']) expect(stdOf(layers, scheme, name), name).toBeCloseTo(xavier, 14);
    expect(stdOf(layers, scheme, 'head')).toBeCloseTo(Math.sqrt(2 / (width + 3)), 14);
  });
  it('T-Fixup’s embeddings are N(0, 1/d), scaled by (9N)^(−¼)', () => {
    expect(stdOf(transformer(null), 't-fixup', 'tokens')).toBeCloseTo(width ** -0.5 * 18 ** -0.25, 14);
  });
  it('DeepNet asks for α, and is content where the graph has it', () => {
    expect(schemeNotes(transformer(null), ['deepnet'])).toEqual([expect.stringContaining('α = (2N)^¼ = 1.41 before each addition. The graph has no factor')]);
    expect(schemeNotes(transformer(3), ['deepnet'])).toEqual([expect.stringContaining('other factors (3)')]);
    expect(schemeNotes(transformer(4 ** 0.25), ['deepnet'])).toEqual([]);
    expect(stdOf(transformer(4 ** 0.25), 'deepnet', 'up1')).toBeCloseTo(16 ** -0.25 * xavier, 14);
  });
});

describe('a network without branches', () => {
  const layers = layersOf((b) => linear(b, b.add('Relu', [linear(b, b.input('x', 'float32', ['n', width]), 'first')]), 'head'));
  it.each(['zero-gamma', 'gpt2', 'fixup'] as const)('%s says that it has nothing to do', (scheme) => {
    expect(schemeNotes(layers, [scheme])).toEqual([expect.stringContaining('No residual branch was found')]);
  });
});
