/**
 * npm start [-- --no-open --port N]: shows the extension at work on a copy of the sample models.
 * In VS Code where `code` is on the PATH; otherwise, or with --browser or --no-open, in code-server, in the default browser.
 */
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { installVsix, startApplication } from './code-server.mjs';
import { findOnPath } from './find.mjs';
import { packageExtension } from './package.mjs';
import { artifacts, root } from './paths.mjs';
import { Failure, run, runMain, start } from './processes.mjs';

async function main() {
  const { values } = parseArgs({
    options: {
      'port': { type: 'string', default: '0' },
      'no-open': { type: 'boolean', default: false },
      'browser': { type: 'boolean', default: false },
      'exit-when-ready': { type: 'boolean', default: false },
    },
  });
  const inBrowser = values.browser || values['no-open'] || values['exit-when-ready'];
  const code = inBrowser ? undefined : findOnPath(['code']);
  const models = copySamples();
  await (code === undefined ? startInBrowser(models, values) : startInVsCode(code, models));
}

/** What is changed in the editor is changed in the copy. */
function copySamples() {
  const models = path.join(artifacts, 'models');
  rmSync(models, { recursive: true, force: true });
  cpSync(path.join(root, 'media/samples'), models, { recursive: true });
  return models;
}

async function startInVsCode(code, models) {
  await build();
  console.log(`Opening VS Code with Initscope on ${models}`);
  const args = [`--extensionDevelopmentPath=${root}`, models];
  // On Windows `code` is a batch file, which only a shell runs; the shell needs the quotes.
  const onWindows = process.platform === 'win32';
  await run(onWindows ? `"${code}"` : code, onWindows ? args.map((arg) => `"${arg}"`) : args, { shell: onWindows });
}

async function startInBrowser(models, options) {
  const { extensions } = await installVsix(await packageExtension());
  const server = await startApplication({ extensions, port: Number(options.port) });
  const address = `${server.address}/?${new URLSearchParams({ folder: models })}`;
  console.log(`\nInitscope runs in VS Code at\n\n  ${address}\n\nThe models are copies, in ${path.relative(process.cwd(), models)}. Ctrl+C ends it.`);
  if (options['exit-when-ready']) return server.stop();
  if (!options['no-open']) openInBrowser(address);
  await server.ended;
  throw new Failure(`The server ended.\n${server.log()}`);
}

/** A machine without a browser is no failure: the address is on the screen. */
function openInBrowser(address) {
  const [command, ...args] = {
    darwin: ['open', address],
    win32: ['cmd', '/c', 'start', '""', address.replaceAll('&', '^&')],
  }[process.platform] ?? ['xdg-open', address];
  start(command, args, { stdio: 'ignore' }).on('error', () => {});
}

await runMain(main);
