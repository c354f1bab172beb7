/**
 * node test/golden/generate.mjs: makes the golden values of this folder anew. They are committed; this is how they came to be. Needs
 * Python with torch, onnx, onnxscript and numpy: set PYTHON to that of a virtual environment which has them.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';

import { build as buildFolder, root } from '../../scripts/paths.mjs';
import { run, runMain } from '../../scripts/processes.mjs';
import { ensureDependencies } from '../../scripts/setup.mjs';

const here = import.meta.dirname;

async function main() {
  await ensureDependencies();
  const esbuild = await import('esbuild');
  const outfile = path.join(buildFolder, 'golden.cjs');
  const exported = path.join(buildFolder, 'golden.json');
  await mkdir(buildFolder, { recursive: true });
  await esbuild.build({
    entryPoints: [path.join(here, 'export.ts')], bundle: true, platform: 'node', format: 'cjs', outfile, external: ['onnxruntime-node'], logLevel: 'warning',
  });
  await run(process.execPath, [outfile, exported]);
  process.env.PYTHONDONTWRITEBYTECODE = '1';
  await run(process.env.PYTHON ?? 'python3', [path.join(here, 'generate.py'), exported, here, path.join(root, 'media/samples'), path.join(root, 'test/fixtures/golden')]);
}

await runMain(main);
