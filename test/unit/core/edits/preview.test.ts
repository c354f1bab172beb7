import { describe, expect, it } from 'vitest';

import { previewEdit, type PreviewSource } from '../../../../src/core/edits/preview';
import { createRecipes } from '../../../../src/core/initializers/recipes';
import { sampleElements } from '../../../../src/core/initializers/sampling';
import type { SchemeId } from '../../../../src/protocol/schemes';
import type { WeightPreview } from '../../../../src/protocol/preview';
import { layersOf, present } from '../../support/graphs';

const layers = layersOf((b) => {
  const h = b.add('Gemm', [b.input('x', 'float32', ['n', 20]), b.weight('small', [10, 20]), b.weight('bias', [10])], { transB: 1 });
  const wide = b.add('MatMul', [h, b.weight('large', [10, 4000])]);
  const deep = b.add('MatMul', [wide, b.weight('square', [4000, 300])]);
  return b.add('Add', [b.add('MatMul', [deep, b.weight('last', [300, 8])]), b.weight('table', [5, 8])]);
});

function preview(scheme: SchemeId, change: Partial<PreviewSource> = {}): ReadonlyMap<string, WeightPreview> {
  const { weights } = previewEdit({
    title: scheme, scope: 'all layers', notes: [], layers, recipes: createRecipes(layers, { scheme, seed: 4 }), kept: new Set(),
    statistics: new Map(), refuse: () => null, tied: () => [], ...change,
  });
  return new Map(weights.map((weight) => [weight.id, weight]));
}
const stdOf = (values: ArrayLike<number>): number => {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  return Math.sqrt(list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / list.length);
};

describe('a preview', () => {
  it('of a small tensor is what will be drawn', () => {
    const [recipe] = createRecipes(layers, { scheme: 'he-normal', seed: 4 });
    const { after, before } = present(preview('he-normal').get('small'));
    expect(after).toMatchObject({ title: 'He normal, fan_in, seed 4', sampled: null });
    expect(present(after).std).toBeCloseTo(stdOf(sampleElements(present(recipe), [10, 20], 0, 200)), 14);
    expect(present(after?.histogram).counts.reduce((sum, count) => sum + count, 0)).toBe(200);
    expect(before).toBeNull();
  });
  it('of a large one is a bounded sample from all over it', () => {
    const { after } = present(preview('he-normal').get('large'));
    expect(present(after?.sampled)).toBeLessThanOrEqual(1 << 14);
    // Five standard errors of a standard deviation.
    const expected = Math.sqrt(2 / 10);
    expect(Math.abs(present(after?.std) - expected)).toBeLessThan((5 * expected) / Math.sqrt(2 * present(after?.sampled)));
    const recipes = [{ version: 1, tensorId: 'large', seed: 0, origin: { scheme: 'normal', title: '' }, blocks: [
      { sampler: { kind: 'constant', value: 1 }, slices: [{ axis: 0, start: 0, end: 5 }] }, { sampler: { kind: 'constant', value: 3 } },
    ] }] as const;
    expect(present(preview('he-normal', { recipes }).get('large')?.after?.std)).toBeCloseTo(1, 2);
  });
  it('of what is only declared is the law, and no draw', () => {
    const declared = { name: 'zeros', blocks: [{ sampler: { kind: 'constant', value: 0 } }] } as const;
    const own = layers.map((layer) => ({ ...layer, weights: layer.weights.map((weight) => ({ ...weight, tensor: { ...weight.tensor, declared } })) }));
    const { after } = present(preview('he-normal', { layers: own, recipes: createRecipes(own, { scheme: 'he-normal', seed: 4 }) }).get('small'));
    expect(after).toMatchObject({ title: 'He normal, fan_in', sampled: null, std: Math.sqrt(2 / 20) });
  });
  it('of an orthogonal matrix does not wait for its decomposition', () => {
    const { after } = present(preview('orthogonal').get('square'));
    const expected = 1 / Math.sqrt(4000);
    expect(Math.abs(present(after?.std) - expected)).toBeLessThan((5 * expected) / Math.sqrt(2 * present(after?.sampled)));
  });
  it('says which layers keep to the scheme picked for them', () => {
    const [first] = layers;
    const shown = preview('zeros', { kept: new Set([present(first).name]) });
    expect([...shown.values()].map(({ id, after }) => [id, after?.kept ?? null])).toEqual([
      ['small', true], ['bias', true], ['large', false], ['square', false], ['last', false], ['table', null],
    ]);
  });
  it('has the present numbers, where they have been measured', () => {
    const histogram = { min: 0, max: 1, counts: [1, 2] };
    const statistics = new Map([['small', { count: 3, mean: 0, std: 7, min: 0, max: 1, zeros: 0, nonFinite: 0, histogram }]]);
    const [before, after] = [{ std: 7, constant: null, histogram }, { std: 0, constant: 0, title: 'Zeros' }];
    expect(preview('zeros', { statistics }).get('small')).toMatchObject({ before, after, left: null });
  });
  it('says why tensors are left alone: what is no weight, and what the file cannot take', () => {
    const all = preview('he-normal', { refuse: ({ name }) => (name === 'last' ? 'its values are stored as varints' : null) });
    expect(all.get('last')).toMatchObject({ after: null, left: 'its values are stored as varints' });
    const tables = [...all.values()].filter(({ role }) => role === 'frozen');
    for (const table of tables) expect(table.left).toMatch(/\w/);
    expect(all.get('bias')?.after).toMatchObject({ title: 'Zeros', std: 0 });
  });
  it('warns of tensors that are equal now and would not be', () => {
    const tied: PreviewSource['tied'] = (_, { name }) => (name === 'small' ? [
      { layer: 'a', weight: 'copy', how: 'transposed' }, { layer: 'b', weight: 'small', how: 'same' }] : []);
    expect(preview('he-normal', { tied }).get('small')?.unties).toEqual(['copy']);
  });
  it('does not where both get the values of one', () => {
    const [small, large] = [present(layers[0]), present(layers.find(({ weights }) => weights.some(({ name }) => name === 'large')))];
    const tied: PreviewSource['tied'] = (_, { name }) => {
      if (name === 'large') return [{ layer: small.name, weight: 'small', how: 'equal' }];
      return name === 'small' ? [{ layer: large.name, weight: 'large', how: 'equal' }] : [];
    };
    const twins = new Map([['small', { tensorId: 'large', transposed: false }]]);
    const recipes = createRecipes(layers, { scheme: 'he-normal', seed: 4, twins });
    const both = preview('he-normal', { tied, recipes });
    expect([both.get('small')?.unties, both.get('large')?.unties]).toEqual([[], []]);
    expect(preview('he-normal', { tied }).get('large')?.unties).toEqual(['small']);
  });
});
