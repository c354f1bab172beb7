import { describe, expect, it } from 'vitest';

import { createRecipes, schemeNotes } from '../../../../src/core/initializers/recipes';
import type { Layer } from '../../../../src/core/layers/layer';
import type { SchemeId, SchemeOptions } from '../../../../src/protocol/schemes';
import type { NetworkBuilder } from '../../support/graphs';
import { layersOf, present } from '../../support/graphs';

const width = 16;
const linear = (b: NetworkBuilder, x: string, name: string, outputs = width): string => b.add('MatMul', [x, b.weight(name, [width, outputs])]);

/** Words, four branches, a head. */
function residual(end: (b: NetworkBuilder, h: string, i: number) => string): readonly Layer[] {
  return layersOf((b) => {
    let x = b.add('Gather', [b.weight('words', [50, width]), b.input('ids', 'int64', ['n', 4])]);
    for (let i = 0; i < 4; i++) x = b.add('Add', [x, end(b, linear(b, b.add('Relu', [linear(b, x, `first${i}`)]), `last${i}`), i)]);
    return linear(b, x, 'head', 3);
  });
}
const plain = residual((_, h) => h);
const normed = residual((b, h, i) => b.add('LayerNormalization', [h, b.weight(`gamma${i}`, [width]), b.weight(`beta${i}`, [width])]));

/** σ of normals, the number itself of a constant. */
function valueOf(layers: readonly Layer[], scheme: SchemeId, name: string, options: SchemeOptions = {}): number {
  const sampler = present(present(createRecipes(layers, { scheme, seed: 0, options }).find(({ tensorId }) => tensorId === name)).blocks[0]).sampler;
  if (sampler.kind === 'constant') return sampler.value;
  return sampler.kind === 'normal' ? sampler.std : NaN;
}

describe('μP', () => {
  it('draws hidden layers by their width, the readout by its square, and words of order one', () => {
    expect(valueOf(plain, 'mup', 'first1')).toBeCloseTo(1 / Math.sqrt(width), 14);
    expect(valueOf(plain, 'mup', 'last1')).toBeCloseTo(1 / Math.sqrt(width), 14);
    expect(valueOf(plain, 'mup', 'head', { base: 4 })).toBeCloseTo(2 / width, 14);
    // At the base width all is as it would be anyhow.
    expect(valueOf(plain, 'mup', 'head', { base: width })).toBeCloseTo(1 / Math.sqrt(width), 14);
    expect(valueOf(plain, 'mup', 'words')).toBe(1);
    expect(schemeNotes(plain, ['mup'])).toEqual([expect.stringContaining('learning rates')]);
  });
});

describe.each([['depth-mup', 1 / 2, 'Depth-μP'], ['complete-p', 1, 'CompleteP']] as const)('%s', (scheme, alpha, title) => {
  it('scales what ends a branch by the depth', () => {
    expect(valueOf(plain, scheme, 'last2')).toBeCloseTo(4 ** -alpha / Math.sqrt(width), 14);
    expect(valueOf(plain, scheme, 'last2', { base: 2 })).toBeCloseTo(2 ** -alpha / Math.sqrt(width), 14);
    for (const name of ['first2', 'head']) expect(valueOf(plain, scheme, name)).toBeCloseTo(1 / Math.sqrt(width), 14);
  });
  it('or the norm that ends it', () => {
    expect(valueOf(normed, scheme, 'gamma2')).toBeCloseTo(4 ** -alpha, 14);
    expect(valueOf(normed, scheme, 'last2')).toBeCloseTo(1 / Math.sqrt(width), 14);
  });
  it('says what is not in the file', () => {
    expect(schemeNotes(plain, [scheme])).toEqual([expect.stringContaining(`${title} multiplies branches in the graph`)]);
    const none = layersOf((b) => linear(b, b.add('Relu', [linear(b, b.input('x', 'float32', ['n', width]), 'a')]), 'b'));
    expect(schemeNotes(none, [scheme])).toEqual([expect.stringContaining('No residual branch was found')]);
  });
});

describe('SmallInit', () => {
  it('draws by the width of the signal, and what ends a branch by the number of layers, too', () => {
    for (const name of ['words', 'first1', 'head']) expect(valueOf(plain, 'small-init', name)).toBeCloseTo(Math.sqrt(2 / (5 * width)), 14);
    // Four branches without attention are two layers.
    expect(valueOf(plain, 'small-init', 'last1')).toBeCloseTo(1 / Math.sqrt(width), 14);
  });
});
