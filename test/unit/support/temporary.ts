import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';

const folders: string[] = [];
// Registered when a test file imports this one: a hook that is registered inside a running test is never called.
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder of its own, removed when the tests of the file are done. */
export function createFolder(): string {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'initscope-unit-'));
  folders.push(folder);
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

/** Writes texts into such a folder under names that are not taken. */
export function createTexts(folder: string): { readonly nextFile: () => string; readonly fileOf: (text: string) => string } {
  let files = 0;
  const nextFile = (): string => path.join(folder, `${files++}.json`);
  return { nextFile, fileOf: (text) => {
    const file = nextFile();
    writeFileSync(file, text);
    return file;
  } };
}
