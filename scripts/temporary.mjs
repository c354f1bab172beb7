import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { whenEnding } from './processes.mjs';

const folders = new Set();

/** A folder that goes with this process at the latest. Short: a socket is made in it, whose path may have only 104 characters. */
export function createTemporaryFolder() {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'initscope-'));
  folders.add(folder);
  return folder;
}

export function removeFolder(folder) {
  folders.delete(folder);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

whenEnding(() => folders.forEach(removeFolder));
