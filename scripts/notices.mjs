/** The licences of everything whose code is shipped: of every package in dist/, found by what esbuild really bundled, and inside of binaries. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runtimeComponents } from './components.mjs';
import { licenceText } from './licences.mjs';
import { dist, root } from './paths.mjs';

/** Names that have to be in the file, whatever is built: it would not be fit to ship without them. */
const indispensable = [
  '@microsoft/fast-foundation', '@vscode/webview-ui-toolkit', 'chart.js', 'onnxruntime-node', ...runtimeComponents.map(({ name }) => name),
];

const line = '='.repeat(80);

export function writeNotices(metafiles) {
  const folders = new Set(metafiles.flatMap(({ inputs }) => Object.keys(inputs)).map(packageFolder).filter(Boolean));
  const packages = [...folders].sort().map(noticeOf);
  const runtime = JSON.parse(readFileSync(path.join(root, 'node_modules/onnxruntime-node/package.json'), 'utf8')).version;
  const texts = [...new Set(runtimeComponents.map(({ licence }) => licence))].sort();
  writeFileSync(path.join(dist, 'NOTICES.txt'), [
    'Initscope contains code of these packages.\n', ...packages,
    `${line}\n${line}\nThe binaries of ONNX Runtime ${runtime} contain code of these projects. The list of their makers is at\n`
    + `https://github.com/microsoft/onnxruntime/blob/v${runtime}/ThirdPartyNotices.txt; the licences follow below, each once.\n`,
    ...runtimeComponents.map(({ name, address, licence, copyright }) => `${name}\n${address}\n${copyright}\nLicence: ${licence}\n`),
    ...texts.map((id) => `${line}\n${id}\n\n${licenceText(id)}\n`),
  ].join('\n'));
}

function packageFolder(input) {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

/** With the notices that the package passes on, where it contains other people's code itself. */
function noticeOf(folder) {
  const { name, version, license, author, repository } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
  const files = readdirSync(path.join(root, folder)).filter((entry) => /^(licen[sc]e|copying|(third.?party)?.?notices?)/i.test(entry)).sort();
  const holder = typeof author === 'string' ? author : author?.name ?? repository?.url ?? name;
  const texts = files.length > 0 ? files.map((file) => readFileSync(path.join(root, folder, file), 'utf8').trim())
    : [`Licence: ${license}\nCopyright (c) ${holder} and contributors`, ...idsIn(license).map(licenceText)];
  return `${line}\n${name} ${version}\n\n${texts.join('\n\n')}\n`;
}

/** "(Apache-2.0 AND BSD-3-Clause)" names two. */
function idsIn(expression) {
  return expression.match(/[A-Za-z0-9.-]+/g).filter((word) => word !== 'AND' && word !== 'OR');
}

/** What a NOTICES.txt lacks. */
export function missingNotices(text) {
  return indispensable.filter((name) => !text.includes(name));
}
