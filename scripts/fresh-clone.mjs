/**
 * npm run test:clone: what somebody has who clones the project: no models beside it, nothing installed, an empty home. Runs there the tests that
 * would use such models, of every level, since these are the ones that may forget that there are none.
 */
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';
import { Failure, run, runMain } from './processes.mjs';
import { createTemporaryFolder, removeFolder } from './temporary.mjs';

/** How a test file reaches for the models. */
const reach = /from '[./]+(?:support\/models|realModels)'/;

async function main() {
  const folder = createTemporaryFolder();
  const [clone, home] = ['initscope', 'home'].map((name) => path.join(folder, name));
  mkdirSync(home);
  try {
    await run('git', ['clone', '--quiet', '--depth', '1', `file://${root}`, clone]);
    const tests = readdirSync(path.join(clone, 'test'), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.test.ts') && reach.test(readFileSync(path.join(clone, 'test', name), 'utf8')))
      .map((name) => path.posix.join('test', name.split(path.sep).join('/')));
    if (tests.length === 0) throw new Failure('No test reaches for models that are not in the clone: scripts/fresh-clone.mjs looks for the wrong words.');
    const env = { ...process.env, HOME: home, USERPROFILE: home };
    await run(process.execPath, ['scripts/test.mjs', 'unit', 'browser', ...tests], { cwd: clone, env });
  } finally {
    removeFolder(folder);
  }
}

await runMain(main);
