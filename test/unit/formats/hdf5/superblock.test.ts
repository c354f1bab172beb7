/** Superblocks that h5py does not write, and files that are not at the start of what they are in. */

import { describe, expect, it } from 'vitest';

import { openBytes } from '../../../../src/formats/files/byteSource';
import type { Hdf5Dataset } from '../../../../src/formats/hdf5/dataset';
import { datasetsOf, readHdf5 } from '../../../../src/formats/hdf5/read';
import { Failure } from '../../../../src/protocol/failure';
import { bytesOf } from './files';

const datasets = (bytes: Uint8Array): readonly Hdf5Dataset[] => [...datasetsOf(readHdf5(openBytes('a.h5', bytes)))];
const places = (bytes: Uint8Array, shift = 0): readonly unknown[] => (
  datasets(bytes).map(({ path, place }) => [path, place && place.offset - shift, place?.length]));
const old = bytesOf('float16.weights.h5');
const wanted = places(old);

function behind(length: number, bytes: Uint8Array): Uint8Array {
  const result = new Uint8Array(length + bytes.length);
  result.set(bytes, length);
  return result;
}

/** The same with a superblock of version 1, which is 4 bytes longer: the header of the root, which it then reaches into, moves to the end. */
function inVersion1(bytes: Uint8Array): Uint8Array {
  const [superblock, head, width] = [96, 16, 4];
  const size = new DataView(bytes.buffer).getUint32(superblock + 8, true);
  const root = bytes.slice(superblock, superblock + head + size);
  const result = new Uint8Array(bytes.length + root.length);
  result.set(bytes);
  result.set(bytes.subarray(24, superblock), 24 + width);
  result.set(root, bytes.length);
  const view = new DataView(result.buffer);
  view.setUint8(8, 1);
  view.setUint32(24, 32, true);
  view.setBigUint64(24 + width + 16, BigInt(result.length), true);
  view.setBigUint64(24 + width + 40, BigInt(bytes.length), true);
  return result;
}

describe('an HDF5 file', () => {
  it('has places', () => expect(wanted.length).toBeGreaterThan(1));
  it('with a superblock of version 1 is the same', () => expect(places(inVersion1(old))).toEqual(wanted));
  it.each([512, 1024, 4096])('that was put behind %i bytes is the same', (length) => expect(places(behind(length, old), length)).toEqual(wanted));
  it('may have something behind it', () => {
    const longer = new Uint8Array(old.length + 5);
    longer.set(old);
    expect(places(longer)).toEqual(wanted);
  });
  const poked = (at: number, ...values: readonly number[]): Uint8Array => {
    const result = old.slice();
    result.set(values, at);
    return result;
  };
  it.each<readonly [string, Uint8Array, RegExp]>([
    ['nothing', new Uint8Array(0), /^a\.h5 is not an HDF5 file: its signature is missing/],
    ['something else', new Uint8Array(5000), /its signature is missing/],
    ['one behind as many bytes as none is', behind(513, old), /its signature is missing/],
    ['one that was cut off', old.slice(0, -7), /it was cut off: 7 bytes of it are missing \(at byte \d+ of \d+\)/],
    ['one of a version to come', poked(8, 9), /^a\.h5 cannot be read: version 9 of its superblock is not known here \(0, 1, 2, 3 are\)/],
    ['one of narrow addresses', poked(13, 2), /its addresses are 2 and its lengths 8 bytes wide, and 4 or 8 are read/],
    ['one without a root', poked(64, 255, 255, 255, 255, 255, 255, 255, 255), /its root group is nowhere/],
    ['one whose root is beyond its end', poked(64, 0, 0, 0, 1), /what should be at byte 16777216 is beyond its end/],
  ])('is refused in words: %s', (_, bytes, said) => {
    expect(() => readHdf5(openBytes('a.h5', bytes))).toThrow(said);
    expect(() => readHdf5(openBytes('a.h5', bytes))).toThrow(Failure);
  });
  it('of a newer form is refused where a checksum is wrong', () => {
    const bytes = bytesOf('latest.h5');
    bytes[16] = (bytes[16] ?? 0) ^ 1;
    expect(() => readHdf5(openBytes('a.h5', bytes))).toThrow(/the checksum of its superblock is not that of its bytes/);
  });
  it('that knows a form of a dataset that is not known here has the others', () => {
    const bytes = bytesOf('types.h5');
    const known = datasets(bytes);
    const at = known.find(({ path }) => path === '/f4')?.place?.offset ?? 0;
    const address = new Uint8Array(new BigUint64Array([BigInt(at)]).buffer);
    const place = Buffer.from(bytes).indexOf(address);
    // Version and kind stand before the address of what is contiguous.
    bytes[place - 2] = 7;
    const after = datasets(bytes);
    const problem = 'version 7 of the layout of a dataset is not known here (1, 2, 3, 4 are)';
    expect(after.find(({ path }) => path === '/f4')).toMatchObject({ place: null, problem });
    expect(after.filter(({ place: there }) => there)).toHaveLength(known.filter(({ place: there }) => there).length - 1);
  });
});
