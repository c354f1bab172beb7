/** The record of recipes behind the binary files of Keras. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, describe, expect, it } from 'vitest';

import { openBytes } from '../../../../src/formats/files/byteSource';
import { readTrailer, trailerOf } from '../../../../src/formats/files/trailer';
import { openModelFile } from '../../../../src/formats/openModel';
import type { NewContent } from '../../../../src/formats/saving/save';
import { saveModel } from '../../../../src/formats/saving/save';
import { replaceComment } from '../../../../src/formats/zip/comment';
import { root } from '../../support/models';

const folder = mkdtempSync(path.join(tmpdir(), 'initscope-record-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const contents: ReadonlyMap<string, NewContent> = new Map([['dense/kernel', {
  kind: 'recipe', recipe: {
    version: 1, tensorId: 'dense/kernel', seed: 1, blocks: [{ sampler: { kind: 'constant', value: 0.5 } }], origin: { scheme: 'constant', title: 'Half' },
  },
}]]);

async function save(file: string, record: boolean): Promise<Buffer> {
  await saveModel({ opened: openModelFile(file), target: file, contents, record });
  return readFileSync(file);
}

describe.each(['mlp.keras', 'mlp.h5'])('the record of %s', (name) => {
  const file = path.join(folder, name);
  const recorded = (): string | undefined => openModelFile(file).model.metadata.get('initscope.recipes');
  it('stands behind everything, is read, written over and taken out', async () => {
    copyFileSync(path.join(root, 'test/fixtures/keras', name), file);
    const [size, without] = [readFileSync(file).length, await save(file, false)];
    expect(without).toHaveLength(size);
    const after = await save(file, true);
    expect(JSON.parse(recorded() ?? '')).toMatchObject({ version: 1, recipes: [{ tensorId: 'dense/kernel', seed: 1 }] });
    // But for the length of a ZIP's comment.
    expect(after.subarray(0, size - 2)).toEqual(without.subarray(0, size - 2));
    expect(await save(file, true)).toEqual(after);
    expect(await save(file, false)).toEqual(without);
    expect(recorded()).toBeUndefined();
  });
});

describe('a comment of others', () => {
  const commented = (comment: string): Buffer => {
    const archive = readFileSync(path.join(root, 'test/fixtures/keras/mlp.keras'));
    const length = Buffer.alloc(2);
    length.writeUInt16LE(comment.length);
    return Buffer.concat([archive.subarray(0, -2), length, Buffer.from(comment, 'latin1')]);
  };
  it('stays where it is, with the record behind it', async () => {
    const file = path.join(folder, 'commented.keras');
    writeFileSync(file, commented('by somebody else'));
    const without = await save(file, false);
    const after = (await save(file, true)).toString('latin1');
    expect(after).toMatch(/by somebody else[A-Za-z0-9+/=]+[0-9a-f]{8}:initscope\n$/);
    expect(await save(file, false)).toEqual(without);
  });
  it('may leave no room for a record', () => {
    const source = openBytes('full.keras', commented('x'.repeat(0xffff - 100)));
    expect(replaceComment(source, 'r'.repeat(20), 'the record')).toMatchObject({ replacements: [{}, {}], isFull: false });
    const noise = Array.from({ length: 200 }, (_, i) => String.fromCharCode(33 + i * i % 89)).join('');
    expect(replaceComment(source, noise, 'the record')).toEqual({ replacements: [], isFull: true });
  });
});

describe('a text behind a file', () => {
  const behind = (bytes: Uint8Array): string | null => readTrailer(openBytes('x', bytes)).text;
  it('is read as it was written', () => {
    for (const text of ['', 'a', 'größer', 'x'.repeat(1 << 20)]) expect(behind(Buffer.concat([Buffer.from('head'), trailerOf(text)]))).toBe(text);
  });
  it('is none where its end, its length or its bytes are not as they should be', () => {
    const whole = trailerOf('a text that is long enough');
    expect(behind(new Uint8Array(3))).toBeNull();
    const [last, length] = [whole.slice(), whole.slice()];
    last.fill(0x7e, whole.length - 2);
    length.fill(0x39, whole.length - 19, whole.length - 15);
    for (const damaged of [last, length]) expect(behind(damaged)).toBeNull();
    expect(behind(whole.subarray(5))).toBeNull();
  });
});
