/** The archives that test/golden/archives.py has written, and what is in them. */

import { readFileSync } from 'node:fs';
import path from 'node:path';

import { root } from '../../support/models';

export const names = ['config.json', 'model.weights.h5', 'größe/λ.bin'];

export function archive(name: string): Uint8Array {
  // A Buffer's own slice would share its memory, and mutants with it.
  return new Uint8Array(readFileSync(path.join(root, 'test/fixtures/zip', `${name}.zip`)));
}

/** What archives.py puts into a file of that name. */
export function content(name: string): Uint8Array {
  return Uint8Array.from({ length: 40 * name.length }, (_, i) => (7 * i + name.length * Math.floor(i / 16)) % 256);
}
