/** Reading a .vsix, and what has to be in one. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { missingNotices } from './notices.mjs';
import { nativeFiles } from './onnxruntime.mjs';
import { root } from './paths.mjs';
import { Failure } from './processes.mjs';

/** ONNX Runtime is 18 of them. */
const largestMegabytes = 21;

export async function unpackVsix(vsix, folder) {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, bytes] of Object.entries(await readVsix(vsix))) {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, bytes);
    if (name.endsWith('cli.js')) chmodSync(file, 0o755);
  }
}

/** Fails unless the package holds exactly the files it should, and is small enough. */
export async function checkVsix(vsix, platform) {
  const files = await readVsix(vsix);
  const found = Object.keys(files).sort();
  const expected = expectedFiles(platform).sort();
  const missing = expected.filter((name) => !found.includes(name));
  const unexpected = found.filter((name) => !expected.includes(name));
  const notices = Buffer.from(files['extension/dist/NOTICES.txt'] ?? []).toString();
  const megabytes = statSync(vsix).size / 1e6;
  const complaints = [
    ...missing.map((name) => `missing: ${name}`),
    ...unexpected.map((name) => `should not be there: ${name}`),
    ...missingNotices(notices).map((name) => `NOTICES.txt says nothing of ${name}`),
    ...relativeLinks(Buffer.from(files['extension/readme.md'] ?? []).toString()).map((link) => `readme.md, which has no files beside it, links to ${link}`),
    ...(megabytes < largestMegabytes ? [] : [`${megabytes.toFixed(1)} MB; the limit is ${largestMegabytes} MB`]),
  ];
  if (complaints.length > 0) throw new Failure(`${path.basename(vsix)} is not fit to ship:\n  ${complaints.join('\n  ')}`);
  console.log(`${path.relative(process.cwd(), vsix)}: ${found.length} files, ${megabytes.toFixed(1)} MB`);
}

/** Links and pictures that lead nowhere on the extension's page. */
function relativeLinks(markdown) {
  return [...markdown.matchAll(/\]\(([^)\s]+)/g)].map(([, link]) => link).filter((link) => !/^(https:|#)/.test(link));
}

async function readVsix(vsix) {
  const { unzipSync } = await import('fflate');
  return unzipSync(readFileSync(vsix));
}

/** Names inside the archive; vsce renames the documents at the root. */
function expectedFiles(platform) {
  const shipped = [
    'package.json', 'readme.md', 'changelog.md', 'LICENSE.txt',
    'dist/extension.js', 'dist/cli.js', 'dist/engine.js', 'dist/NOTICES.txt',
    ...nativeFiles(platform).map((name) => `dist/ort/${name}`),
    ...['inspector.js', 'inspector.css', 'panel.js', 'panel.css', 'codicon.ttf'].map((name) => `dist/webview/${name}`),
    ...filesBelow('media'),
    ...filesBelow('l10n'),
    ...readdirSync(root).filter((name) => /^package\.nls.*\.json$/.test(name)),
  ];
  return ['[Content_Types].xml', 'extension.vsixmanifest', ...shipped.map((name) => `extension/${name}`)];
}

function filesBelow(folder) {
  const absolute = path.join(root, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath ?? entry.path, entry.name)).split(path.sep).join('/'));
}
