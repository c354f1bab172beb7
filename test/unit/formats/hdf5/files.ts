/** The files that test/golden/hdf5.py has written, and what h5py reads from them. */

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

import type { ByteSource } from '../../../../src/formats/files/byteSource';
import { openBytes } from '../../../../src/formats/files/byteSource';
import { entrySource } from '../../../../src/formats/zip/contents';
import { readZip } from '../../../../src/formats/zip/entries';
import { present } from '../../support/graphs';
import { root } from '../../support/models';

const folder = path.join(root, 'test/fixtures/hdf5');

type Values = Readonly<Record<string, unknown>>;

export interface GoldenDataset {
  /** NumPy's name. */
  readonly dtype: string;
  readonly shape: readonly number[] | null;
  /** Where h5py says that its elements are, from the start of the HDF5 file. */
  readonly offset: number | null;
  /** The first elements, where they are numbers. */
  readonly values: readonly number[] | null;
  readonly attributes: Values;
}

export interface Golden {
  readonly groups: Readonly<Record<string, { readonly children: readonly string[]; readonly attributes: Values }>>;
  /** By each path; one that has another path, too, is that path. */
  readonly datasets: Readonly<Record<string, GoldenDataset | string>>;
}

export const goldens = JSON.parse(readFileSync(path.join(folder, 'golden.json'), 'utf8')) as Readonly<Record<string, Golden>>;
export const files = readdirSync(folder).filter((name) => name !== 'golden.json');

export function bytesOf(name: string): Uint8Array {
  return new Uint8Array(readFileSync(path.join(folder, name)));
}

/** The HDF5 file itself: of an archive the one that is in it. */
export function hdf5In(name: string, bytes = bytesOf(name)): { readonly archive: ByteSource; readonly source: ByteSource } {
  const archive = openBytes(name, bytes);
  if (!name.endsWith('.keras')) return { archive, source: archive };
  return { archive, source: entrySource(archive, present(readZip(archive).find((entry) => entry.name === 'model.weights.h5'))) };
}
