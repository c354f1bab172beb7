/**
 * npm run bench: how long the expensive things take, as ratios to a peer measured in the same run, because times differ between machines.
 * INITSCOPE_PYTHON names a Python with PyTorch and onnx to compare with; without it those peers are said to be absent.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
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
  await esbuild.build({ ...options, entryPoints: [path.join(root, 'test/bench/reader.ts')], outfile: path.join(buildFolder, 'bench-reader.cjs') });
  const folder = createTemporaryFolder();
  try {
    await run(process.execPath, [outfile, folder, path.join(root, 'media/samples/residual-cnn.onnx'), root, ...measurePeers(folder)]);
  } finally {
    removeFolder(folder);
  }
}

/** Path of a file with what PyTorch took, if there is one to ask. */
function measurePeers(folder) {
  const python = process.env.INITSCOPE_PYTHON;
  if (!python) {
    console.warn('\nPEER ABSENT: PyTorch. Set INITSCOPE_PYTHON to a Python that has torch to compare with it.\n');
    return [];
  }
  const { status, stdout, stderr, error } = spawnSync(python, [path.join(root, 'test/bench/peer.py')], { encoding: 'utf8' });
  if (status !== 0) {
    const why = error?.message ?? stderr.trim().split('\n').at(-1);
    console.warn(`\nPEER ABSENT: PyTorch. ${python} could not run it: ${why}\n`);
    return [];
  }
  const file = path.join(folder, 'peers.json');
  writeFileSync(file, stdout);
  console.log(`\nPyTorch ${JSON.parse(stdout).torch}\n`);
  return [file];
}

await runMain(main);
