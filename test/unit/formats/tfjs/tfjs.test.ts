/** What is said of a TensorFlow.js model whose files are not as they should be, and what a save makes of it. */
import { appendFileSync, readFileSync, readdirSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { measureWeight, runNow } from '../../../../src/formats/tensors/measure';
import { FilePool } from '../../../../src/formats/tensors/content';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { openModelFile } from '../../../../src/formats/openModel';
import { saveModel } from '../../../../src/formats/saving/save';
import { readRecord, recordKey } from '../../../../src/core/edits/record';
import { createRecipes } from '../../../../src/core/initializers/recipes';
import { present } from '../../support/graphs';
import { createFolder } from '../../support/temporary';
import { writeTfjs } from '../../support/tfjs';

interface Manifest { paths: string[]; weights: { name: string; shape: number[]; dtype: string; quantization?: object }[] }
interface ModelJson { modelTopology: unknown; weightsManifest: Manifest[] }

/** A model after its JSON was changed. */
function changed(change: (manifest: Manifest, json: ModelJson) => void, shard = 333): string {
  const file = writeTfjs('mlp', path.join(createFolder(), 'm'), shard);
  const json = JSON.parse(readFileSync(file, 'utf8')) as ModelJson;
  change(present(json.weightsManifest[0]), json);
  writeFileSync(file, JSON.stringify(json));
  return file;
}

const problemsOf = ({ findings }: OpenedModel): string => findings.map(({ message }) => message).join('\n');
const inFolder = (file: string, name: string): string => path.join(path.dirname(file), name);

describe('a shard', () => {
  it('that is missing costs the weights of its group, and names itself', () => {
    const file = changed(() => undefined);
    rmSync(inFolder(file, 'group1-shard2.bin'));
    expect(problemsOf(openModelFile(file))).toMatch(/dense\/kernel cannot be read: its values are in group1-shard2\.bin, which is not beside the model/);
  });
  it('that is too short costs what is behind its end', () => {
    const file = changed(() => undefined);
    const last = present(readdirSync(path.dirname(file)).filter((name) => name.startsWith('group1')).sort((a, b) => a.length - b.length
      || (a < b ? -1 : 1)).at(-1));
    truncateSync(inFolder(file, last), 1);
    const said = problemsOf(openModelFile(file));
    expect(said).toMatch(/dense_2\/bias cannot be read: the shards of its group, the last of which is group1-shard\d+\.bin, have \d+ bytes, but its values end at/);
    expect(said).not.toMatch(/dense\/kernel/);
  });
  it('is not numbers of another kind because the manifest says so', () => {
    const file = changed((manifest) => { present(manifest.weights[0]).dtype = 'int32'; });
    expect(problemsOf(openModelFile(file))).toMatch(/dense\/kernel holds int32 in the manifest where its layer needs float32/);
  });
  it('that is too long may belong to another model', () => {
    const file = changed(() => undefined, 100_000);
    appendFileSync(inFolder(file, 'group1-shard1.bin'), Buffer.alloc(12));
    expect(problemsOf(openModelFile(file))).toMatch(/group1-shard1\.bin holds 12 bytes more than the manifest has weights for/);
  });
  it.each(['../secret.bin', '/etc/hostname', 'a/../../b'])('is not looked for outside the folder: %s', (location) => {
    const file = changed((manifest) => { manifest.paths[0] = location; });
    expect(problemsOf(openModelFile(file))).toMatch(/leaves the model's folder/);
  });
  it.skipIf(process.platform === 'win32')('is not followed out of the folder by a link', () => {
    const file = changed((manifest) => { manifest.paths[0] = 'link.bin'; });
    const outside = path.join(createFolder(), 'outside.bin');
    writeFileSync(outside, Buffer.alloc(333));
    symlinkSync(outside, inFolder(file, 'link.bin'));
    expect(problemsOf(openModelFile(file))).toMatch(/leaves the model's folder/);
  });
});

describe('a manifest', () => {
  it.each<[string, (manifest: Manifest) => void, RegExp]>([
    ['of another shape', ({ weights: [first] }) => { present(first).shape = [12, 8]; },
      /has the shape \[12, 8\] in the manifest where its layer needs \[8, 12\]/],
    ['of a type that nobody knows', ({ weights: [first] }) => { present(first).dtype = 'float33'; },
      /kernel cannot be read: its type in the manifest is float33, which is none of TensorFlow\.js\./],
    ['behind one of a type that nobody knows', ({ weights: [first] }) => { present(first).dtype = 'float33'; },
      /bias cannot be read: its place in the shards is not known, because it stands behind .*kernel: its type in the manifest is float33/],
    ['of texts', ({ weights: [first] }) => { present(first).dtype = 'string'; }, /dense\/bias cannot be read: it stands behind texts, whose lengths are not known/],
    ['that lacks a weight', ({ weights }) => { weights.pop(); }, /the manifest lists no weight of its layer and name/],
  ])('%s', (_, change, said) => {
    expect(problemsOf(openModelFile(changed(change)))).toMatch(said);
  });
  it.each<[string, (manifest: Manifest) => void, RegExp]>([
    ['with a shape that is none', ({ weights: [first] }) => { present(first).shape = [-1]; },
      /weightsManifest\[0\]\.weights\[0\]\.shape\[0\] \(line 1, column \d+\) is -1 where a whole number from 0 on was expected/],
    ['without names', ({ weights: [first] }) => { Reflect.deleteProperty(present(first), 'name'); },
      /weights\[0\] \(.*\) is an object without it where an object with "name" was expected/],
  ])('%s is refused', (_, change, said) => {
    expect(() => openModelFile(changed(change))).toThrow(said);
  });
  it('of integers is read as the floats they stand for, which keep their values', () => {
    const file = changed((manifest) => {
      const first = present(manifest.weights[0]);
      first.quantization = { dtype: 'uint8', scale: 0.01, min: -1.28 };
      manifest.paths = ['q.bin'];
      manifest.weights = [first];
    });
    writeFileSync(inFolder(file, 'q.bin'), Uint8Array.from({ length: 96 }, (_, i) => 128 + (i % 2 === 0 ? 50 : -50)));
    const opened = openModelFile(file);
    const weight = present(opened.layers[0]?.weights[0]);
    const pool = new FilePool();
    const { mean, std } = runNow(measureWeight(pool, weight, {}));
    pool.close();
    expect([mean, std]).toEqual([expect.closeTo(0, 6), expect.closeTo(0.5, 6)]);
    expect(weight.frozen).toMatch(/quanti[sz]ed/);
  });
});

describe('a save', () => {
  it('writes across the seams of shards, and records what was drawn', async () => {
    const file = changed(() => undefined, 101);
    const before = new Map(readdirSync(path.dirname(file)).map((name) => [name, readFileSync(inFolder(file, name)).length]));
    const opened = openModelFile(file);
    const recipes = createRecipes(opened.layers, { scheme: 'he-normal', seed: 3 });
    const contents = new Map(recipes.map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe } as const]));
    await saveModel({ opened, target: file, contents, record: true });
    const after = openModelFile(file);
    expect(readRecord(after.model.metadata.get(recordKey))).toHaveLength(recipes.length);
    for (const [name, length] of before) if (name.endsWith('.bin')) expect(readFileSync(inFolder(file, name)).length).toBe(length);
    const pool = new FilePool();
    const kernel = present(after.layers[0]?.weights[0]);
    expect(runNow(measureWeight(pool, kernel, {})).std).toBeCloseTo(runNow(measureWeight(pool, kernel, { recipe: present(recipes[0]) })).std ?? NaN, 7);
    pool.close();
    // Without a record the text is what it was.
    const text = readFileSync(file, 'utf8');
    await saveModel({ opened: after, target: file, contents, record: false });
    expect(readFileSync(file, 'utf8')).not.toBe(text);
    expect(readFileSync(file, 'utf8')).not.toContain(recordKey);
  });
});
