import { describe, expect, it } from 'vitest';

import { createRecipes, schemeNotes } from '../../../../src/core/initializers/recipes';
import { sampleElements } from '../../../../src/core/initializers/sampling';
import type { Layer } from '../../../../src/core/layers/layer';
import { layersOf, present } from '../../support/graphs';

/** A convolution to 8 channels, from which pixels are made. */
function shuffled(mode: string, isActive = false): readonly Layer[] {
  return layersOf((b) => {
    const conv = b.add('Conv', [b.input('x', 'float32', ['n', 3, 5, 5]), b.weight('w', [8, 3, 3, 3])]);
    return b.add('DepthToSpace', [isActive ? b.add('Relu', [conv]) : conv], { blocksize: 2, mode });
  });
}

/** Of [8, 27] elements, the first channel that each is like. */
function alike(layers: readonly Layer[]): readonly number[] {
  const recipe = present(createRecipes(layers, { scheme: 'icnr', seed: 4 })[0]);
  const values = sampleElements(recipe, [8, 3, 3, 3], 0, 216);
  const channels = Array.from({ length: 8 }, (_, i) => values.subarray(i * 27, (i + 1) * 27).join());
  return channels.map((channel) => channels.indexOf(channel));
}

describe('ICNR', () => {
  it('draws channels of one pixel’s neighbours alike, where the operator has them', () => {
    expect(alike(shuffled('CRD'))).toEqual([0, 0, 0, 0, 4, 4, 4, 4]);
    expect(alike(shuffled('DCR'))).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
    expect(alike(shuffled('CRD', true))).toEqual([0, 0, 0, 0, 4, 4, 4, 4]);
    expect(schemeNotes(shuffled('CRD'), ['icnr'])).toEqual([]);
  });
  it('says where nothing is shuffled', () => {
    const layers = layersOf((b) => b.add('Conv', [b.input('x', 'float32', ['n', 3, 5, 5]), b.weight('w', [8, 3, 3, 3])]));
    expect(schemeNotes(layers, ['icnr'])).toEqual([expect.stringContaining('No DepthToSpace was found')]);
    expect(createRecipes(layers, { scheme: 'icnr', seed: 0 })[0]?.blocks[0]?.sampler.kind).toBe('normal');
  });
});

describe('bilinear kernels', () => {
  const layers = (taps: number, stride: number, shape: readonly [number, number]): readonly Layer[] => layersOf((b) => b.add('ConvTranspose', [
    b.input('x', 'float32', ['n', shape[0], 5, 5]), b.weight('w', [...shape, taps, taps]),
  ], { strides: [stride, stride] }));
  it('say what they cannot be', () => {
    expect(schemeNotes(layers(4, 2, [3, 3]), ['bilinear'])).toEqual([]);
    expect(schemeNotes(layers(2, 2, [3, 3]), ['bilinear'])).toEqual([expect.stringContaining('2f − f mod 2 taps')]);
    expect(schemeNotes(layers(4, 2, [3, 2]), ['bilinear'])).toEqual([expect.stringContaining('not as many outputs as inputs')]);
    const none = layersOf((b) => b.add('MatMul', [b.input('x', 'float32', ['n', 3]), b.weight('w', [3, 3])]));
    expect(schemeNotes(none, ['bilinear'])).toEqual([expect.stringContaining('No transposed convolution')]);
  });
});

describe('zeros of a sparse matrix', () => {
  it.each([[1, [20, 30]], [0, [30, 20]]] as const)('are as many of each input, whichever way it is stored (transB %d)', (transB, shape) => {
    const layers = layersOf((b) => b.add('Gemm', [b.input('x', 'float32', ['n', 30]), b.weight('w', shape)], { transB }));
    const recipe = present(createRecipes(layers, { scheme: 'sparse', seed: 0, options: { sparsity: 0.5 } })[0]);
    const values = sampleElements(recipe, shape, 0, 600);
    const zerosOf = (input: number): number => values.filter((value, i) => value === 0 && (transB === 1 ? i % 30 : Math.floor(i / 20)) === input).length;
    expect(Array.from({ length: 30 }, (_, input) => zerosOf(input))).toEqual(Array.from({ length: 30 }, () => 10));
    expect(recipe.origin.title).toBe('Sparse, 10 of 20 zero, seed 0');
  });
});
