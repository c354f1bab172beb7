/** Topologies of TensorFlow.js without weights: which files are such texts, and what of them an edit changes. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { createRecipes } from '../../../../src/core/initializers/recipes';
import { openModelFile } from '../../../../src/formats/openModel';
import { saveModel } from '../../../../src/formats/saving/save';
import { refusalsOf, writableOf } from '../../../../src/formats/saving/tensorWrite';
import type { RecipeBlock } from '../../../../src/protocol/recipe';
import type { SchemeId } from '../../../../src/protocol/schemes';
import { initscope } from '../../support/command';
import { createFolder, createTexts } from '../../support/temporary';
import { writeTfjs } from '../../support/tfjs';

const { fileOf } = createTexts(createFolder());
const layer = (className: string, config: object): object => ({ class_name: className, config });
const topology = (...layers: readonly object[]): object => (
  { class_name: 'Sequential', config: { name: 'net', layers }, keras_version: 'tfjs-layers 4.22.0', backend: 'tensor_flow.js' });
const scaling = (distribution: string): object => layer('VarianceScaling', { scale: 1, mode: 'fan_avg', distribution, seed: null });
const dense = (kernel: unknown): object => layer('Dense', { name: 'd', units: 4, batch_input_shape: [null, 8], kernel_initializer: kernel });
const lstm = (flag: boolean | null): object => (
  layer('LSTM', { name: 'l', units: 4, batch_input_shape: [null, 5, 8], unit_forget_bias: flag, bias_initializer: layer('Zeros', {}) }));
const separable = layer('SeparableConv2D', { name: 's', filters: 4, kernel_size: [3, 3], batch_input_shape: [null, 8, 8, 2],
  depthwise_initializer: scaling('uniform'), pointwise_initializer: scaling('uniform') });

const openText = (model: unknown): ReturnType<typeof openModelFile> => openModelFile(fileOf(JSON.stringify(model)));

/** The text after weights were given these blocks, and why some were left. */
async function declared(model: unknown, blocks: Readonly<Record<string, readonly RecipeBlock[]>>): Promise<{ readonly text: string; readonly left: string }> {
  const file = fileOf(JSON.stringify(model, null, 2));
  const opened = openModelFile(file);
  const origin = { scheme: 'normal', title: '' } as const;
  const recipes = Object.entries(blocks).map(([tensorId, own]) => ({ version: 1, tensorId, seed: 0, blocks: own, origin } as const));
  const left = [...refusalsOf(opened, recipes).values()].join('; ');
  const contents = new Map(writableOf(opened, recipes).map(({ recipe }) => [recipe.tensorId, { kind: 'recipe', recipe } as const]));
  await saveModel({ opened, target: file, contents, record: true });
  return { text: readFileSync(file, 'utf8'), left };
}

const linesThatDiffer = (before: object, after: string): readonly string[] => {
  const old = new Set(JSON.stringify(before, null, 2).split('\n'));
  return after.split('\n').filter((line) => !old.has(line)).map((line) => line.trim());
};

describe('a topology without weights', () => {
  const own = topology(dense(scaling('normal')));
  it.each<readonly [string, unknown]>([
    ['bare', own], ['wrapped', { modelTopology: own }], ['with no manifest', { modelTopology: own, weightsManifest: null }],
    ['with an empty manifest', { modelTopology: own, weightsManifest: [] }],
    ['with an empty group', { modelTopology: own, weightsManifest: [{ paths: [], weights: [] }] }],
    ['of a conversion', { modelTopology: { keras_version: '2.2.4-tf', backend: 'tensorflow', model_config: own } }],
  ])('is one of TensorFlow.js and a text: %s', (_, model) => {
    const opened = openText(model);
    expect(opened.model.format).toBe('tfjs');
    expect('declare' in opened.format).toBe(true);
    expect(opened.graph.initializers.get('d/kernel')?.declared).toMatchObject({
      blocks: [{ sampler: { kind: 'truncated-normal', std: Math.sqrt(1 / 6) } }], scaling: { library: 'TensorFlow.js' },
    });
  });
  it('names the version that wrote it', () => {
    expect(openText(own).model.producer).toBe('TensorFlow.js tfjs-layers 4.22.0');
  });
  it('is one of Keras where Keras wrote it', () => {
    expect(openText({ ...own, keras_version: '2.2.4', backend: 'tensorflow' }).model.format).toBe('keras');
  });
  it('with weights is patched in its shards', () => {
    const opened = openModelFile(writeTfjs('mlp', path.join(createFolder(), 'm')));
    expect('declare' in opened.format).toBe(false);
    expect(opened.graph.initializers.get('dense/kernel')?.place).not.toBeNull();
  });
});

describe('what TensorFlow.js refuses to read is not taken for a law', () => {
  it.each<readonly [string, unknown]>([
    ['LecunNormal', layer('LecunNormal', { seed: null })], ['lecun_normal', 'lecun_normal'], ['normal', 'normal'],
    ['VarianceScaling', scaling('untruncated_normal')], ['Identity', layer('Identity', { gain: 1 })],
  ])('%s', (name, kernel) => {
    expect(openText(topology(dense(kernel))).graph.initializers.get('d/kernel')?.problem)
      .toBe(`its initialiser ${name} is none of TensorFlow.js that can be drawn in that shape`);
  });
});

describe('an edit', () => {
  const opening: readonly RecipeBlock[] = [
    { sampler: { kind: 'constant', value: 1 }, slices: [{ axis: 0, start: 4, end: 8 }] }, { sampler: { kind: 'constant', value: 0 } }];
  const zeros: readonly RecipeBlock[] = [{ sampler: { kind: 'constant', value: 0 } }];
  it('changes the field alone, in the words of TensorFlow.js', async () => {
    const before = topology(dense(scaling('truncated_normal')));
    const uniform = await declared(before, { 'd/kernel': [{ sampler: { kind: 'uniform', low: -Math.sqrt(0.75), high: Math.sqrt(0.75) } }] });
    expect(linesThatDiffer(before, uniform.text)).toEqual(['"scale": 2,', '"mode": "fan_in",', '"distribution": "uniform",']);
    const normal = await declared(before, { 'd/kernel': [{ sampler: { kind: 'normal', mean: 0, std: 0.5 } }] });
    expect(linesThatDiffer(before, normal.text)).toEqual(['"class_name": "RandomNormal",', '"mean": 0,', '"stddev": 0.5,']);
  });
  it.each<readonly [boolean | null, readonly RecipeBlock[], readonly string[]]>([
    [null, opening, ['"unit_forget_bias": true,']], [false, opening, ['"unit_forget_bias": true,']], [true, opening, []],
    [true, zeros, ['"unit_forget_bias": false,']], [null, zeros, []], [false, zeros, []],
  ])('opens a forget gate that is %s, and closes it', async (flag, blocks, changed) => {
    const before = topology(lstm(flag));
    expect(linesThatDiffer(before, (await declared(before, { 'l/bias': blocks })).text)).toEqual(changed);
  });
  it('gives both kernels of a separable convolution what the one field says, or leaves them', async () => {
    const before = topology(separable);
    const both = await declared(before, { 's/depthwise_kernel': zeros, 's/pointwise_kernel': zeros });
    expect(both).toMatchObject({ left: '', text: expect.stringMatching(/"depthwise_initializer": \{\s+"class_name": "Zeros"/) as unknown });
    expect(openModelFile(fileOf(both.text)).graph.initializers.get('s/pointwise_kernel')?.declared?.blocks).toEqual(zeros);
    const one = await declared(before, { 's/pointwise_kernel': zeros });
    expect(one).toEqual({ text: JSON.stringify(before, null, 2), left: 's/depthwise_kernel is declared by the same field, and is to stay' });
  });
  it.each<readonly [string, RecipeBlock['sampler']]>([
    ['a uniform from 0, which is taken for nothing said', { kind: 'uniform', low: 0, high: 1 }],
    ['an identity that is not square', { kind: 'identity', gain: 1, rows: 8, columns: 4 }],
  ])('leaves %s', async (_, sampler) => {
    const before = topology(dense(scaling('normal')));
    expect(await declared(before, { 'd/kernel': [{ sampler }] })).toEqual({ text: JSON.stringify(before, null, 2),
      left: 'no initialiser of TensorFlow.js draws it so' });
  });
});

describe('initscope init', () => {
  it.each<SchemeId>(['recommended', 'keras', 'tfjs', 'he-uniform'])('declares %s, and with --dry-run nothing', async (scheme) => {
    const before = JSON.stringify({ format: 'layers-model', modelTopology: topology(dense(scaling('normal'))), weightsManifest: [] });
    const file = fileOf(before);
    const dry = await initscope('init', file, '--scheme', scheme, '--dry-run', '--output', `${file}.out`);
    expect(dry).toMatchObject({ code: 0, err: '' });
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(await initscope('init', file, '--scheme', scheme, '--in-place')).toMatchObject({ code: 0, err: '' });
    const opened = openModelFile(file);
    const [meant] = createRecipes(opened.layers, { scheme, seed: 0 });
    const own = JSON.stringify(opened.graph.initializers.get('d/kernel')?.declared?.blocks.map(({ sampler }) => sampler.kind));
    expect(own).toBe(JSON.stringify(meant?.blocks.map(({ sampler }) => sampler.kind)));
    // The text is the record.
    expect(readFileSync(file, 'utf8')).not.toContain('initscope');
  });
});
