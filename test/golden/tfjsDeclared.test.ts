import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../src/core/initializers/recipes';
import type { OpenedModel } from '../../src/formats/openModel';
import { openModelFile } from '../../src/formats/openModel';
import { saveModel } from '../../src/formats/saving/save';
import { writableOf } from '../../src/formats/saving/tensorWrite';
import type { RecipeBlock } from '../../src/protocol/recipe';
import { isSchemeId, schemeIds } from '../../src/protocol/schemes';
import { createFolder, createTexts } from '../unit/support/temporary';
import type { Json } from './goldens';
import { field, isList, keysOf, readJson } from './goldens';
import { isLaw, measuredIn } from './measuredLaws';

const goldens = readJson('tfjs_declared.json');
/** What LSUV writes, orthogonal with a gain, depends on a run. */
const declarable = schemeIds.filter((id) => id !== 'lsuv');
const { fileOf } = createTexts(createFolder());

/** Fields that say how something starts, by their paths. */
function fieldsIn(value: Json, at = ''): readonly (readonly [string, Json])[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = isList(value) ? value.map((each, i) => [String(i), each] as const) : keysOf(value).map((key) => [key, field(value, key)] as const);
  return entries.flatMap(([key, each]) => (
    key.endsWith('_initializer') || key === 'unit_forget_bias' ? [[`${at}${key}`, each] as const] : fieldsIn(each, `${at}${key}.`)));
}

interface Law { readonly name: string; readonly shape: readonly number[]; readonly blocks: readonly RecipeBlock[] }

/** What a scheme means every weight to start by, and what those that it leaves do start by. */
function lawsOf(opened: OpenedModel, meant: ReadonlyMap<string, readonly RecipeBlock[]>): readonly Law[] {
  return [...opened.graph.initializers.values()].flatMap(({ id, shape, declared }): readonly Law[] => {
    const blocks = meant.get(id) ?? declared?.blocks;
    return blocks ? [{ name: id.split('/').at(-1) ?? '', shape, blocks }] : [];
  });
}

describe.each(['image', 'text'])('what a scheme declares in a topology of TensorFlow.js: %s', (network) => {
  const topology = field(field(goldens, 'networks'), network);
  const before = new Map(fieldsIn(topology).map(([path, value]) => [path, JSON.stringify(value)]));
  it.each(declarable)('%s is what TensorFlow.js draws', async (scheme) => {
    const golden = field(field(goldens, 'schemes'), `${network} ${scheme}`);
    const file = fileOf(JSON.stringify({ format: 'layers-model', modelTopology: topology, weightsManifest: [] }));
    const opened = openModelFile(file);
    const recipes = writableOf(opened, createRecipes(opened.layers, { scheme, seed: 0 })).map(({ recipe }) => recipe);
    await saveModel({ opened, target: file, contents: new Map(recipes.map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe }])), record: true });
    const written = field(JSON.parse(readFileSync(file, 'utf8')) as Json, 'modelTopology');
    const changed = fieldsIn(written).filter(([path, value]) => before.get(path) !== JSON.stringify(value));
    expect(Object.fromEntries(changed)).toEqual(field(golden, 'written'));
    // Held to what was meant, not to what the text is read as.
    const left = [...lawsOf(opened, new Map(recipes.map(({ tensorId, blocks }) => [tensorId, blocks])))];
    const wrong = measuredIn(golden).flatMap((each) => {
      const at = left.findIndex(({ name, shape }) => name === each.name && shape.join() === each.shape.join());
      const [law] = at < 0 ? [] : left.splice(at, 1);
      return law ? isLaw(each, law.blocks) : [`${each.name} [${each.shape.join()}] is not declared`];
    });
    expect(wrong, wrong.join('; ')).toEqual([]);
    expect(left).toEqual([]);
  });
  it('knows every scheme', () => {
    const known = keysOf(field(goldens, 'schemes')).map((name) => name.split(' ').at(-1) ?? '');
    expect(known.filter(isSchemeId).length).toBe(2 * declarable.length);
  });
});
