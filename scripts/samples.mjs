/** npm run samples: makes the sample models that the extension ships. They are committed; this is how they came to be. */
import path from 'node:path';
import { build as buildFolder, root } from './paths.mjs';
import { run, runMain } from './processes.mjs';
import { ensureDependencies } from './setup.mjs';

async function main() {
  await ensureDependencies();
  const esbuild = await import('esbuild');
  const outfile = path.join(buildFolder, 'samples.cjs');
  await esbuild.build({ entryPoints: [path.join(root, 'test/samples/main.ts')], bundle: true, platform: 'node', format: 'cjs', outfile, logLevel: 'warning' });
  await run(process.execPath, [outfile, path.join(root, 'media/samples')]);
}

await runMain(main);
