import { describe, expect, it } from 'vitest';

import { forwardGain } from '../../../../src/core/ops/quadrature';
import { createRecipes } from '../../../../src/core/initializers/recipes';
import { sampleElements } from '../../../../src/core/initializers/sampling';
import type { Layer } from '../../../../src/core/layers/layer';
import type { SchemeId, SchemeOptions } from '../../../../src/protocol/schemes';
import { layersOf, present } from '../../support/graphs';
import { deviation } from '../../support/orthogonality';

function kernel(op: string, shape: readonly number[], attributes = {}): readonly Layer[] {
  return layersOf((b) => {
    const spatial = shape.slice(2).map(() => 9);
    const x = op === 'MatMul' ? b.input('x', 'float32', [...shape.slice(0, -2), 'n', present(shape.at(-2))]) : b.input('x', 'float32', ['n', 'c', ...spatial]);
    return b.add('Relu', [b.add(op, [x, b.weight('w', shape)], attributes)]);
  });
}

function drawn(layers: readonly Layer[], scheme: SchemeId, shape: readonly number[], options: SchemeOptions = {}): Float64Array {
  const recipe = present(createRecipes(layers, { scheme, seed: 2, options }).find(({ tensorId }) => tensorId === 'w'));
  return sampleElements(recipe, shape, 0, shape.reduce((all, size) => all * size, 1));
}

describe('orthogonal kernels', () => {
  it.each<readonly [string, readonly number[], object, number, number]>([
    ['MatMul', [12, 7], {}, 12, 7], ['MatMul', [3, 5, 9], {}, 5, 9], ['Conv', [8, 3, 3, 3], {}, 8, 27], ['Conv', [8, 2, 3, 3], { group: 4 }, 2, 18],
    ['Conv', [6, 1, 5, 5], { group: 6 }, 1, 25], ['ConvTranspose', [8, 4, 3, 3], {}, 8, 36],
  ])('of %s %j are orthogonal, group by group', (op, shape, attributes, rows, columns) => {
    const values = drawn(kernel(op, shape, attributes), 'orthogonal', shape, { gain: 3 });
    for (let at = 0; at < values.length; at += rows * columns) {
      expect(deviation(values.subarray(at, at + rows * columns), rows, columns, 3)).toBeLessThan(1e-6);
    }
  });
  it('give way to normals of their scale where a decomposition would take minutes', () => {
    const layers = kernel('MatMul', [4096, 4096]);
    const recipe = present(createRecipes(layers, { scheme: 'orthogonal', seed: 0 })[0]);
    expect(recipe.blocks).toEqual([{ sampler: { kind: 'normal', mean: 0, std: 1 / 64 } }]);
    expect(recipe.origin.title).toContain('a decomposition of 4096 × 4096 takes minutes');
  });
});

describe('delta-orthogonal kernels', () => {
  it.each<readonly [string, readonly number[], object, number]>([
    ['Conv', [6, 4, 3, 3], {}, 1], ['Conv', [6, 4, 5], {}, 1], ['Conv', [8, 2, 4, 4], { group: 2 }, 2], ['ConvTranspose', [4, 6, 3, 3], {}, 1],
  ])('of %s %j are orthogonal in the middle tap, and zero around it', (op, shape, attributes, groups) => {
    const values = drawn(kernel(op, shape, attributes), 'delta-orthogonal', shape);
    const [first = 1, second = 1, ...taps] = shape;
    const every = taps.reduce((all, size) => all * size, 1);
    const middle = taps.reduce((sum, size) => sum * size + Math.floor((size - 1) / 2), 0);
    const centre = values.filter((_, i) => i % every === middle);
    expect(values.every((value, i) => i % every === middle || value === 0)).toBe(true);
    const each = (first / groups) * second;
    for (let g = 0; g < groups; g++) expect(deviation(centre.subarray(g * each, (g + 1) * each), first / groups, second)).toBeLessThan(1e-6);
  });
});

describe('the identity', () => {
  it('passes each channel of a convolution on', () => {
    const values = drawn(kernel('Conv', [2, 3, 1, 3]), 'identity', [2, 3, 1, 3], { gain: 2 });
    expect([...values]).toEqual([0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
  });
  it('is the recurrent kernel of an RNN', () => {
    const layers = layersOf((b) => (
      b.add('RNN', [b.input('x', 'float32', ['t', 'n', 3]), b.weight('u', [1, 2, 3]), b.weight('w', [1, 2, 2])], { hidden_size: 2 })));
    expect([...drawn(layers, 'identity', [1, 2, 2])]).toEqual([1, 0, 0, 1]);
  });
});

describe('the activation’s moments', () => {
  const spread = (name: string, options: SchemeOptions): number => {
    const layers = layersOf((b) => {
      const h = b.add(name, [b.add('MatMul', [b.input('x', 'float32', ['n', 40]), b.weight('w', [40, 10])])]);
      return b.add('MatMul', [h, b.weight('v', [10, 2])]);
    });
    const { sampler } = present(present(createRecipes(layers, { scheme: 'moments', seed: 0, options })[0]).blocks[0]);
    return sampler.kind === 'normal' ? sampler.std : NaN;
  };
  /** E f² and E f'² by quadrature to six digits, from the table of golden moments. */
  it.each([['Relu', 0.5, 0.5], ['Tanh', 0.394294, 0.464403], ['Gelu', 0.425221, 0.455851], ['Softsign', 0.183014, 0.227671]])(
    'of %s keep the signal, the gradient, or the mean of both', (name, second, slope) => {
      expect(spread(name, {}) ** -2).toBeCloseTo(40 * second, 4);
      expect(spread(name, { direction: 'backward' }) ** -2).toBeCloseTo(10 * slope, 4);
      expect(spread(name, { direction: 'between' }) ** -2).toBeCloseTo((40 * second + 10 * slope) / 2, 4);
    },
  );
  it('agree with the gain that is recommended', () => {
    const layers = kernel('MatMul', [40, 10]);
    const scalar = present(present(present(layers[0]).activation).scalar);
    expect(spread('Relu', {})).toBeCloseTo(forwardGain(scalar) / Math.sqrt(40), 14);
  });
});
