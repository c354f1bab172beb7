import { readFileSync } from 'node:fs';

import { unzipSync, zipSync } from 'fflate';

import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import { reasonOf } from '../files/byteSource';
import { freeMemory } from '../files/freeMemory';
import { writeWhole } from '../files/outputs';
import type { NumpyArray } from './npy';
import { parseNpy, writeNpy } from './npy';

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

/** The arrays of an .npz file by name. */
export function readNpz(path: string, available = freeMemory()): ReadonlyMap<string, NumpyArray> {
  let entries: Record<string, Uint8Array>;
  let unpacked = 0;
  try {
    entries = unzipSync(readFileSync(path), {
      filter: ({ originalSize }) => {
        // Nothing is unpacked beyond what an entry says of itself.
        unpacked += originalSize;
        return unpacked <= available;
      },
    });
  } catch (error) {
    throw new Failure('invalid-input', say('{0} cannot be read as an .npz file: {1}.', path, reasonOf(error)));
  }
  if (unpacked > available) {
    throw new Failure('out-of-memory', say('{0}: its arrays unpack to {1}, and {2} of memory are free. Give fewer or smaller arrays.',
      path, gigabytes(unpacked), gigabytes(available)));
  }
  return new Map(Object.entries(entries).map(([name, bytes]) => [name.replace(/\.npy$/, ''), parseNpy(`${path}:${name}`, bytes)]));
}

/** Arrays as an uncompressed .npz file, as numpy.savez makes it. */
export function encodeNpz(arrays: ReadonlyMap<string, NumpyArray>): Uint8Array {
  return zipSync(Object.fromEntries([...arrays].map(([name, array]) => [`${name}.npy`, writeNpy(array)])), { level: 0 });
}

export async function writeNpz(path: string, arrays: ReadonlyMap<string, NumpyArray>): Promise<void> {
  await writeWhole(path, encodeNpz(arrays));
}
