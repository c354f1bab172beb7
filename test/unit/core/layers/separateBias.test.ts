import { describe, expect, it } from 'vitest';

import { layersOf } from '../../support/graphs';
import type { NetworkBuilder } from '../../support/graphs';

type Build = (b: NetworkBuilder) => string;

const product: Build = (b) => b.add('MatMul', [b.input('x', 'float32', ['n', 9, 12]), b.weight('w', [12, 15])]);
const convolution: Build = (b) => b.add('Conv', [b.input('x', 'float32', ['n', 3, 1, 6]), b.weight('w', [15, 3, 1, 1])]);
const reshaped = (of: Build, ...target: readonly number[]): Build => (b) => b.add('Reshape', [of(b), b.ints(target)]);
const squeezed = (of: Build, ...axes: readonly number[]): Build => (b) => b.add('Squeeze', [of(b), b.ints(axes)]);
const unsqueezed = (of: Build, ...axes: readonly number[]): Build => (b) => b.add('Unsqueeze', [of(b), b.ints(axes)]);
const turned = (of: Build, ...perm: readonly number[]): Build => (b) => b.add('Transpose', [of(b)], { perm: [...perm] });

const rolesOf = (of: Build, shape: readonly number[]): string => layersOf((b) => b.add('Relu', [b.add('Add', [of(b), b.weight('b', shape)])]))
  .map(({ weights }) => weights.map(({ role }) => role).join()).join(' ');

describe('a bias that other operators separate from its product', () => {
  it.each<[string, Build, readonly number[]]>([
    ['a sequence that is put together again', reshaped(product, -1, 9, 15), [15]],
    ['heads', reshaped(product, -1, 9, 3, 5), [3, 5]],
    ['a sequence of a length that is not known', (b) => b.add('Reshape', [product(b), b.add('Concat', [
      b.add('Slice', [b.add('Shape', ['x']), b.ints([0]), b.ints([2])]), b.ints([15])], { axis: 0 })]), [15]],
    ['heads before positions', turned(reshaped(product, -1, 9, 3, 5), 0, 2, 1, 3), [3, 1, 5]],
    ['heads that are put together again', reshaped(reshaped(product, -1, 9, 3, 5), -1, 15), [15]],
    ['a convolution in one dimension', squeezed(convolution, 2), [15, 1]],
    ['one that is put behind its positions', turned(squeezed(convolution, -2), 0, 2, 1), [15]],
    ['positions in a row', turned(reshaped(convolution, 0, 15, -1), 0, 2, 1), [1, 1, 15]],
    ['an axis more', unsqueezed(product, -2), [1, 15]],
    ['an axis more, behind', unsqueezed(product, -1), [15, 1]],
    ['an axis more, and turned', turned(unsqueezed(product, -1), 0, 2, 1, 3), [15, 1, 1]],
  ])('%s', (_, of, shape) => {
    expect(rolesOf(of, shape)).toBe('kernel,bias');
    const [layer] = layersOf((b) => b.add('Relu', [b.add('Add', [of(b), b.weight('b', shape)])]));
    expect(layer).toMatchObject({ preactivation: 'Add_out', activation: { name: 'Relu' } });
  });

  it.each<[string, Build, readonly number[]]>([
    ['a table of positions', reshaped(product, -1, 9, 15), [9, 15]],
    ['one of sizes', reshaped(product, -1, 9, 3, 5), [5]],
    ['one of positions for each size', reshaped(product, -1, 9, 3, 5), [9, 1, 5]],
    ['sizes that are no outputs', reshaped(product, -1, 27, 5), [27, 5]],
    ['positions of a convolution', squeezed(convolution, 2), [6]],
    ['channels that may be mixed with the batch', reshaped(convolution, -1, 15, 6), [15, 1]],
    ['a vector along positions', turned(reshaped(product, -1, 15, 15), 0, 2, 1), [15]],
  ])('but not %s', (_, of, shape) => {
    expect(rolesOf(of, shape)).toBe('kernel frozen');
  });

  it('nor what is read between them', () => {
    const layers = layersOf((b) => {
      const h = reshaped(product, -1, 9, 3, 5)(b);
      const [u, v] = [b.add('Add', [h, b.weight('u', [3, 5])]), b.add('Add', [h, b.weight('v', [3, 5])])];
      return b.add('MatMul', [u, b.add('Transpose', [v], { perm: [0, 1, 3, 2] })]);
    });
    expect(layers.map(({ weights }) => weights.map(({ role }) => role).join())).toEqual(['kernel', 'frozen', 'frozen']);
  });
});
