import { describe, expect, it } from 'vitest';

import { EditLog } from '../../../../src/core/edits/log';
import { withSumsOf } from '../../../../src/core/initializers/drawnSums';
import { createRecipes } from '../../../../src/core/initializers/recipes';
import { sampleElements } from '../../../../src/core/initializers/sampling';
import type { Recipe, RecipeBlock } from '../../../../src/protocol/recipe';
import { layersOf, present } from '../../support/graphs';

const recipe = (tensorId: string, blocks: readonly RecipeBlock[], twin?: Recipe['twin']): Recipe => (
  { version: 1, tensorId, seed: 1, blocks, origin: { scheme: 'centred-sigmoid', title: '' }, ...(twin ? { twin } : {}) });
const normal: RecipeBlock = { sampler: { kind: 'normal', mean: 0, std: 1 } };
const sums = (of: Partial<Recipe> = {}): RecipeBlock => (
  { sampler: { kind: 'unit-sums', factor: 2, inner: 1, count: 3, of: { tensorId: 'w', shape: [4, 3], blocks: [normal], ...of } } });

describe('sums of drawn tensors', () => {
  it('are of what the tensor is drawn by in the end', () => {
    const twin = { tensorId: 'v', transposed: true };
    const found = withSumsOf(new Map([['b', recipe('b', [sums()])], ['w', recipe('w', [normal], twin)]]));
    expect(found.get('b')?.blocks).toEqual([sums({ twin })]);
    const bias = sampleElements(present(found.get('b')), [3], 0, 3);
    const kernel = sampleElements(present(found.get('w')), [4, 3], 0, 12);
    bias.forEach((value, unit) => {
      expect(value).toBeCloseTo(2 * kernel.filter((_, i) => i % 3 === unit).reduce((sum, each) => sum + each, 0), 12);
    });
  });
  it('fall away with it', () => expect([...withSumsOf(new Map([['b', recipe('b', [sums()])]])).keys()]).toEqual([]));
  it('leave other recipes as they are', () => {
    const other = recipe('w', [normal]);
    expect(withSumsOf(new Map([['w', other]])).get('w')).toBe(other);
  });
  it('are those of the kernel that two layers share', () => {
    const layers = layersOf((b) => {
      const w = b.weight('w', [6, 6]);
      const linear = (x: string, bias: string): string => b.add('Gemm', [x, w, b.weight(bias, [6])], { transB: 1 });
      return linear(b.add('Sigmoid', [linear(b.add('Sigmoid', [linear(b.input('x', 'float32', ['n', 6]), 'b1')]), 'b2')]), 'b3');
    });
    const recipes = new Map(createRecipes(layers, { scheme: 'centred-sigmoid', seed: 0 }).map((each) => [each.tensorId, each]));
    const kernel = sampleElements(present(recipes.get('w')), [6, 6], 0, 36);
    for (const id of ['b2', 'b3']) {
      sampleElements(present(recipes.get(id)), [6], 0, 6).forEach((value, unit) => {
        expect(value).toBeCloseTo(-kernel.subarray(unit * 6, unit * 6 + 6).reduce((sum, each) => sum + each, 0) / 2, 12);
      });
    }
  });
  it('are taken back and brought again with it', () => {
    const log = new EditLog();
    const edit = log.push({ label: 'centred', recipes: [recipe('b', [sums()]), recipe('w', [normal])] });
    const before = log.signature();
    edit.undo();
    expect(log.current().size).toBe(0);
    edit.redo();
    expect(log.signature()).toBe(before);
  });
});
