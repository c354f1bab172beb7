/** A copy that is written over where it changes, while new bytes are worked out. */
import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { describe, expect, it } from 'vitest';

import { writePatched } from '../../../src/formats/files/patch';
import type { Replacement } from '../../../src/formats/files/replacement';
import { remembered } from '../../../src/formats/files/replacement';
import type { Cancellation } from '../../../src/protocol/rpc';
import { createFolder } from '../support/temporary';

/** Larger than what is flushed before everything is written; a hole, which takes no room. */
const large = (1 << 26) + 10;
const chunk = 1 << 10;

function source(size: number): string {
  const file = path.join(createFolder(), 'source');
  writeFileSync(file, 'begin');
  truncateSync(file, size);
  return file;
}

/** In so many chunks, each in the same memory, its number in every byte; `made` is told of each. */
function numbered(start: number, count: number, made: (i: number) => void = () => undefined): Replacement {
  return {
    start, end: start + count * chunk, length: count * chunk, owner: `bytes at ${start}`,
    *chunks() {
      const room = new Uint8Array(chunk);
      for (let i = 0; i < count; i++) {
        made(i);
        yield room.fill(i + 1);
      }
    },
  };
}

describe('a file of which most stays', () => {
  it.each([1 << 20, large])('holds what was and what is new: %i bytes', async (size) => {
    const file = source(size);
    const target = `${file}.beside`;
    let made = 0;
    const replacements = [numbered(100, 5, () => made++), numbered(size - 200 * chunk, 200, () => made++)];
    await writePatched({ source: file, target: file, replacements, append: Uint8Array.of(7) }, target);
    const expected = Buffer.alloc(size + 1);
    expected.write('begin');
    for (let i = 0; i < 5; i++) expected.fill(i + 1, 100 + i * chunk, 100 + (i + 1) * chunk);
    for (let i = 0; i < 200; i++) expected.fill(i + 1, size - (200 - i) * chunk, size - (199 - i) * chunk);
    expected[size] = 7;
    expect(readFileSync(target).equals(expected)).toBe(true);
    expect(made).toBe(205);
  });
  it('is given up between two chunks', async () => {
    const file = source(large);
    let isCancelled = false;
    let made = 0;
    const cancellation: Cancellation = { get cancelled() { return isCancelled; }, onCancel: () => () => undefined };
    const replacements = [numbered(100, 1000, (i) => {
      made++;
      isCancelled = i === 2;
    })];
    await expect(writePatched({ source: file, target: file, replacements, append: null, cancellation }, `${file}.beside`)).rejects.toThrow('Cancelled.');
    expect(made).toBe(3);
  });
  it('says what is wrong with what is worked out while it is copied', async () => {
    const file = source(large);
    const broken: Replacement = { ...numbered(100, 3), length: 4 * chunk, end: 100 + 4 * chunk };
    await expect(writePatched({ source: file, target: file, replacements: [broken], append: null }, `${file}.beside`))
      .rejects.toThrow('3072 bytes came where 4096 were announced.');
    expect(existsSync(file)).toBe(true);
  });
});

describe('new bytes that are remembered', () => {
  it('are made once, also if whoever has them prepared stops in the middle', () => {
    let made = 0;
    const replacement = remembered(numbered(0, 4, () => made++));
    const steps = replacement.prepare?.();
    steps?.next();
    steps?.return();
    expect(made).toBe(1);
    for (let i = 0; i < 2; i++) expect(Buffer.concat([...replacement.chunks()])[3 * chunk]).toBe(4);
    expect(made).toBe(5);
  });
});
