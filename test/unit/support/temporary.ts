import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

/** A folder of a test file's own, removed when its tests are done. */
export function createFolder(): string {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'initscope-unit-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files into such a folder under names of their own. */
export function createWriter(folder: string): (name: string, bytes: Uint8Array | string) => string {
  return (name, bytes) => {
    const file = path.join(folder, name);
    writeFileSync(file, bytes);
    return file;
  };
}
