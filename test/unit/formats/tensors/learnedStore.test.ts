import { copyFileSync, readFileSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

import { readRecord, recordKey, writeRecord } from '../../../../src/core/edits/record';
import { elementCount } from '../../../../src/core/graph/dtype';
import { lawStatistics } from '../../../../src/core/initializers/law';
import { provideLearned } from '../../../../src/core/initializers/learnedValues';
import { isScalable, rescaled } from '../../../../src/core/initializers/rescaling';
import { isSameLaw } from '../../../../src/core/initializers/sameLaw';
import { createSampler, sampleFloat32 } from '../../../../src/core/initializers/sampling';
import { openModelFile } from '../../../../src/formats/openModel';
import { refusalsOf } from '../../../../src/formats/saving/tensorWrite';
import { saveModel } from '../../../../src/formats/saving/save';
import { LearnedStore, digestsIn, inMemory, learnedRecipes, learnedSampler } from '../../../../src/formats/tensors/learnedStore';
import { measureWeight, runNow } from '../../../../src/formats/tensors/measure';
import { FilePool } from '../../../../src/formats/tensors/content';
import { present } from '../../support/graphs';
import { createFolder } from '../../support/temporary';
import { elementsOf } from '../../support/saving';

const values = Float32Array.of(0.5, -1.25, 3, 0, 1e-20, -7);
/** SHA-256 of those six as little-endian float32, by Python's hashlib. */
const digest = '35f8fa85c1d616e264cb7d4a743fc2ccd0df1f526a1b5dc562fa2e9b86319842';
const [recipe] = learnedRecipes(new Map([['w', values]]), 'Trained 200 steps');
const learned = present(recipe);
const month = 30 * 24 * 3600 * 1000;

afterEach(() => provideLearned(() => null));

describe('a recipe of learned values', () => {
  it('names them by the digest of their bytes, and says what they are', () => {
    const says = { count: 6, mean: -4.75 / 6, std: expect.closeTo(3.05647, 4) as number, min: -7, max: 3 };
    expect(learned.blocks).toEqual([{ sampler: { kind: 'learned', digest, ...says } }]);
    expect(digestsIn([learned, learned])).toEqual([digest]);
    expect(readRecord(writeRecord([learned]))).toEqual([learned]);
  });

  it('draws them bit by bit, from anywhere, also transposed', () => {
    provideLearned(inMemory([values]));
    expect(sampleFloat32(learned, [2, 3])).toEqual(values);
    const piece = new Float32Array(2);
    createSampler(learned, [2, 3])(piece, 3);
    expect([...piece]).toEqual([0, Math.fround(1e-20)]);
    const twin = { ...learned, tensorId: 'v', twin: { tensorId: 'w', transposed: true } };
    expect([...sampleFloat32(twin, [3, 2])]).toEqual([0.5, 0, -1.25, Math.fround(1e-20), 3, -7]);
  });

  it('has the law of its numbers, and is nobody else’s', () => {
    const { mean, std, min, max } = lawStatistics(learned.blocks, [6]);
    expect([mean, std, min, max]).toEqual([-4.75 / 6, expect.closeTo(3.05647, 4), -7, 3]);
    expect(isSameLaw(learned.blocks, learned.blocks, [6])).toBe(true);
    const others = present(learnedRecipes(new Map([['w', values.map((value) => value + 1)]]), '')[0]);
    expect(isSameLaw(learned.blocks, others.blocks, [6])).toBe(false);
    expect(isScalable(learned)).toBe(false);
    expect(rescaled([learned], new Map([['w', 2]]))[0]?.blocks).toEqual(learned.blocks);
  });

  it('says what to do where the values are gone, or are not as many as the tensor holds', () => {
    expect(() => sampleFloat32(learned, [6])).toThrow(/^6 learned values \([0-9a-f]{12}…\) are not in Initscope's storage any more\. Undo .*, or train again\.$/);
    provideLearned(inMemory([values]));
    expect(() => sampleFloat32(learned, [7])).toThrow('A block of 7 elements is not the 6 that were learned.');
  });

  it('is not made of what is not finite', () => {
    expect(() => learnedSampler('fc.weight', Float32Array.of(1, NaN))).toThrow(/What was learned of fc\.weight is not finite/);
  });

  it.each<readonly [string, object]>([
    ['a path for a digest', { digest: '../../x' }], ['capital digits', { digest: digest.toUpperCase() }], ['no count', { count: 0 }],
    ['a negative deviation', { std: -1 }], ['a mean beyond its bounds', { mean: 4 }], ['no bounds', { min: undefined }],
  ])('with %s is dropped from a record', (_name, change) => {
    const hostile = { ...learned, blocks: [{ sampler: { ...learned.blocks[0]?.sampler, ...change } }] };
    expect(readRecord(JSON.stringify({ version: 1, recipes: [hostile, learned] }))).toEqual([learned]);
  });
});

describe('the store', () => {
  it('gives back what it keeps, and nothing that is not what it was', async () => {
    const folder = path.join(createFolder(), 'learned');
    await new LearnedStore(folder).keep(values);
    await new LearnedStore(folder).keep(values);
    expect(readdirSync(folder)).toEqual([`${digest}.f32`]);
    expect(new LearnedStore(folder).read(digest)).toEqual(values);
    expect(new LearnedStore(folder).read('../learned/x')).toBeNull();
    const file = path.join(folder, `${digest}.f32`);
    const bytes = readFileSync(file);
    bytes[0] = 1;
    writeFileSync(file, bytes);
    expect(new LearnedStore(folder).read(digest)).toBeNull();
    writeFileSync(file, bytes.subarray(0, 22));
    expect(new LearnedStore(folder).read(digest)).toBeNull();
    await new LearnedStore(folder).keep(values);
    expect(new LearnedStore(folder).read(digest)).toEqual(values);
  });

  it('forgets what is old and named by nobody', async () => {
    const store = new LearnedStore(path.join(createFolder(), 'learned'));
    const [old, named, young] = [values, values.map((value) => value * 2), values.map((value) => value * 3)];
    for (const each of [old, named, young]) await store.keep(each);
    writeFileSync(path.join(store.folder, 'notes.txt'), 'not ours');
    const digests = [old, named, young].map((each) => learnedSampler('w', each).digest);
    const before = new Date(Date.now() - month - 1000);
    for (const name of [`${digests[0] ?? ''}.f32`, `${digests[1] ?? ''}.f32`, 'notes.txt']) utimesSync(path.join(store.folder, name), before, before);
    store.removeUnnamed(new Set([digests[1] ?? '']));
    expect(readdirSync(store.folder).sort()).toEqual([`${digests[1] ?? ''}.f32`, `${digests[2] ?? ''}.f32`, 'notes.txt'].sort());
    store.touch([digests[1] ?? '']);
    store.removeUnnamed(new Set());
    expect(store.has(digests[1] ?? '')).toBe(true);
  });
});

describe('a model that is saved with learned values', () => {
  it('holds them, and a record that only tells of them', async () => {
    const file = path.join(createFolder(), 'net.onnx');
    copyFileSync('media/samples/deep-tanh-mlp.onnx', file);
    const { id, tensor } = present(openModelFile(file).layers[0]?.weights[0]);
    const count = elementCount(tensor.shape);
    const own = Float32Array.from({ length: count }, (_, i) => i / 7);
    provideLearned(inMemory([own]));
    const [drawn] = learnedRecipes(new Map([[id, own]]), 'DBN, CD-1, 20 epochs, seed 3, digits');
    const contents = new Map([[id, { kind: 'recipe', recipe: present(drawn) } as const]]);
    await saveModel({ opened: openModelFile(file), target: file, contents, record: true });
    provideLearned(() => null);
    expect(elementsOf(file, id)).toEqual([...own]);
    const opened = openModelFile(file);
    const recorded = readRecord(opened.model.metadata.get(recordKey));
    expect(recorded.map(({ origin }) => origin)).toEqual([{ scheme: 'learned', title: 'DBN, CD-1, 20 epochs, seed 3, digits' }]);
    const weight = present(opened.layers.flatMap(({ weights }) => weights).find((each) => each.id === id));
    const pool = new FilePool();
    expect(runNow(measureWeight(pool, weight, {})).max).toBeCloseTo((count - 1) / 7, 4);
    pool.close();
  });

  it('has to hold values: one that declares how it starts takes none', () => {
    const file = path.resolve('media/templates/deep-sigmoid.initscope.json');
    const opened = openModelFile(file);
    const weight = present(opened.layers[0]?.weights[0]);
    const count = elementCount(weight.tensor.shape);
    const refused = refusalsOf(opened, learnedRecipes(new Map([[weight.id, new Float32Array(count).fill(1)]]), 'DBN'));
    expect(refused.get(weight.id)).toBe('the file says by which law it starts, and holds no values: what was learned has no place in it');
  });
});
