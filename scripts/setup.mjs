/** Installs the packages of the lock file where they are not installed yet. Plain Node: it runs before there is any package. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';
import { Failure, isMain, runMain, runNpm } from './processes.mjs';

const oldest = [20, 19];

export async function ensureDependencies() {
  checkNode();
  const lock = createHash('sha256').update(readFileSync(path.join(root, 'package-lock.json'))).digest('hex');
  const wanted = `${lock} ${process.platform}-${process.arch}\n`;
  const stamp = path.join(root, 'node_modules', '.initscope-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing the packages of package-lock.json…');
  // ONNX Runtime's install script would download GPU libraries; its CPU binaries are in the package.
  await runNpm(['ci', '--no-audit', '--no-fund'], { cwd: root, env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' } });
  writeFileSync(stamp, wanted);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    throw new Failure(`Node ${oldest.join('.')} or newer is needed; this is ${process.versions.node}.`);
  }
}

if (isMain(import.meta)) await runMain(ensureDependencies);
