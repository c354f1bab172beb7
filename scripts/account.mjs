/**
 * npm run account [-- scale|training|anyinit…] [--families a,b] [--seeds N] [--steps N] [--table]: holds what is recommended to account. Writes
 * test/account/results.json, a part or a family at a time, and docs/account.md of it; --table only the latter.
 * INITSCOPE_PYTHON names a Python with torch, onnx, onnxscript and numpy, and for the last part anyinit; python3 where nothing is said.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

import { build } from './build.mjs';
import { build as buildFolder, dist, root } from './paths.mjs';
import { Failure, runMain } from './processes.mjs';
import { ensureDependencies } from './setup.mjs';
import { createTemporaryFolder, removeFolder } from './temporary.mjs';
import { judgeAnyinit } from '../test/account/anyinit.mjs';
import { outputOf } from '../test/account/output.mjs';
import { measureScale } from '../test/account/scale.mjs';
import { accountOf } from '../test/account/table.mjs';
import { measureTraining } from '../test/account/training.mjs';

const parts = ['scale', 'training', 'anyinit'];
const python = process.env.INITSCOPE_PYTHON ?? 'python3';
const command = [process.execPath, path.join(dist, 'cli.js')];
const resultsFile = path.join(root, 'test/account/results.json');
const tableFile = path.join(root, 'docs/account.md');

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true, options: { families: { type: 'string' }, seeds: { type: 'string' }, steps: { type: 'string' }, table: { type: 'boolean' } },
  });
  const wrong = positionals.find((part) => !parts.includes(part));
  if (wrong) throw new Failure(`There is no part "${wrong}" of the account; choose from ${parts.join(', ')}.`);
  if (!values.table) await measure(positionals.length > 0 ? positionals : parts, values);
  writeFileSync(tableFile, accountOf(known()));
}

const known = () => (existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {});

/** Read anew each time: parts may be measured by several processes. */
function keep(change) {
  writeFileSync(resultsFile, `${JSON.stringify({ ...known(), ...change(known()) }, null, 1)}\n`);
}

async function measure(chosen, values) {
  const seedsOr = (usual) => Number(values.seeds ?? usual);
  const steps = Number(values.steps ?? 200);
  for (const part of chosen) if (part !== 'scale') await ensurePython(part === 'anyinit' ? ['anyinit'] : []);
  await ensureDependencies();
  await build({ names: ['cli', 'engine'] });
  const folder = createTemporaryFolder();
  try {
    if (chosen.includes('scale')) {
      const scale = await measureScale({ command, folder, bundle, seeds: seedsOr(20), say: console.log });
      keep(() => ({ scale }));
    }
    if (chosen.includes('training')) {
      const families = values.families?.split(',') ?? await familyNames();
      const keepFamily = (family, judged) => keep(({ training }) => ({ training: { ...training, [family]: judged } }));
      await measureTraining({ python, command, root, folder, families, seeds: seedsOr(3), steps, say: console.log, keep: keepFamily });
    }
    if (chosen.includes('anyinit')) {
      const script = path.join(root, 'test/account/peer_anyinit.py');
      const anyinit = judgeAnyinit(JSON.parse(await outputOf([python, '-B', script, String(seedsOr(3)), '--', ...command])));
      keep(() => ({ anyinit }));
    }
  } finally {
    removeFolder(folder);
  }
}

async function familyNames() {
  return JSON.parse(await outputOf([python, '-B', '-c', 'import json, families; print(json.dumps(list(families.families)))'], {
    cwd: path.join(root, 'test/account'),
  }));
}

async function ensurePython(more) {
  const packages = ['torch', 'onnx', 'onnxscript', 'numpy', ...more];
  try {
    await outputOf([python, '-c', `import ${packages.join(', ')}`]);
  } catch {
    throw new Failure(`This needs a Python with ${packages.join(', ')}: name one in INITSCOPE_PYTHON ("${python}" is not, or is none).`);
  }
}

async function bundle(file) {
  const esbuild = await import('esbuild');
  const outfile = path.join(buildFolder, `account-${path.basename(file, '.ts')}.cjs`);
  await esbuild.build({ bundle: true, platform: 'node', format: 'cjs', logLevel: 'warning', entryPoints: [path.join(root, file)], outfile });
  return outfile;
}

await runMain(main);
