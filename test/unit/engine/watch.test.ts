import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

import { until } from '../../e2e/until';
import { createFolder } from '../support/temporary';

/** What has ended may wait to be asked for by a process that never asks. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform === 'linux' && /^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return true;
  }
}

describe('an engine that hears nothing, in the middle of a run', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)('ends with its parent, which is ended by %s', async (signal) => {
    const folder = createFolder();
    const engine = path.join(folder, 'engine.cjs');
    await build({ bundle: true, platform: 'node', format: 'cjs', outfile: engine, stdin: {
      // What ONNX Runtime does to its thread, without an end.
      contents: `import { isMainThread } from 'node:worker_threads'; import { endWithParent, watchParent } from './watch';
        if (isMainThread) { watchParent(__filename); process.send('ready', () => { for (;;); }); } else endWithParent();`,
      resolveDir: path.join(import.meta.dirname, '../../../src/engine'), loader: 'ts',
    } });
    const parent = path.join(folder, 'parent.cjs');
    writeFileSync(parent, `const engine = require('node:child_process').fork(${JSON.stringify(engine)});
      engine.on('message', () => console.log(engine.pid));`);
    const started = spawn(process.execPath, [parent], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(createInterface(started.stdout), 'line') as [string];
    const pid = Number(line);
    expect(isGone(pid)).toBe(false);
    started.kill(signal);
    await until('the engine to end', () => isGone(pid) || undefined);
  }, 60_000);
});
