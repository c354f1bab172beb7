/** The programs that packaging and testing run, each installed once into a folder of its own below .tools/. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { tools } from './paths.mjs';
import { runNpm } from './processes.mjs';

/** A real VS Code (1.139) that npm can install and a browser can show. */
const codeServerVersion = '4.139.1';

/** A Node 24, which code-server demands and vsce accepts: the one running, or one that npm brings. */
export async function ensureNode24() {
  if (process.versions.node.startsWith('24.')) return process.execPath;
  const onWindows = process.platform === 'win32';
  const system = onWindows ? 'win' : process.platform;
  const architecture = onWindows ? 'x64' : process.arch;
  // npm refused new names close to `node` for a while, so one platform is called differently.
  const prefix = system === 'darwin' && architecture === 'arm64' ? 'node-bin' : 'node';
  const name = `${prefix}-${system}-${architecture}`;
  const folder = await installOnce('node', `${name}@24`, () => Promise.resolve());
  return path.join(folder, 'node_modules', name, 'bin', onWindows ? 'node.exe' : 'node');
}

/** The folder of code-server and the Node that runs it. */
export async function ensureCodeServer() {
  const node = await ensureNode24();
  const folder = await installOnce('code-server', `code-server@${codeServerVersion}`, (installed) => {
    const server = path.join(installed, 'node_modules/code-server/lib/vscode');
    return runNpm(['install', '--omit=dev', ...quietly], { cwd: server });
  });
  const home = path.join(folder, 'node_modules/code-server');
  return { node, application: path.join(home, 'out/node/entry.js'), server: path.join(home, 'lib/vscode/out/server-main.js') };
}

const quietly = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

async function installOnce(name, specification, finish) {
  const folder = path.join(tools, name);
  const stamp = path.join(folder, 'installed.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === specification) return folder;
  console.log(`Installing ${specification} into .tools/${name}…`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  await runNpm(['install', specification, ...quietly], { cwd: folder });
  await finish(folder);
  writeFileSync(stamp, specification);
  return folder;
}
