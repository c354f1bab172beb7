/** Datasets in chunks, put together. */

import { describe, expect, it } from 'vitest';

import { openBytes } from '../../../../src/formats/files/byteSource';
import { readChunked } from '../../../../src/formats/hdf5/chunked';
import type { Hdf5Dataset } from '../../../../src/formats/hdf5/dataset';
import { readHdf5 } from '../../../../src/formats/hdf5/read';
import { readElements } from '../../../../src/formats/tensors/elements';
import { Failure, isFailure } from '../../../../src/protocol/failure';
import { present } from '../../support/graphs';
import { createRandom } from '../../support/random';
import { bytesOf, hdf5In } from './files';

const limit = 1 << 16;
const dataset = (file: string, name: string): Hdf5Dataset => present(readHdf5(hdf5In(file).source).datasets.get(name));
/** What hdf5.py puts into them. */
const wanted = Array.from({ length: 600 }, (_, i) => Math.floor((i / 4 - 3) / 4));

describe('a dataset in chunks', () => {
  it.each(['gzip', 'shuffle', 'chunks'])('is put together: %s', (name) => {
    const stored = dataset('storage.h5', name);
    const bytes = readChunked(stored, limit);
    const { shape, dtype } = stored;
    expect(shape).toEqual([20, 30]);
    const place = { file: '', offset: 0, length: bytes.length, encoding: 'contiguous' } as const;
    const elements = readElements(openBytes('', bytes), { dtype: present(dtype), shape, place });
    expect(Array.from(elements ?? [], Number)).toEqual(wanted);
  });
  it.each<readonly [string, Hdf5Dataset, number, RegExp]>([
    ['too large', dataset('storage.h5', 'gzip'), 2399, /^\/gzip cannot be read: it holds 2400 bytes, and at most 2399 are read of it\./],
    ['packed by what is not known', dataset('storage.h5', 'lzf'), limit, /it is stored in chunks, packed by lzf/],
    ['written in part', dataset('storage.h5', 'holes'), limit, /3 of its 4 chunks were never written/],
    ['found by a newer tree', dataset('latest-storage.h5', 'gzip'), limit, /it is stored in chunks, packed by gzip/],
    ['not in chunks', dataset('types.h5', 'f4'), limit, /it is not stored in chunks/],
  ])('is refused where it is %s', (_, stored, most, said) => {
    expect(() => readChunked(stored, most)).toThrow(said);
    expect(() => readChunked(stored, most)).toThrow(Failure);
  });
  it('is put together or refused however the file is damaged', () => {
    const bytes = bytesOf('storage.h5');
    const random = createRandom(5);
    const trees = [...Buffer.from(bytes).toString('latin1').matchAll(/TREE\x01/g)].map(({ index }) => index);
    let [read, refused] = [0, 0];
    for (let round = 0; round < 3000; round++) {
      const mutant = bytes.slice();
      for (let flips = Math.floor(random() * 4); flips >= 0; flips--) {
        const near = present(trees[Math.floor(random() * trees.length)]);
        const at = Math.min(mutant.length - 1, random() < 0.8 ? near + Math.floor(random() * 400) : Math.floor(random() * mutant.length));
        mutant[at] = random() < 0.5 ? Math.floor(random() * 256) : (mutant[at] ?? 0) ^ (1 << Math.floor(random() * 8));
      }
      try {
        for (const stored of readHdf5(openBytes('mutant', mutant)).datasets.values()) {
          if (!stored.chunks) continue;
          try {
            expect(readChunked(stored, limit).length).toBeLessThanOrEqual(limit);
            read++;
          } catch (error) {
            if (!isFailure(error)) throw error;
            refused++;
          }
        }
      } catch (error) {
        if (!isFailure(error)) throw error;
      }
    }
    expect(read).toBeGreaterThan(1000);
    expect(refused).toBeGreaterThan(1000);
  });
});
