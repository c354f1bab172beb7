/** When two recipes are the same: by what they draw of each element, however their blocks are cut. */
import { describe, expect, it } from 'vitest';

import { isSameLaw } from '../../../../src/core/initializers/sameLaw';
import type { RecipeBlock, Sampler } from '../../../../src/protocol/recipe';

const shape = [4, 6];
const one: Sampler = { kind: 'constant', value: 1 };
const two: Sampler = { kind: 'constant', value: 2 };
const matrix: Sampler = { kind: 'orthogonal', gain: 1, rows: 2, columns: 6 };
const rows = (sampler: Sampler, start: number, end: number): RecipeBlock => ({ sampler, slices: [{ axis: 0, start, end }] });
const same = (a: readonly RecipeBlock[], b: readonly RecipeBlock[]): boolean => isSameLaw(a, b, shape);

describe('laws are the same', () => {
  it.each<readonly [string, readonly RecipeBlock[], readonly RecipeBlock[]]>([
    ['in pieces', [{ sampler: one }], [rows(one, 0, 3), rows(one, 3, 4)]], ['in another order', [rows(one, 0, 2), rows(two, 2, 4)], [rows(two, 2, 4),
      rows(one, 0, 2)]],
    ['where a block is behind another', [rows(one, 0, 2), { sampler: two }], [rows(two, 2, 4), { sampler: one }]],
    ['where nothing draws, and zeros', [rows(one, 0, 2)], [rows(one, 0, 2), { sampler: { kind: 'constant', value: 0 } }]],
    ['of numbers that are rounded', [{ sampler: { kind: 'normal', mean: 0, std: 0.1 + 0.2 } }], [{ sampler: { kind: 'normal', mean: 0, std: 0.3 } }]],
    ['of what does not vary', [{ sampler: { kind: 'uniform', low: 1, high: 1 } }], [{ sampler: one }]],
    ['of matrices, one for each gate', [rows(matrix, 0, 2), rows(matrix, 2, 4)],
      [{ sampler: matrix, slices: [{ axis: 1, start: 0, end: 6 }, { axis: 0, start: 2, end: 4 }] }, rows(matrix, 0, 2)]],
  ])('%s', (_, a, b) => {
    expect(same(a, b)).toBe(true);
    expect(same(b, a)).toBe(true);
  });
});

describe('laws are others', () => {
  it.each<readonly [string, readonly RecipeBlock[], readonly RecipeBlock[]]>([
    ['where an element differs', [{ sampler: one }], [rows(one, 0, 3), rows(two, 3, 4)]],
    ['of other distributions', [{ sampler: { kind: 'normal', mean: 0, std: 1 } }], [{ sampler: { kind: 'uniform', low: -Math.sqrt(3), high: Math.sqrt(3) } }]],
    ['of a spread that differs in the eighth digit', [{ sampler: { kind: 'normal', mean: 0, std: 1 } }], [{ sampler: { kind: 'normal', mean: 0,
      std: 1.00000001 } }]],
    ['of one matrix, and one for each gate', [rows(matrix, 0, 2), rows(matrix, 2, 4)], [{ sampler: { ...matrix, rows: 4 } }]],
    ['of matrices that lie elsewhere', [rows(matrix, 0, 2), rows(matrix, 2, 4)], [rows(matrix, 1, 3), { sampler: matrix }]],
    ['of another cut', [{ sampler: { kind: 'truncated-normal', mean: 0, std: 1, tail: 0.02 } }], [{ sampler: { kind: 'truncated-normal', mean: 0, std: 1,
      tail: 0.01 } }]],
  ])('%s', (_, a, b) => {
    expect(same(a, b)).toBe(false);
  });
});
