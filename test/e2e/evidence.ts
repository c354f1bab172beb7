/** What a failed test leaves below .artifacts/failures: the window, what its console said, and the logs of the server and the extensions. */
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';
import type { Server } from '../../scripts/code-server.mjs';

interface Recorded {
  readonly page: Page;
  readonly server: Server;
}

const failures = path.resolve(import.meta.dirname, '../../.artifacts/failures');
const longestConsole = 2000;
const consoles = new Map<Recorded, string[]>();

export function recordEvidence(recorded: Recorded): void {
  const lines: string[] = [];
  const start = Date.now();
  const keep = (text: string): void => {
    lines.push(`${((Date.now() - start) / 1000).toFixed(2)} s  ${text}`);
    if (lines.length > longestConsole) lines.shift();
  };
  consoles.set(recorded, lines);
  recorded.page.on('console', (message) => keep(`${message.type()}: ${message.text()}`));
  recorded.page.on('dialog', (dialog) => keep(`dialog: ${dialog.type()} ${dialog.message()}`));
  recorded.page.on('domcontentloaded', () => keep('the page was loaded'));
}

export function forgetEvidence(recorded: Recorded): void {
  consoles.delete(recorded);
}

/** Returns where it is. */
export async function saveEvidence(test: string): Promise<string> {
  const folder = path.join(failures, test.replace(/[^\w.-]+/g, '-'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [{ page, server }, lines] of consoles) {
    writeFileSync(path.join(folder, 'console.log'), lines.join('\n'));
    writeFileSync(path.join(folder, 'server.log'), server.log());
    for (const logs of ['user/logs', 'user/coder-logs', 'user/User/Backups']) {
      const source = path.join(server.profile, logs);
      if (existsSync(source)) cpSync(source, path.join(folder, path.basename(logs)), { recursive: true });
    }
    await page.screenshot({ path: path.join(folder, 'window.png') }).catch(() => undefined);
  }
  return folder;
}
