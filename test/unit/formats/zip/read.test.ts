/** Archives as Python writes them, and as nobody should. */

import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

import { openBytes } from '../../../../src/formats/files/byteSource';
import { offsetOf, sliceOf } from '../../../../src/formats/files/slice';
import { entrySource, readEntry } from '../../../../src/formats/zip/contents';
import type { ZipEntry } from '../../../../src/formats/zip/entries';
import { readZip } from '../../../../src/formats/zip/entries';
import { Failure, isFailure } from '../../../../src/protocol/failure';
import { present } from '../../support/graphs';
import { createRandom } from '../../support/random';
import { archive, content, names } from './archives';

const limit = 1 << 16;
const forms = ['stored', 'deflated', 'streamed', 'streamed-deflated', 'comment', 'wide-headers', 'wide-streamed', 'wide-end'];
const stored = forms.filter((form) => !form.includes('deflated'));

describe('an archive', () => {
  it.each(forms)('that is %s holds what was put into it', (form) => {
    const source = openBytes(form, archive(form));
    const entries = readZip(source);
    expect(entries.map(({ name }) => name)).toEqual(names);
    for (const entry of entries) expect(readEntry(source, entry, limit)).toEqual(content(entry.name));
  });
  it.each(stored)('that is %s has its files as sources of their own', (form) => {
    const source = openBytes(form, archive(form));
    for (const entry of readZip(source)) {
      const file = entrySource(source, entry);
      const wanted = content(entry.name);
      expect(file.size).toBe(wanted.length);
      expect(file.read(3, 1 << 20)).toEqual(wanted.slice(3));
      expect(source.read(file.offset + 3, 9)).toEqual(wanted.slice(3, 12));
      const inner = sliceOf(file, 16, 8);
      expect(offsetOf(inner)).toBe(entry.dataOffset + 16);
      expect([inner.read(4, 100), inner.read(8, 1), inner.read(9, 1)]).toEqual([wanted.slice(20, 24), new Uint8Array(0), new Uint8Array(0)]);
    }
  });
  it('may have a comment that looks like its end', () => {
    const bytes = archive('comment');
    bytes.set([0x50, 0x4b, 5, 6], bytes.length - 200);
    expect(readZip(openBytes('comment', bytes))).toHaveLength(3);
  });
  it('may be empty', () => expect(readZip(openBytes('empty', archive('empty')))).toEqual([]));
  it('is read by its structure alone', () => {
    let read = 0;
    const inner = openBytes('stored', archive('stored'));
    readZip({ ...inner, read: (offset, length) => {
      read += length;
      return inner.read(offset, length);
    } });
    expect(read).toBeLessThan(inner.size + 1000);
  });
});

/** Bytes of an archive with a number written over them, in little-endian order. */
function poke(bytes: Uint8Array, at: number, value: number, width = 4): Uint8Array {
  const result = bytes.slice();
  for (let i = 0; i < width; i++) result[at + i] = Math.floor(value / 256 ** i) % 256;
  return result;
}

const plain = archive('stored');
const [first, second] = readZip(openBytes('a', plain)).map((entry) => present(entry)) as [ZipEntry, ZipEntry];
const end = plain.length - 22;
const wide = archive('wide-end');
const deflated = archive('deflated');
const firstDeflated = present(readZip(openBytes('a', deflated))[0]);

describe('an archive is refused in words', () => {
  it.each<readonly [string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /the record that ends an archive is missing/],
    ['one cut off', plain.slice(0, -1), /is missing, as where it was cut off/],
    ['a part of several', poke(plain, end + 4, 1, 2), /one of several parts/],
    ['a directory past its end', poke(plain, end + 16, plain.length), /its directory .* runs past/],
    ['a directory elsewhere', poke(plain, end + 16, first.dataOffset), /no header of a file at byte/],
    ['more files than there are', poke(plain, end + 10, 9, 2), /before all the files it counts/],
    ['fewer files than there are', poke(plain, end + 10, 2, 2), /names 2 files and ends/],
    ['too many files', poke(wide, wide.length - 22 - 20 - 56 + 32, 1e9, 8), /holds 1000000000 files/],
    ['a ZIP64 record that is not there', poke(wide, wide.length - 22 - 20 + 8, 3, 8), /there is no ZIP64 record at byte 3/],
    ['a ZIP64 record beyond all bounds', poke(wide, wide.length - 22 - 20 + 8, 2 ** 60, 8), /is not before its locator/],
    ['a name too long', poke(plain, first.centralOffset + 28, 65535, 2), /runs past the directory's end/],
    ['a header elsewhere', poke(plain, first.centralOffset + 42, 5), /there is no header of config\.json at byte 5/],
    ['another name in the header', poke(plain, first.headerOffset + 30, 0x41, 1), /config\.json has another name/],
    ['another method in the header', poke(plain, first.headerOffset + 8, 8, 2), /in one way by its directory/],
    ['another checksum in the header', poke(plain, first.headerOffset + 14, 1), /one checksum in its directory and another/],
    ['two sizes of what is stored', poke(plain, first.centralOffset + 24, 5), /has 5 bytes by one field and 440 by another/],
    ['data past the end', poke(poke(plain, second.centralOffset + 20, 1e9), second.centralOffset + 24, 1e9), /runs into its directory/],
    ['data over the next file', poke(poke(plain, first.centralOffset + 20, 500), first.centralOffset + 24, 500), /config\.json and model\.weights\.h5 share their bytes/],
    ['an encrypted directory', poke(plain, first.centralOffset + 8, 1 << 13, 2), /its directory is encrypted/],
    ['no checksum where it should follow', poke(plain, first.centralOffset + 8, 1 << 3, 2), /is not behind its data/],
  ])('%s', (_, bytes, said) => {
    expect(() => readZip(openBytes('a.zip', bytes))).toThrow(Failure);
    expect(() => readZip(openBytes('a.zip', bytes))).toThrow(/^a\.zip (is not a readable ZIP archive|cannot be read): [^.]/);
    expect(() => readZip(openBytes('a.zip', bytes))).toThrow(said);
  });
  it('two files of one name', () => {
    const twice = Buffer.from(archive('short-names')).toString('latin1').replaceAll('b.bin', 'a.bin');
    expect(() => readZip(openBytes('a.zip', Buffer.from(twice, 'latin1')))).toThrow(/it holds two files of the name a\.bin/);
  });
  it.each<readonly [string, Uint8Array, RegExp]>([
    ['encrypted', poke(plain, first.centralOffset + 8, 1, 2), /config\.json in it is encrypted/],
    ['of another method', archive('bzip2'), /compressed by method 12, and only deflate/],
    ['damaged', poke(plain, first.dataOffset, 1, 1), /the checksum of config\.json is not that of its bytes/],
    ['not deflated', poke(deflated, firstDeflated.dataOffset, 0xffffffff), /config\.json cannot be unpacked/],
    ['longer than it says', poke(deflated, firstDeflated.centralOffset + 24, 100), /config\.json (cannot be unpacked|takes)/],
    ['shorter than it says', poke(deflated, firstDeflated.centralOffset + 24, 1000), /unpacks to 440 bytes where 1000 are announced/],
    ['larger than wanted', poke(deflated, firstDeflated.centralOffset + 24, 1e6), /holds 1000000 bytes, and at most 65536 are read of it/],
  ])('and so is a file in it that is %s', (_, bytes, said) => {
    const source = openBytes('a.zip', bytes);
    const entry = present(readZip(source)[0]);
    expect(() => readEntry(source, entry, limit)).toThrow(said);
    expect(() => readEntry(source, entry, limit)).toThrow(Failure);
  });
  it('and so is a bomb, before anything of it is unpacked', () => {
    const source = openBytes('a.zip', deflated);
    const entry = { ...firstDeflated, size: 1 << 30 };
    expect(() => readEntry({ ...source, read: () => { throw new Error('It was read.'); } }, entry, 2 ** 31)).toThrow(/which no compression does/);
    // A real one says less than it holds: unpacking ends there.
    const bomb = deflateRawSync(new Uint8Array(1 << 20));
    const small = { ...firstDeflated, dataOffset: 0, compressedSize: bomb.length, size: 1200 };
    expect(() => readEntry(openBytes('a.zip', bomb), small, 2000)).toThrow(/cannot be unpacked/);
  });
  it('a compressed file as a source of its own', () => {
    expect(() => entrySource(openBytes('a.zip', deflated), firstDeflated)).toThrow(/config\.json in it is compressed, so its values have no place of their own/);
  });
});

describe('an archive that was damaged at random', () => {
  it.each([...forms, 'empty', 'bzip2'])('%s is read, or refused as a Failure', (form) => {
    const bytes = archive(form);
    const random = createRandom(form.length);
    for (let round = 0; round < 3000; round++) {
      const mutant = random() < 0.1 ? bytes.slice(0, Math.floor(random() * bytes.length)) : bytes.slice();
      for (let flips = Math.floor(random() * 4); flips >= 0 && mutant.length > 0; flips--) {
        const at = random() < 0.5 ? Math.floor(random() * mutant.length) : Math.max(0, mutant.length - 1 - Math.floor(random() * 260));
        mutant[at] = random() < 0.5 ? Math.floor(random() * 256) : (mutant[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
      let read = 0;
      const inner = openBytes('mutant', mutant);
      const source = { ...inner, read: (offset: number, length: number) => {
        read += Math.min(length, mutant.length);
        return inner.read(offset, length);
      } };
      try {
        for (const entry of readZip(source)) readEntry(source, entry, limit);
      } catch (error) {
        if (!isFailure(error)) throw error;
      }
      expect(read).toBeLessThan(4 * bytes.length + 1000);
    }
  });
});
