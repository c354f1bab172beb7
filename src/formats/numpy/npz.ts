import { readFileSync } from 'node:fs';

import { unzipSync, zipSync } from 'fflate';

import { Failure } from '../../protocol/failure';
import { reasonOf } from '../byteSource';
import { writeWhole } from '../outputs';
import type { NumpyArray } from './npy';
import { parseNpy, writeNpy } from './npy';

/** The arrays of an .npz file by name. */
export function readNpz(path: string): ReadonlyMap<string, NumpyArray> {
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(readFileSync(path));
  } catch (error) {
    throw new Failure('invalid-input', `${path} cannot be read as an .npz file: ${reasonOf(error)}.`);
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
