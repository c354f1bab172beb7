/** Runs test/e2e/host inside VS Code's extension host, against the unpacked .vsix, with the real `vscode` API. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { launchBrowser } from './chromium.mjs';
import { startTestServer } from './code-server.mjs';
import { build as buildFolder, root } from './paths.mjs';
import { Failure } from './processes.mjs';
import { createTemporaryFolder, removeFolder } from './temporary.mjs';
import { unpackVsix } from './vsix.mjs';

const longestMinutes = 15;
const mark = '[initscope-test] ';

/** Returns how many tests passed and failed, and what was said of those that failed. */
export async function runHostTests(vsix) {
  const tests = await bundleTests();
  const folder = createTemporaryFolder();
  const [unpacked, models, results] = ['unpacked', 'models', 'results.json'].map((name) => path.join(folder, name));
  const undo = [() => removeFolder(folder)];
  try {
    await unpackVsix(vsix, unpacked);
    cpSync(path.join(root, 'media/samples'), models, { recursive: true });
    const server = await startTestServer({ env: { INITSCOPE_RESULTS: results } });
    undo.unshift(() => server.stop());
    const browser = await launchBrowser();
    undo.unshift(() => browser.close());
    const code = await runInPage(browser, server, { extension: path.join(unpacked, 'extension'), tests, models });
    if (!existsSync(results)) throw new Failure(`The tests in the extension host ended with code ${code} before they began.\n${server.log()}`);
    return JSON.parse(readFileSync(results, 'utf8'));
  } finally {
    for (const step of undo) await step();
  }
}

/** VS Code loads one file, so all tests become one. */
async function bundleTests() {
  const esbuild = await import('esbuild');
  const sources = path.join(root, 'test/e2e/host');
  const names = readdirSync(sources).filter((name) => name.endsWith('.test.ts')).sort();
  const outfile = path.join(buildFolder, 'host-tests.cjs');
  mkdirSync(buildFolder, { recursive: true });
  await esbuild.build({
    stdin: { contents: [...names.map((name) => `import './${name}';`), "export { run } from './registry';"].join('\n'), resolveDir: sources },
    bundle: true, platform: 'node', format: 'cjs', target: 'node22', external: ['vscode'], sourcemap: 'inline', outfile, logLevel: 'warning',
  });
  return outfile;
}

async function runInPage(browser, server, { extension, tests, models }) {
  const page = await browser.newPage();
  const ended = new Promise((resolve, reject) => {
    void page.exposeFunction('codeAutomationExit', resolve);
    void page.exposeFunction('codeAutomationLog', printReport);
    const tooLong = new Failure(`The tests in the extension host took longer than ${longestMinutes} minutes.`);
    setTimeout(() => reject(tooLong), longestMinutes * 60_000).unref();
    void server.ended.then(() => reject(new Failure(`VS Code's server ended during the tests.\n${server.log()}`)));
  });
  const remote = (file) => server.address.replace('http', 'vscode-remote') + pathToFileURL(file).pathname;
  const payload = JSON.stringify([['extensionDevelopmentPath', remote(extension)], ['extensionTestsPath', remote(tests)]]);
  const query = new URLSearchParams({ folder: pathToFileURL(models).pathname, payload });
  await page.goto(`${server.address}/?${query}`);
  return ended;
}

function printReport(type, values) {
  const [text] = values;
  if (typeof text === 'string' && text.startsWith(mark)) console.log(text.slice(mark.length));
}
