import { describe, expect, it } from 'vitest';

import type { NumpyArray } from '../../../../src/formats/numpy/npy';
import { parseNpy, writeNpy } from '../../../../src/formats/numpy/npy';
import { Failure } from '../../../../src/protocol/failure';
import { concat } from '../../support/protobuf';

/** An .npy file of format version 1 with that header. */
function npy(header: string, body: Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const length = version === 1 ? [text.length & 0xff, text.length >> 8] : [text.length & 0xff, text.length >> 8, 0, 0];
  return concat([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0], length, text, body);
}

describe('NumPy arrays', () => {
  it.each<NumpyArray>([
    { shape: [2, 3], data: Float32Array.of(1, -2, 3, NaN, Infinity, 0.5) }, { shape: [2], data: Float64Array.of(1e300, -0) },
    { shape: [], data: Float32Array.of(7) },
    { shape: [3], data: BigInt64Array.of(1n, -2n, 2n ** 62n) }, { shape: [0, 4], data: Float32Array.of() }, { shape: [2, 1], data: Int32Array.of(-1, 5) },
    { shape: [4], data: Uint8Array.of(0, 1, 254, 255) },
  ])('go round: $shape', (array) => expect(parseNpy('a', writeNpy(array))).toEqual(array));
  it('begin as NumPy wants them: aligned to 64 bytes', () => {
    const bytes = writeNpy({ shape: [5], data: new Float32Array(5) });
    expect((bytes.length - 20) % 64).toBe(0);
    expect(new TextDecoder('latin1').decode(bytes.subarray(10))).toMatch(/^\{'descr': '<f4', 'fortran_order': False, 'shape': \(5,\), \} *\n/);
  });
  it('of version 2, and of type bool, are read too', () => {
    const bytes = npy("{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", Uint8Array.of(1, 0), 2);
    expect(parseNpy('a', bytes)).toEqual({ shape: [2], data: Uint8Array.of(1, 0) });
  });
  it('of Fortran order, as NumPy stores what was transposed, are read in C order', () => {
    // numpy.save of asfortranarray(arange(1, 25).reshape(2, 3, 4)), and of the transpose of [[1, 2], [3, 4], [5, 6]].
    const cube = Float32Array.of(1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23, 4, 16, 8, 20, 12, 24);
    const read = parseNpy('a', npy(header('2, 3, 4', '<f4', 'True'), new Uint8Array(cube.buffer)));
    expect([...read.data]).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
    const turned = parseNpy('b', npy(header('2, 3', '<i8', 'True'), new Uint8Array(BigInt64Array.of(1n, 2n, 3n, 4n, 5n, 6n).buffer)));
    expect(turned).toEqual({ shape: [2, 3], data: BigInt64Array.of(1n, 3n, 5n, 2n, 4n, 6n) });
    expect(parseNpy('c', npy(header('3,', '|u1', 'True'), Uint8Array.of(7, 8, 9))).data).toEqual(Uint8Array.of(7, 8, 9));
  });
  const header = (shape: string, type = '<f4', order = 'False'): string => `{'descr': '${type}', 'fortran_order': ${order}, 'shape': (${shape}), }`;
  it.each([
    ['nothing', new Uint8Array(0), /does not begin/], ['a header cut off', npy(header('2'), new Uint8Array(0)).subarray(0, 20), /cut off/],
    ['no shape', npy("{'descr': '<f4'}", new Uint8Array(0)), /names no shape/],
    ['another type', npy(header('2', '>f4'), new Uint8Array(8)), />f4/], ['too few elements', npy(header('3,'), new Uint8Array(8)), /does not fit/],
    ['a negative shape', npy(header('-1,'), new Uint8Array(8)), /shape is \(-1,\)/], ['a broken shape', npy(header('2.5, x'), new Uint8Array(8)), /shape is/],
    ['a shape beyond all bounds', npy(header('9007199254740991, 9007199254740991'), new Uint8Array(8)), /does not fit/],
  ])('with %s are refused in words', (_, bytes, said) => {
    expect(() => parseNpy('file.npz:a', bytes)).toThrow(Failure);
    expect(() => parseNpy('file.npz:a', bytes)).toThrow(/^file\.npz:a is not a NumPy array/);
    expect(() => parseNpy('file.npz:a', bytes)).toThrow(said);
  });
});
