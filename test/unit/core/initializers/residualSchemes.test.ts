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

describe('a network without branches', () => {
  const layers = layersOf((b) => linear(b, b.add('Relu', [linear(b, b.input('x', 'float32', ['n', width]), 'first')]), 'head'));
  it.each(['zero-gamma', 'gpt2', 'fixup'] as const)('%s says that it has nothing to do', (scheme) => {
    expect(schemeNotes(layers, [scheme])).toEqual([expect.stringContaining('No residual branch was found')]);
  });
});
