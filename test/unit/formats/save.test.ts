import { readFileSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { readRecord, recordKey } from '../../../src/core/edits/record';
import { FilePool, contentChunks } from '../../../src/formats/tensors/content';
import { externalFiles, openModelFile } from '../../../src/formats/openModel';
import type { NewContent, SaveRequest } from '../../../src/formats/saving/save';
import { saveModel } from '../../../src/formats/saving/save';
import { keepPayloads } from '../../../src/formats/saving/undoBase';
import type { Recipe, Sampler } from '../../../src/protocol/recipe';
import { CancellationSource } from '../../../src/protocol/rpc';
import { only, present } from '../support/graphs';
import { deepTanh } from '../support/models';
import { concat, external, floatBytes, metadata, model, node, raw, tensor, types, valueInfo } from '../support/protobuf';
import { createFolder } from '../support/temporary';

const recipeFor = (tensorId: string, sampler: Sampler = { kind: 'uniform', low: -1, high: 1 }, seed = 7): Recipe => (
  { version: 1, tensorId, seed, blocks: [{ sampler }], origin: { scheme: 'normal', title: 'Test' } });
const drawn = (...recipes: readonly Recipe[]): ReadonlyMap<string, NewContent> => (
  new Map(recipes.map((recipe) => [recipe.tensorId, { kind: 'recipe', recipe } as const])));

/** `inside` is stored in the model, `first` and `second` in a file beside it, if the model is to have one. */
function createModel(where: 'inside' | 'outside', more: Uint8Array = new Uint8Array(0)): { readonly file: string; readonly folder: string } {
  const folder = createFolder();
  const file = path.join(folder, 'net.onnx');
  const place = (offset: number): Uint8Array => external({ location: 'net.data', offset: String(offset), length: '64' });
  const values = raw(floatBytes(Array.from({ length: 16 }, (_, i) => i)));
  const stored = where === 'inside' ? [values, values] : [place(16), place(80)];
  const names = ['inside', 'first', 'second'];
  const initializers = [values, ...stored].map((each, i) => tensor(present(names[i]), types.float32, [4, 4], each));
  const nodes = names.map((name, i) => node('MatMul', [i === 0 ? 'x' : `h${i - 1}`, name], [i === 2 ? 'y' : `h${i}`]));
  writeFileSync(file, concat(model({ nodes, initializers, inputs: [valueInfo('x', ['n', 4])], outputs: [valueInfo('y', ['n', 4])] }), more));
  if (where === 'outside') writeFileSync(path.join(folder, 'net.data'), Uint8Array.from({ length: 160 }, (_, i) => i));
  return { file, folder };
}

async function save(file: string, contents: ReadonlyMap<string, NewContent>, more: Partial<SaveRequest> = {}): Promise<void> {
  await saveModel({ opened: openModelFile(file), target: file, contents, record: true, ...more });
}

function valuesOf(file: string, name: string): readonly number[] {
  const weights = openModelFile(file).layers.flatMap((layer) => layer.weights);
  const pool = new FilePool();
  try {
    return [...contentChunks(pool, only(weights.filter((weight) => weight.name === name)).tensor, {})].flatMap((chunk) => Array.from(chunk));
  } finally {
    pool.close();
  }
}

const recorded = (file: string): readonly Recipe[] => readRecord(openModelFile(file).model.metadata.get(recordKey));

describe('the record of what was drawn', () => {
  it('is appended, and the file begins as it did', async () => {
    const { file } = createModel('inside');
    const before = readFileSync(file);
    await save(file, drawn(recipeFor('first', { kind: 'constant', value: 0 })));
    const after = readFileSync(file);
    expect(recorded(file)).toEqual([recipeFor('first', { kind: 'constant', value: 0 })]);
    expect(valuesOf(file, 'first')).toEqual(Array.from({ length: 16 }, () => 0));
    expect(valuesOf(file, 'second')).toEqual(Array.from({ length: 16 }, (_, i) => i));
    const place = present(openModelFile(file).model.graph.initializers.get('first')?.place);
    expect(after.subarray(0, place.offset).equals(before.subarray(0, place.offset))).toBe(true);
    expect(after.subarray(place.offset + 64, before.length).equals(before.subarray(place.offset + 64))).toBe(true);
  });
  it('is replaced by the next, which keeps what it says of other tensors', async () => {
    const { file } = createModel('inside');
    await save(file, drawn(recipeFor('first'), recipeFor('second')));
    const size = statSync(file).size;
    await save(file, drawn(recipeFor('second', { kind: 'uniform', low: -2, high: 2 }, 8)));
    expect(recorded(file)).toEqual([recipeFor('first'), recipeFor('second', { kind: 'uniform', low: -2, high: 2 }, 8)]);
    expect(statSync(file).size).toBe(size);
  });
  it('is removed with the last recipe it holds, which leaves the file as it came', async () => {
    const { file, folder } = createModel('inside');
    const before = readFileSync(file);
    const kept = await keepPayloads(openModelFile(file), ['first', 'second'], path.join(folder, 'kept/payloads'));
    await save(file, drawn(recipeFor('first'), recipeFor('second')));
    expect(readFileSync(file).equals(before)).toBe(false);
    await save(file, new Map(kept.map((payload) => [payload.tensorId, { kind: 'payload', payload } as const])));
    expect(readFileSync(file).equals(before)).toBe(true);
  });
  it('is taken back with payloads that were kept whole: keeping that was stopped leaves nothing behind', async () => {
    const { file, folder } = createModel('inside');
    const keepFile = path.join(folder, 'kept/payloads');
    const first = await keepPayloads(openModelFile(file), ['first'], keepFile);
    const done: number[] = [];
    const stopped = keepPayloads(openModelFile(file), ['first', 'second'], keepFile, {
      progress: (bytes) => done.push(bytes), cancellation: { get cancelled() { return done.length === 2; }, onCancel: () => () => undefined },
    });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(done).toEqual([64, 128]);
    expect(statSync(keepFile).size).toBe(64);
    await save(file, drawn(recipeFor('first')));
    await save(file, new Map(first.map((payload) => [payload.tensorId, { kind: 'payload', payload } as const])));
    expect(valuesOf(file, 'first')).toEqual(Array.from({ length: 16 }, (_, i) => i));
  });
  it('is left out on request', async () => {
    const { file } = createModel('inside');
    const { size } = statSync(file);
    await save(file, drawn(recipeFor('first')), { record: false });
    expect(statSync(file).size).toBe(size);
    expect(recorded(file)).toEqual([]);
  });
  it('is replaced also where another tool has appended something behind it', async () => {
    const { file } = createModel('inside');
    await save(file, drawn(recipeFor('first')));
    const theirs = concat(metadata('their.key', 'theirs'), [0xa2, 0x06, 2, 1, 2]);
    writeFileSync(file, concat(readFileSync(file), theirs));
    await save(file, drawn(recipeFor('first', { kind: 'constant', value: 3 }), recipeFor('second', { kind: 'constant', value: 4 })));
    expect(recorded(file)).toHaveLength(2);
    expect(openModelFile(file).model.metadata.get('their.key')).toBe('theirs');
    expect(readFileSync(file).includes(Buffer.from(theirs))).toBe(true);
    expect(valuesOf(file, 'second')).toEqual(Array.from({ length: 16 }, () => 4));
  });
  it('may stand before the graph: weights are found where they are after it is gone', async () => {
    const { file } = createModel('inside');
    const plain = readFileSync(file);
    await save(file, drawn(recipeFor('inside')));
    const record = readFileSync(file).subarray(plain.length);
    writeFileSync(file, concat(record, plain));
    await save(file, drawn(recipeFor('inside', { kind: 'constant', value: 2 }), recipeFor('second', { kind: 'constant', value: 5 })));
    expect(valuesOf(file, 'inside')).toEqual(Array.from({ length: 16 }, () => 2));
    expect(valuesOf(file, 'first')).toEqual(Array.from({ length: 16 }, (_, i) => i));
    expect(valuesOf(file, 'second')).toEqual(Array.from({ length: 16 }, () => 5));
  });
});

describe('external data', () => {
  it('is written in its own file, the record in the model', async () => {
    const { file, folder } = createModel('outside');
    const data = path.join(folder, 'net.data');
    const before = readFileSync(data);
    await save(file, drawn(recipeFor('second', { kind: 'constant', value: 1 }), recipeFor('inside', { kind: 'constant', value: 2 })));
    const after = readFileSync(data);
    expect(after.subarray(0, 80).equals(before.subarray(0, 80))).toBe(true);
    expect(after.subarray(144).equals(before.subarray(144))).toBe(true);
    expect([valuesOf(file, 'inside')[3], valuesOf(file, 'second')[3]]).toEqual([2, 1]);
    expect(recorded(file).map((recipe) => recipe.tensorId)).toEqual(['second', 'inside']);
    expect(readdirSync(folder).toSorted()).toEqual(['net.data', 'net.onnx']);
  });
  it('goes with the model to another folder, unwritten parts too', async () => {
    const { file, folder } = createModel('outside');
    const elsewhere = createFolder();
    const [data, target] = [readFileSync(path.join(folder, 'net.data')), path.join(elsewhere, 'copy.onnx')];
    await save(file, drawn(recipeFor('first', { kind: 'constant', value: 1 })), { target });
    expect(valuesOf(target, 'first')[0]).toBe(1);
    expect(readFileSync(path.join(elsewhere, 'net.data')).subarray(80).equals(data.subarray(80))).toBe(true);
    expect(readFileSync(path.join(folder, 'net.data')).equals(data)).toBe(true);
  });
  it('of a copy beside the model is its own, under a name that is free, and the same when it is saved again', async () => {
    const { file, folder } = createModel('outside');
    writeFileSync(path.join(folder, 'copy.net.data'), 'of somebody else');
    const before = [readFileSync(file), readFileSync(path.join(folder, 'net.data'))];
    const target = path.join(folder, 'copy.onnx');
    for (const value of [1, 2]) {
      await save(file, drawn(recipeFor('first', { kind: 'constant', value })), { target });
      expect(readdirSync(folder).toSorted()).toEqual(['copy-2.net.data', 'copy.net.data', 'copy.onnx', 'net.data', 'net.onnx']);
      expect(valuesOf(target, 'first')).toEqual(Array.from({ length: 16 }, () => value));
      expect(valuesOf(target, 'second')).toEqual(valuesOf(file, 'second'));
    }
    expect([readFileSync(file), readFileSync(path.join(folder, 'net.data'))].map((bytes, i) => bytes.equals(present(before[i])))).toEqual([true, true]);
    expect(readFileSync(path.join(folder, 'copy.net.data'), 'utf8')).toBe('of somebody else');
    expect(externalFiles(openModelFile(target).model)).toEqual([path.join(folder, 'copy-2.net.data')]);
  });
  it('does not go over what another model has where the copy goes', async () => {
    const { file } = createModel('outside');
    const elsewhere = createFolder();
    writeFileSync(path.join(elsewhere, 'net.data'), 'of another model');
    const target = path.join(elsewhere, 'net.onnx');
    await save(file, drawn(recipeFor('first', { kind: 'constant', value: 1 })), { target });
    expect(readFileSync(path.join(elsewhere, 'net.data'), 'utf8')).toBe('of another model');
    expect(valuesOf(target, 'first')[0]).toBe(1);
  });
  it('that is not touched is not written', async () => {
    const { file, folder } = createModel('outside');
    const { ino } = statSync(path.join(folder, 'net.data'));
    await save(file, drawn(recipeFor('inside')));
    expect(statSync(path.join(folder, 'net.data')).ino).toBe(ino);
  });
  it('that was changed by somebody else since it was opened is not overwritten', async () => {
    const { file, folder } = createModel('outside');
    const opened = openModelFile(file);
    const data = path.join(folder, 'net.data');
    writeFileSync(data, new Uint8Array(200).fill(9));
    await expect(save(file, drawn(recipeFor('first')), { opened })).rejects.toMatchObject({ code: 'changed-on-disk' });
    expect(readFileSync(data).every((byte) => byte === 9)).toBe(true);
  });
  it('that cannot be finished leaves all files as they were', async () => {
    const { file, folder } = createModel('outside');
    const before = [readFileSync(file), readFileSync(path.join(folder, 'net.data'))];
    const cancellation = new CancellationSource();
    // The first file is complete when the second one is begun.
    const progress = (fraction: number): void => { if (fraction === 1) cancellation.cancel(); };
    await expect(save(file, drawn(recipeFor('first'), recipeFor('inside')), { cancellation, progress })).rejects.toMatchObject({ code: 'cancelled' });
    expect([readFileSync(file), readFileSync(path.join(folder, 'net.data'))].map((bytes, i) => bytes.equals(present(before[i])))).toEqual([true, true]);
    expect(readdirSync(folder).toSorted()).toEqual(['net.data', 'net.onnx']);
  });
});

describe('payloads that are kept', () => {
  it('bring back the exact bytes, from inside and outside of the model, one tensor at a time', async () => {
    const { file, folder } = createModel('outside');
    const files = [file, path.join(folder, 'net.data')];
    const before = files.map((each) => readFileSync(each));
    const keepFile = path.join(createFolder(), 'kept');
    const kept = [...await keepPayloads(openModelFile(file), ['second'], keepFile), ...await keepPayloads(openModelFile(file), ['inside', 'none'], keepFile)];
    expect(kept.map(({ tensorId, offset, length }) => ({ tensorId, offset, length })))
      .toEqual([{ tensorId: 'second', offset: 0, length: 64 }, { tensorId: 'inside', offset: 64, length: 64 }]);
    await save(file, drawn(recipeFor('second'), recipeFor('inside')));
    for (const payload of kept) await save(file, new Map([[payload.tensorId, { kind: 'payload', payload }]]));
    expect(files.map((each, i) => readFileSync(each).equals(present(before[i])))).toEqual([true, true]);
  });
});

describe('a save', () => {
  it('gives the same bytes for the same recipe, and tells how far it is', async () => {
    const folder = createFolder();
    const [one, two] = ['one.onnx', 'two.onnx'].map((name) => path.join(folder, name));
    const fractions: number[] = [];
    const opened = openModelFile(deepTanh);
    const recipes = opened.layers.flatMap((layer) => layer.weights).map((weight) => recipeFor(weight.id, { kind: 'normal', mean: 0, std: 0.1 }));
    await save(deepTanh, drawn(...recipes), { target: present(one), progress: (fraction) => fractions.push(fraction) });
    await save(deepTanh, drawn(...recipes.toReversed()), { target: present(two), record: false });
    const [first, second] = [readFileSync(present(one)), readFileSync(present(two))];
    expect(first.subarray(0, second.length).equals(second)).toBe(true);
    expect(fractions.at(-1)).toBe(1);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  });
  it('refuses a file that another program wrote since', async () => {
    const { file } = createModel('inside');
    const opened = openModelFile(file);
    utimesSync(file, new Date(1e12), new Date(1e12));
    await expect(save(file, drawn(recipeFor('first')), { opened })).rejects.toMatchObject({ code: 'changed-on-disk' });
  });
  it('refuses a tensor it does not know', async () => {
    const { file } = createModel('inside');
    await expect(save(file, drawn(recipeFor('gone')))).rejects.toThrow(/gone cannot be written/);
  });
});
