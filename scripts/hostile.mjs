/**
 * npm run hostile [-- --count N --seed S --workers N]: opens N mutants of the project's models, each of which may take 2 s and 300 MB, and says
 * which took most. `--only N` writes the mutant of that number to .artifacts instead, to be looked at.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { artifacts, build as buildFolder, root } from './paths.mjs';
import { run, runMain } from './processes.mjs';
import { ensureDependencies } from './setup.mjs';
import { createTemporaryFolder, removeFolder } from './temporary.mjs';

async function main() {
  const { values } = parseArgs({
    options: { count: { type: 'string' }, seed: { type: 'string' }, workers: { type: 'string' }, only: { type: 'string' } },
  });
  await ensureDependencies();
  const esbuild = await import('esbuild');
  const built = (name) => path.join(buildFolder, `hostile-${name}.cjs`);
  for (const name of ['main', 'worker']) {
    const entry = path.join(root, `test/hostile/${name}.ts`);
    await esbuild.build({ bundle: true, platform: 'node', format: 'cjs', logLevel: 'warning', entryPoints: [entry], outfile: built(name), sourcemap: 'inline' });
  }
  const { count = '2000', seed = '1', workers = '2', only } = values;
  mkdirSync(artifacts, { recursive: true });
  const folder = only === undefined ? createTemporaryFolder() : artifacts;
  try {
    // External data that some of the models name.
    if (only === undefined) writeFileSync(path.join(folder, 'weights.bin'), Buffer.alloc(4096, 7));
    await run(process.execPath, [built('main'), root, folder, built('worker'), count, seed, workers, ...(only === undefined ? [] : [only])]);
  } finally {
    if (only === undefined) removeFolder(folder);
  }
}

await runMain(main);
