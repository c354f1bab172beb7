/** Checksums of headers, and of the archive around them, after changes. */

import { describe, expect, it } from 'vitest';

import type { ByteSource } from '../../../../src/formats/files/byteSource';
import { openBytes } from '../../../../src/formats/files/byteSource';
import { replaceBy } from '../../../../src/formats/files/replacement';
import { sliceOf } from '../../../../src/formats/files/slice';
import { withHeaderChecksums } from '../../../../src/formats/hdf5/checksums';
import { checksum } from '../../../../src/formats/hdf5/lookup3';
import { datasetsOf, readHdf5 } from '../../../../src/formats/hdf5/read';
import { withChecksums } from '../../../../src/formats/zip/checksums';
import { entrySource, readEntry } from '../../../../src/formats/zip/contents';
import { readZip } from '../../../../src/formats/zip/entries';
import { Failure } from '../../../../src/protocol/failure';
import { present } from '../../support/graphs';
import { bytesOf } from './files';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('lookup3', () => {
  it.each<readonly [string, number]>([
    // The driver of lookup3.c (Bob Jenkins, 2006) prints these, of hashlittle from 0.
    ['', 0xdeadbeef], ['Four score and seven years ago', 0x17770551],
  ])('of "%s" is what its author says', (text, wanted) => expect(checksum(ascii(text))).toBe(wanted));
});

describe('a dataset in a header', () => {
  const name = 'latest-storage.h5';
  const inside = bytesOf(name);
  // Behind something else, as in an archive.
  const bytes = new Uint8Array(100 + inside.length);
  bytes.set(inside, 100);
  const disk = openBytes(name, bytes);
  const compactOf = (source: ByteSource): { offset: number; length: number } => present(present(readHdf5(source).datasets.get('compact')).place);
  const root = readHdf5(sliceOf(disk, 100, inside.length));
  const { offset, length } = compactOf(sliceOf(disk, 100, inside.length));
  it('takes new values, and its checksum with them', () => {
    const values = new Uint8Array(length).fill(7);
    const changes = [replaceBy(offset + 4, offset + length, values.subarray(4), 'compact'), replaceBy(offset, offset + 4, values.subarray(0, 4), 'compact')];
    const all = withHeaderChecksums(disk, datasetsOf(root), changes);
    expect(all).toHaveLength(3);
    const patched = bytes.slice();
    for (const { start, chunks } of all) for (const chunk of chunks()) patched.set(chunk, start);
    // Reading compares the checksum.
    const after = openBytes(name, patched);
    expect(compactOf(sliceOf(after, 100, inside.length))).toEqual({ offset, length });
    expect(after.read(offset, length)).toEqual(values);
    patched[offset] = 8;
    expect(() => readHdf5(sliceOf(openBytes(name, patched), 100, inside.length))).toThrow(/the checksum of the header of an object is not that of its bytes/);
  });
  it('is refused what does not fit', () => {
    for (const change of [replaceBy(offset, offset + 4, new Uint8Array(5), 'w'), replaceBy(offset, offset + 1000, new Uint8Array(1000), 'w')]) {
      expect(() => withHeaderChecksums(disk, datasetsOf(root), [change])).toThrow(/w cannot be written into .* it does not fit into the header/);
      expect(() => withHeaderChecksums(disk, datasetsOf(root), [change])).toThrow(Failure);
    }
  });
  it('concerns no other', () => {
    const change = replaceBy(3, 5, new Uint8Array(2), 'w');
    expect(withHeaderChecksums(disk, datasetsOf(root), [change])).toEqual([change]);
  });
});

describe('a dataset in an archive', () => {
  it('takes new values where it says that it is, and the archive stays whole', () => {
    const bytes = bytesOf('bfloat16.keras');
    const disk = openBytes('bfloat16.keras', bytes);
    const entries = readZip(disk);
    const weights = (source: ByteSource): ReturnType<typeof entrySource> => (
      entrySource(source, present(readZip(source).find((entry) => entry.name === 'model.weights.h5'))));
    const all = [...datasetsOf(readHdf5(weights(disk)))].filter(({ dtype }) => dtype === 'bfloat16');
    expect(all.length).toBeGreaterThan(1);
    const places = all.map(({ place }) => present(place));
    const changes = places.map(({ offset, length }, i) => replaceBy(offset, offset + length, new Uint8Array(length).fill(i + 1), 'w'));
    const patched = bytes.slice();
    for (const { start, chunks } of withChecksums(disk, entries, changes)) for (const chunk of chunks()) patched.set(chunk, start);
    const after = openBytes('after.keras', patched);
    for (const entry of readZip(after)) expect(readEntry(after, entry, 1 << 20)).toHaveLength(entry.size);
    expect([...datasetsOf(readHdf5(weights(after)))].filter(({ dtype }) => dtype === 'bfloat16').map(({ place }) => place)).toEqual(places);
    for (const [i, { offset, length }] of places.entries()) expect(after.read(offset, length)).toEqual(new Uint8Array(length).fill(i + 1));
  });
});
