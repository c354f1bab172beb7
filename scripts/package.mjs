/** npm run package [-- --target win32-x64]: builds what is shipped, packs it into a .vsix for one platform, and checks the .vsix. */
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { artifacts, platformName, root } from './paths.mjs';
import { isMain, run, runMain } from './processes.mjs';
import { ensureNode24 } from './tools.mjs';
import { checkVsix } from './vsix.mjs';

/** Returns the path of the .vsix. */
export async function packageExtension(platform = platformName) {
  await build({ production: true, platform });
  const vsix = vsixPath(platform);
  mkdirSync(artifacts, { recursive: true });
  const vsce = path.join(root, 'node_modules/@vscode/vsce/vsce');
  const options = ['--no-dependencies', '--target', platform, '--out', vsix];
  await run(await newEnough(), [vsce, 'package', ...options], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  await checkVsix(vsix, platform);
  return vsix;
}

export function vsixPath(platform = platformName) {
  const { name, version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return path.join(artifacts, `${name}-${platform}-${version}.vsix`);
}

/** vsce 4 demands Node 22. */
async function newEnough() {
  return Number(process.versions.node.split('.')[0]) >= 22 ? process.execPath : ensureNode24();
}

async function main() {
  const { values } = parseArgs({ options: { target: { type: 'string' } } });
  await packageExtension(values.target);
}

if (isMain(import.meta)) await runMain(main);
