/**
 * npm start [-- --no-open --port N --reuse-package]: shows the extension at work on a copy of the sample models, one of them opened.
 * In VS Code where `code` is on the PATH; otherwise, or with --browser or --no-open, in code-server, in the default browser.
 */
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { build } from './build.mjs';
import { installVsix, startApplication } from './code-server.mjs';
import { findOnPath } from './find.mjs';
import { packageExtension, vsixPath } from './package.mjs';
import { artifacts, root } from './paths.mjs';
import { Failure, run, runMain, start } from './processes.mjs';

/**
 * Its gradient vanishes, and that can be mended. VS Code opens files before it knows which editor is theirs, so the extension itself shows the
 * sample where it is told to; package.json has it started in a folder with a file of this name.
 */
const sample = 'deep-tanh-mlp.onnx';
const env = { INITSCOPE_SHOW_SAMPLE: sample };
const guide = `
  ${sample} is opened in the inspector, and run in the Gradient Panel below it. What to do:
  1. Read the sentence on top of each; select a layer to see what it is, what it should be, and why.
  2. Press "Apply Recommended…" in the panel: a preview shows every tensor before and after, and Apply changes them. Undo takes it back.
  3. Save, or right-click another model in the explorer. All of them are copies: try what you like.
`;

async function main() {
  const { values } = parseArgs({
    options: {
      'port': { type: 'string', default: '0' },
      'no-open': { type: 'boolean', default: false },
      'browser': { type: 'boolean', default: false },
      'reuse-package': { type: 'boolean', default: false },
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
  console.log(`Opening VS Code with Initscope on ${models}\n${guide}`);
  const args = [`--extensionDevelopmentPath=${root}`, models];
  // On Windows `code` is a batch file, which only a shell runs; the shell needs the quotes.
  const onWindows = process.platform === 'win32';
  await run(onWindows ? `"${code}"` : code, onWindows ? args.map((arg) => `"${arg}"`) : args, { shell: onWindows, env: { ...process.env, ...env } });
}

async function startInBrowser(models, options) {
  const { extensions } = await installVsix(options['reuse-package'] ? vsixPath() : await packageExtension());
  const server = await startApplication({ extensions, port: Number(options.port), env });
  const address = `${server.address}/?${new URLSearchParams({ folder: models })}`;
  console.log(`\nInitscope runs in VS Code at\n\n  ${address}\n${guide}\nThe models are in ${path.relative(process.cwd(), models)}. Ctrl+C ends it.`);
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
