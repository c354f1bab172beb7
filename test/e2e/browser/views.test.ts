/** Both views in a page of their own, without a VS Code around them: what they ask of the host, remember, and put into their tables. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test('ask, remember and show what they should, and complain of nothing', { timeout: 180_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [path.resolve('test/webview-harness/behaviour.mjs')]);
  expect(stdout).toBe('Both views behave.\n');
});
