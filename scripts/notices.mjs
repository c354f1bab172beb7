/** The licences of every package whose code is in dist/, found by what esbuild really bundled. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { dist, root } from './paths.mjs';

export function writeNotices(metafiles) {
  const folders = new Set(metafiles.flatMap(({ inputs }) => Object.keys(inputs)).map(packageFolder).filter(Boolean));
  const notices = [...folders].sort().map(notice);
  writeFileSync(path.join(dist, 'NOTICES.txt'), `Initscope contains code of these packages.\n\n${notices.join('\n')}`);
}

function packageFolder(input) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
  const file = readdirSync(path.join(root, folder)).find((entry) => /^(licen[sc]e|copying)/i.test(entry));
  const text = file === undefined ? `Licence: ${license}` : readFileSync(path.join(root, folder, file), 'utf8').trim();
  return `${'='.repeat(80)}\n${name} ${version}\n\n${text}\n`;
}
