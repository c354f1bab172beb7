// A folder of this process for what lives as long as it does; those of processes that did not end in order are removed.

import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { isRunning } from '../formats/files/processes';

/** A place below `parent` that nobody else has; it is made by whoever puts something there. */
export function ownFolder(parent: string): { readonly path: string; remove(): void } {
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    const pid = /^(\d{1,10})-[0-9a-f]{8}$/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(parent, name), { recursive: true, force: true });
  }
  const path = join(parent, `${process.pid}-${randomBytes(4).toString('hex')}`);
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
