/** Installs the packages of the lock file where they are not installed yet. Plain Node: it runs before there is any package. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './paths.mjs';
import { Failure, isMain, runMain, runNpm } from './processes.mjs';

const oldest = [20, 19];

export async function ensureDependencies() {
  checkNode();
  if (isInstalled()) return;
  console.log('Installing the packages of package-lock.json…');
  // ONNX Runtime's install script would download GPU libraries; its CPU binaries are in the package.
  await runNpm(['ci', '--no-audit', '--no-fund'], { cwd: root, env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' } });
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    throw new Failure(`Node ${oldest.join('.')} or newer is needed; this is ${process.versions.node}.`);
  }
}

/** Compares what is locked with npm's own record of what it installed, which it writes last. */
function isInstalled() {
  const record = path.join(root, 'node_modules/.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = readPackages(record);
  const locked = Object.entries(readPackages(path.join(root, 'package-lock.json')));
  return locked.every(([folder, { version, optional }]) => {
    if (folder === '') return true;
    const found = installed[folder];
    return found === undefined ? optional === true : found.version === version;
  });
}

function readPackages(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

if (isMain(import.meta)) await runMain(ensureDependencies);
