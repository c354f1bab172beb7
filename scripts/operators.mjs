/** npm run docs:operators: writes docs/operators.md, what is done with every standard operator. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build as buildFolder, root } from './paths.mjs';
import { runMain } from './processes.mjs';
import { ensureDependencies } from './setup.mjs';

async function main() {
  await ensureDependencies();
  const esbuild = await import('esbuild');
  const outfile = path.join(buildFolder, 'operatorTable.mjs');
  const entry = path.join(root, 'test/ops/operatorTable.ts');
  await esbuild.build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile, logLevel: 'warning' });
  const { operatorTable } = await import(pathToFileURL(outfile).href);
  const names = JSON.parse(await readFile(path.join(root, 'test/golden/standardOperators.json'), 'utf8'));
  await writeFile(path.join(root, 'docs/operators.md'), operatorTable(names));
}

await runMain(main);
