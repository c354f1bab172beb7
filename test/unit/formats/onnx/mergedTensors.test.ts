import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';

import { createRecipes } from '../../../../src/core/initializers/recipes';
import { openModelFile } from '../../../../src/formats/openModel';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { keepPayloads } from '../../../../src/formats/saving/undoBase';
import { saveModel } from '../../../../src/formats/saving/save';
import { splitNotes } from '../../../../src/formats/saving/splitMerged';
import type { Recipe } from '../../../../src/protocol/recipe';
import { at, initscope } from '../../support/command';
import { present } from '../../support/graphs';
import { filled, kernel, mergedBatchNorm, postNorm } from '../../support/merged';
import { model, node, valueInfo } from '../../support/protobuf';
import { createModel, elementsOf, restored } from '../../support/saving';

const weightsOf = ({ layers }: OpenedModel): readonly string[] => (
  layers.flatMap((layer) => layer.weights.map((weight) => `${layer.name} ${weight.role} ${weight.id}`)));
const asContents = (recipes: readonly Recipe[]): ReadonlyMap<string, { readonly kind: 'recipe'; readonly recipe: Recipe }> => (
  new Map(recipes.map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe } as const])));
const allEqual = (values: readonly number[], to: number): boolean => values.length > 0 && values.every((value) => value === to);

async function reinitialize(file: string, request: Partial<Parameters<typeof createRecipes>[1]>): Promise<readonly Recipe[]> {
  const opened = openModelFile(file);
  const recipes = createRecipes(opened.layers, { scheme: 'recommended', seed: 0, ...request });
  await saveModel({ opened, target: file, contents: asContents(recipes), record: true });
  return recipes;
}

describe('uses of a tensor that exporters have merged', () => {
  it('are weights of their own, each in its role, and counted as before the export', async () => {
    const file = createModel(postNorm());
    const { out } = await initscope('inspect', file, '--json');
    expect(at(out, 'parameters')).toBe(3 * (64 + 8 + 64 + 8 + 8 + 8) + 8 + 8 + 24);
    expect(weightsOf(openModelFile(file)).filter((line) => !line.includes('kernel'))).toEqual([
      '0 bias zeros', '0.down bias zeros~g0.C', 'ones gamma ones', 'ones beta zeros~norm0.B',
      '1 bias zeros~f1.C', '1.down bias zeros~g1.C', 'norm1 gamma ones~norm1.Scale', 'norm1 beta zeros~norm1.B',
      '2 bias zeros~f2.C', '2.down bias zeros~g2.C', 'norm2 gamma ones~norm2.Scale', 'norm2 beta zeros~norm2.B',
      'last gamma ones~last.Scale', 'last beta zeros~last.B',
    ]);
    expect(at(out, 'layers', 2, 'weights', 0)).toMatchObject({ id: 'ones', merged: { tensor: 'ones', uses: 4 } });
    expect((await initscope('inspect', file)).out).toContain('zeros (shared by 10)');
  });

  it('take the names of what was merged where an identity keeps them', () => {
    const opened = openModelFile(createModel(postNorm({ identities: true })));
    expect(opened.layers.map(({ name }) => name)).toEqual([
      '0', '0.down', 'ones', '1', '1.down', '1.norm', '2', '2.down', '2.norm', 'last', 'head',
    ]);
  });

  it('are one weight where they hold more than one number: these were tied', () => {
    const shared = kernel('tied', [8]);
    const bytes = model({
      nodes: [node('Gemm', ['x', 'w', 'tied'], ['a']), node('Gemm', ['a', 'w', 'tied'], ['y'])],
      initializers: [kernel('w', [8, 8]), shared], inputs: [valueInfo('x', ['n', 8])], outputs: [valueInfo('y', ['n', 8])],
    });
    expect(weightsOf(openModelFile(createModel(bytes))).filter((line) => line.includes('bias'))).toEqual(['w bias tied', 'tied bias tied']);
  });

  it('leave out what is a single number, as the ε of every norm is', () => {
    const bytes = model({
      nodes: [node('Add', ['x', 'one'], ['a']), node('Mul', ['a', 'one'], ['b']), node('MatMul', ['b', 'w'], ['y'])],
      initializers: [filled('one', 1, 1), kernel('w', [8, 8])], inputs: [valueInfo('x', ['n', 8])], outputs: [valueInfo('y', ['n', 8])],
    });
    expect(openModelFile(createModel(bytes)).graph.initializers.size).toBe(2);
  });
});

describe('reinitialising them', () => {
  const variants = [['IR 8', {}], ['IR 3', { irVersion: 3 }], ['identities', { identities: true }]] as const;
  it.each(variants)('splits where their uses disagree, and the network lives: %s', async (_, options) => {
    const file = createModel(postNorm(options));
    const opened = openModelFile(file);
    const recipes = createRecipes(opened.layers, { scheme: 'zero-gamma', seed: 0 });
    const byId = new Map(recipes.map((recipe) => [recipe.tensorId, recipe]));
    expect(splitNotes(opened, (id) => byId.get(id))).toEqual([
      'ones is one tensor for 4 uses in the file, 1 of which get a tensor of their own: they are to start differently.',
    ]);
    await saveModel({ opened, target: file, contents: asContents(recipes), record: true });
    const names = opened.layers.flatMap(({ weights }) => weights.flatMap(({ role, id }) => (role === 'gamma' ? [id] : [])));
    expect(names.map((id) => elementsOf(file, id)[0])).toEqual([0, 0, 0, 1]);
    expect(openModelFile(file).layers.map(({ name }) => name)).toEqual(opened.layers.map(({ name }) => name));
    const { out, err } = await initscope('simulate', file, '--json');
    expect(err).toBe('');
    expect(Number(at(out, 'runs', 0, 'layers', 10, 'weights', 0, 'gradient', 'variance'))).toBeGreaterThan(0.1);
  });

  it('writes in place where they agree: no byte moves', async () => {
    const file = createModel(postNorm());
    const before = readFileSync(file);
    const opened = openModelFile(file);
    const recipes = createRecipes(opened.layers, { scheme: 'fixup', seed: 0 });
    await saveModel({ opened, target: file, contents: asContents(recipes), record: false });
    expect(readFileSync(file).length).toBe(before.length);
    expect(allEqual(elementsOf(file, 'ones'), 1)).toBe(true);
  });

  it('draws biases of one law as one tensor, as PyTorch draws them, apart from the shifts they were merged with', async () => {
    const file = createModel(postNorm());
    await reinitialize(file, { scheme: 'pytorch' });
    const biases = ['zeros', 'zeros~f1.C', 'zeros~g2.C'].map((id) => elementsOf(file, id));
    expect(biases[1]).toEqual(biases[0]);
    expect(biases[2]).toEqual(biases[0]);
    expect(new Set(biases[0]).size).toBe(8);
    expect(['zeros~norm0.B', 'zeros~last.B'].every((id) => allEqual(elementsOf(file, id), 0))).toBe(true);
  });

  it('keeps what was not drawn where only some layers are', async () => {
    const file = createModel(postNorm());
    await reinitialize(file, { scheme: 'constant', options: { value: 0.5 }, layers: new Set(['norm1']) });
    await reinitialize(file, { scheme: 'zero-gamma', layers: new Set(['norm1']) });
    expect(['ones', 'ones~norm1.Scale', 'ones~norm2.Scale', 'ones~last.Scale'].map((id) => elementsOf(file, id)[0])).toEqual([1, 0, 1, 1]);
  });

  it('keeps the structure of the file where that is asked for, with what harms no use', async () => {
    const file = createModel(postNorm());
    const before = openModelFile(file).graph.initializers.size;
    const recipes = await reinitialize(file, { scheme: 'zero-gamma', keepStructure: true });
    expect(present(recipes.find(({ tensorId }) => tensorId === 'ones~norm1.Scale'))).toMatchObject({
      blocks: [{ sampler: { kind: 'constant', value: 1 } }], origin: { title: 'Ones, which suit all uses of the tensor' },
    });
    expect(openModelFile(file).graph.initializers.size).toBe(before);
    expect(allEqual(elementsOf(file, 'ones'), 1)).toBe(true);
    const some = createRecipes(openModelFile(file).layers, { scheme: 'zeros', seed: 0, keepStructure: true, layers: new Set(['norm1']) });
    expect(some.map(({ tensorId }) => tensorId)).toEqual([]);
  });

  it('is undone behind a save, and apart they stay', async () => {
    const file = createModel(postNorm());
    const opened = openModelFile(file);
    const recipes = createRecipes(opened.layers, { scheme: 'zero-gamma', seed: 0 });
    const kept = await keepPayloads(opened, recipes.map(({ tensorId }) => tensorId), `${file}.undo`);
    await saveModel({ opened, target: file, contents: asContents(recipes), record: false });
    const separated = new Set(recipes.map(({ tensorId }) => tensorId));
    await saveModel({ opened: openModelFile(file, { separated }), target: file, contents: restored(kept), record: false });
    for (const id of ['ones', 'ones~norm1.Scale', 'ones~last.Scale']) expect(allEqual(elementsOf(file, id), 1), id).toBe(true);
  });
});

describe('batch normalisation whose statistics are merged with its scale and shift', () => {
  let variances: readonly unknown[] = [];
  beforeAll(async () => {
    const outputs = await Promise.all([false, true].map((isApart) => initscope('simulate', createModel(mergedBatchNorm(isApart)), '--json', '--threads', '1')));
    variances = outputs.map(({ out }) => at(out, 'runs', 0, 'layers'));
  });

  it('runs as if they were apart', () => {
    const strip = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === 'name' ? '' : each)));
    expect(strip(variances[0])).toEqual(strip(variances[1]));
  });
});
