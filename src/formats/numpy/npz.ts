import { readFileSync, writeFileSync } from 'node:fs';

import { unzipSync, zipSync } from 'fflate';

import { Failure } from '../../protocol/failure';
import { reasonOf } from '../byteSource';
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

/** Writes arrays as an uncompressed .npz file, as numpy.savez does. */
export function writeNpz(path: string, arrays: ReadonlyMap<string, NumpyArray>): void {
  const entries = Object.fromEntries([...arrays].map(([name, array]) => [`${name}.npy`, writeNpy(array)]));
  try {
    writeFileSync(path, zipSync(entries, { level: 0 }));
  } catch (error) {
    throw new Failure('write-failed', `${path} was not written: ${reasonOf(error)}.`);
  }
}
