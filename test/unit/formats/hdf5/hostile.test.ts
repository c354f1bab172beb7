/** HDF5 files that nobody would write: what leads back to itself, and what is small and stands for much. */

import { describe, expect, it } from 'vitest';

import { openBytes } from '../../../../src/formats/files/byteSource';
import { checksum } from '../../../../src/formats/hdf5/lookup3';
import type { Hdf5Group } from '../../../../src/formats/hdf5/read';
import { datasetsOf, readHdf5 } from '../../../../src/formats/hdf5/read';
import { Failure } from '../../../../src/protocol/failure';
import { concat } from '../../support/protobuf';
import { present } from '../../support/graphs';

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text);
const number = (value: number, width: number): Uint8Array => Uint8Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** i) % 256);
const checked = (...parts: readonly Uint8Array[]): Uint8Array => {
  const bytes = concat(...parts);
  return concat(bytes, number(checksum(bytes), 4));
};
const none = new Uint8Array(8).fill(0xff);
const superblockBytes = 48;
const message = (type: number, body: Uint8Array): Uint8Array => concat(Uint8Array.of(type), number(body.length, 2), Uint8Array.of(0), body);
const header = (...messages: readonly Uint8Array[]): Uint8Array => {
  const all = concat(...messages);
  return checked(ascii('OHDR'), Uint8Array.of(2, 1), number(all.length, 2), all);
};
const link = (name: string, address: number): Uint8Array => message(6, concat(Uint8Array.of(1, 0, name.length), ascii(name), number(address, 8)));

/** A file of a superblock of version 2 and those objects, of which the first is the root. */
function file(...objects: readonly Uint8Array[]): Uint8Array {
  const rest = concat(...objects);
  const head = concat(Uint8Array.of(0x89), ascii('HDF\r\n\x1a\n'), Uint8Array.of(2, 8, 8, 0), number(0, 8), none, number(superblockBytes + rest.length, 8));
  return concat(checked(head, number(superblockBytes, 8)), rest);
}

/** Reads it, and counts what is asked of the source. */
function reading(bytes: Uint8Array): { read: () => Hdf5Group; asked: () => number } {
  let asked = 0;
  const inner = openBytes('a.h5', bytes);
  const source = { ...inner, read: (offset: number, length: number) => {
    asked++;
    return inner.read(offset, length);
  } };
  return { read: () => readHdf5(source), asked: () => asked };
}

/** Groups that each name others: `names(i)` are the numbers of those that group i names. */
function groups(count: number, names: (i: number) => readonly number[]): Uint8Array {
  const addresses: number[] = [];
  const made = (at: (i: number) => number): readonly Uint8Array[] => (
    Array.from({ length: count }, (_, i) => header(...names(i).map((other, k) => link(`l${k}`, at(other))))));
  let next = superblockBytes;
  for (const { length } of made(() => 0)) {
    addresses.push(next);
    next += length;
  }
  return file(...made((i) => present(addresses[i])));
}

describe('an HDF5 file', () => {
  it('whose header goes on in itself is refused', () => {
    const continuation = (address: number, length: number): Uint8Array => message(16, concat(number(address, 8), number(length, 8)));
    const root = header(continuation(0, 0)).length;
    const block = checked(ascii('OCHK'), continuation(superblockBytes + root, 28));
    const { read, asked } = reading(file(header(continuation(superblockBytes + root, 28)), block));
    expect(read).toThrow(/^a\.h5 is not a readable HDF5 file: its structure leads back to itself \(at byte \d+ of \d+\)\. Save or copy it again\.$/);
    expect(asked()).toBeLessThan(100_000);
  });
  it('whose groups lead back to themselves has each once', () => {
    // 0 -> 1, 2; 1 -> 2; 2 -> 1: a ring that is come by from two sides.
    const root = reading(groups(3, (i) => [[1, 2], [2], [1]][i] ?? [])).read();
    const [one, two] = [present(root.groups.get('l0')), present(root.groups.get('l1'))];
    expect(one.groups.get('l0')).toBe(two);
    expect(two.others.get('l0')).toMatch(/itself in, which is not followed$/);
    expect([...datasetsOf(root)]).toEqual([]);
  });
  it('whose groups are named twice each is read once for each, not for each way', () => {
    const { read, asked } = reading(groups(200, (i) => (i < 199 ? [i + 1, i + 1] : [])));
    expect([...datasetsOf(read())]).toEqual([]);
    expect(asked()).toBeLessThan(1000);
  });
  it('whose groups are nested without end is refused', () => {
    const { read } = reading(groups(300, (i) => (i < 299 ? [i + 1] : [])));
    expect(read).toThrow(Failure);
    expect(read).toThrow(/its groups are nested more than 256 levels deep/);
  });
  it('whose group has two links of one name is refused', () => {
    const root = header(link('a', 0), link('a', 0)).length;
    const bytes = file(header(link('a', superblockBytes + root), link('a', superblockBytes + root)), header());
    expect(reading(bytes).read).toThrow(/\/ has two links of one name/);
  });
  it('whose dataset is larger than the file is refused', () => {
    const float32 = concat(Uint8Array.of(0x11, 0x20, 31, 0), number(4, 4), number(0, 2), number(32, 2), Uint8Array.of(23, 8, 0, 23), number(127, 4));
    const shape = concat(Uint8Array.of(2, 1, 0, 1), number(1e9, 8));
    const layout = concat(Uint8Array.of(3, 1), number(64, 8), number(4e9, 8));
    const dataset = header(message(1, shape), message(3, float32), message(8, layout));
    const root = header(link('w', 0)).length;
    const bytes = file(header(link('w', superblockBytes + root)), dataset);
    expect(reading(bytes).read).toThrow(/the elements of \/w \(4000000000 bytes\) run past its end/);
  });
});
