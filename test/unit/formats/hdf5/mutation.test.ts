/** HDF5 files that were damaged at random: each is read, or refused in words, and nothing of it is read over and over. */

import { describe, expect, it } from 'vitest';

import { openBytes } from '../../../../src/formats/files/byteSource';
import { sliceOf } from '../../../../src/formats/files/slice';
import { checksum } from '../../../../src/formats/hdf5/lookup3';
import type { Hdf5Group } from '../../../../src/formats/hdf5/read';
import { readHdf5 } from '../../../../src/formats/hdf5/read';
import { isFailure } from '../../../../src/protocol/failure';
import { createRandom } from '../../support/random';
import { bytesOf, files, hdf5In } from './files';

const mutants = 600;
const rounds = [1, 2, 3, 4, 5];
const longestBlock = 1 << 14;

interface Block {
  readonly start: number;
  readonly end: number;
}

/** Parts over which a checksum stands behind them: a mutant is to reach what is read after that. */
function checkedBlocks(bytes: Uint8Array): readonly Block[] {
  const text = Buffer.from(bytes).toString('latin1');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return [...text.matchAll(/OHDR|OCHK|BTHD|BTIN|BTLF|FRHP|\x89HDF/g)].flatMap(({ index: start }) => {
    const last = Math.min(bytes.length - 4, start + longestBlock);
    for (let end = start + 8; end <= last; end++) {
      if (checksum(bytes.subarray(start, end)) === view.getUint32(end, true)) return [{ start, end }];
    }
    return [];
  });
}

function mutate(bytes: Uint8Array, random: () => number): Uint8Array {
  if (random() < 0.05) return bytes.slice(0, Math.floor(random() * bytes.length));
  const result = bytes.slice();
  for (let flips = Math.floor(random() * 4); flips >= 0; flips--) {
    const at = Math.floor(random() * result.length);
    const kind = random();
    if (kind < 0.4) result[at] = Math.floor(random() * 256);
    else if (kind < 0.7) result[at] = (result[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    else if (kind < 0.8) result.fill(0xff, at, at + 8);
    // Addresses and lengths are at multiples of 8 mostly: another one of the same file leads into other structure.
    else result.copyWithin(8 * Math.floor(at / 8), 8 * Math.floor((random() * result.length) / 8), 8 * Math.floor((random() * result.length) / 8) + 8);
  }
  return result;
}

function look(group: Hdf5Group, seen = new Set<Hdf5Group>()): void {
  if (seen.has(group)) return;
  seen.add(group);
  for (const { attributes } of [group, ...group.datasets.values()]) for (const value of attributes.values()) expect(value).not.toBeUndefined();
  for (const child of group.groups.values()) look(child, seen);
}

describe.each(files)('%s', (name) => {
  const { source } = hdf5In(name);
  const bytes = name.endsWith('.keras') ? new Uint8Array(source.read(0, source.size)) : bytesOf(name);
  const blocks = checkedBlocks(bytes);
  it.each(rounds)('is read or refused however it is damaged (%i)', (seed) => {
    const random = createRandom(1000 * seed + name.length);
    let refused = 0;
    for (let round = 0; round < mutants; round++) {
      const mutant = mutate(bytes, random);
      const view = new DataView(mutant.buffer);
      // Where only some checksums are made right, others are found out.
      if (round % 4 > 0) for (const { start, end } of blocks) if (end + 4 <= mutant.length) view.setUint32(end, checksum(mutant.subarray(start, end)), true);
      let [reads, read] = [0, 0];
      const inner = openBytes('mutant', mutant);
      const counted = { ...inner, read: (offset: number, length: number) => {
        const result = inner.read(offset, length);
        reads++;
        read += result.length;
        return result;
      } };
      try {
        look(readHdf5(round % 2 === 0 ? counted : sliceOf(counted, 0, mutant.length)));
      } catch (error) {
        if (!isFailure(error)) throw error;
        refused++;
        expect(error.message).toMatch(/^mutant [^]+\.$/);
      }
      expect(read).toBeLessThan(4 * bytes.length + (1 << 20));
      expect(reads).toBeLessThan(20_000);
    }
    expect(refused).toBeGreaterThan(mutants / 20);
    expect(refused).toBeLessThan(mutants);
  });
});
