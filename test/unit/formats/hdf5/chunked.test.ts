/** Datasets in chunks, put together. */

import { describe, expect, it } from 'vitest';

import { openBytes } from '../../../../src/formats/files/byteSource';
import { gridOf } from '../../../../src/formats/hdf5/chunked';
import type { Hdf5Dataset } from '../../../../src/formats/hdf5/dataset';
import { readHdf5 } from '../../../../src/formats/hdf5/read';
import { unpackedBytes } from '../../../../src/formats/tensors/chunked';
import { elementChunks } from '../../../../src/formats/tensors/elements';
import { isFailure } from '../../../../src/protocol/failure';
import { present } from '../../support/graphs';
import { createRandom } from '../../support/random';
import { bytesOf, hdf5In } from './files';

const dataset = (file: string, name: string): Hdf5Dataset => present(readHdf5(hdf5In(file).source).datasets.get(name));
/** What hdf5.py puts into them. */
const wanted = Array.from({ length: 600 }, (_, i) => Math.floor((i / 4 - 3) / 4));

describe('a dataset in chunks', () => {
  it.each(['gzip', 'shuffle', 'chunks'])('is put together: %s', (name) => {
    const grid = gridOf(dataset('storage.h5', name));
    if (typeof grid === 'string') throw new Error(grid);
    expect(grid.shape).toEqual([20, 30]);
    const place = { file: '', offset: 0, length: 0, encoding: 'chunked', grid } as const;
    const elements = [...elementChunks(hdf5In('storage.h5').source, present(dataset('storage.h5', name).dtype), place, 600)].flatMap((chunk) =>
      Array.from(chunk, Number));
    expect(elements).toEqual(wanted);
  });
  it.each<readonly [string, Hdf5Dataset, string]>([
    ['packed by what is not known', dataset('storage.h5', 'lzf'), 'it is stored in chunks, packed by lzf'],
    ['written in part', dataset('storage.h5', 'holes'), '3 of its 4 chunks were never written'],
    ['found by a newer tree', dataset('latest-storage.h5', 'gzip'),
      'it is stored in chunks with an index of the newer kind, packed by gzip: h5py writes the older one by libver="earliest"'],
    ['not in chunks', dataset('types.h5', 'f4'), 'it is not stored in chunks'],
    ['larger than its file can hold', { ...dataset('storage.h5', 'gzip'), shape: [100_000, 30_000] }, 'the file is too short for its chunks'],
    ['in rows that nobody can hold', { ...dataset('storage.h5', 'gzip'), shape: [20, 2 ** 40] },
      'its chunks lie in rows of 35184372088832 bytes, and at most 134217728 are held at once'],
  ])('is refused where it is %s', (_, stored, said) => {
    expect(gridOf(stored)).toBe(said);
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
        const source = openBytes('mutant', mutant);
        for (const stored of readHdf5(source).datasets.values()) {
          if (!stored.chunks) continue;
          try {
            const grid = gridOf(stored);
            if (typeof grid === 'string') refused++;
            else for (const bytes of unpackedBytes(source, grid)) read += Math.sign(bytes.length);
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
