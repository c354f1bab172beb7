/**
 * npm run bench: how long the expensive things take, as ratios to a peer measured in the same run, because times differ between machines.
 * INITSCOPE_PYTHON names a Python with PyTorch, onnx and scikit-learn to compare with, INITSCOPE_KERAS one with Keras; without them those peers are said to
 * be absent.
 */
import path from 'node:path';
import { build } from './build.mjs';
import { build as buildFolder, root } from './paths.mjs';
import { run, runMain } from './processes.mjs';
import { ensureDependencies } from './setup.mjs';
import { createTemporaryFolder, removeFolder } from './temporary.mjs';

async function main() {
  await ensureDependencies();
  await build({ names: ['cli', 'engine'] });
  const esbuild = await import('esbuild');
  const outfile = path.join(buildFolder, 'bench.cjs');
  const options = { bundle: true, platform: 'node', format: 'cjs', external: ['onnxruntime-node'], logLevel: 'warning' };
  await esbuild.build({ ...options, entryPoints: [path.join(root, 'test/bench/main.ts')], outfile });
  for (const name of ['reader', 'runner', 'learner']) {
    await esbuild.build({ ...options, entryPoints: [path.join(root, `test/bench/${name}.ts`)], outfile: path.join(buildFolder, `bench-${name}.cjs`) });
  }
  if (!process.env.INITSCOPE_PYTHON) console.warn('\nPEER ABSENT: PyTorch. Set INITSCOPE_PYTHON to a Python that has torch to compare with it.\n');
  const folder = createTemporaryFolder();
  try {
    await run(process.execPath, [outfile, folder, path.join(root, 'media/samples/residual-cnn.onnx'), root]);
  } finally {
    removeFolder(folder);
  }
}

await runMain(main);
