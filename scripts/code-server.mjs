/** Runs VS Code as a server: as the application code-server for people and browser tests, or bare for tests inside its extension host. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Failure, exitCode, start, stop } from './processes.mjs';
import { createTemporaryFolder, removeFolder } from './temporary.mjs';
import { ensureCodeServer } from './tools.mjs';

/** No greeting, no chat, no network, and no saving behind the user's back. */
const quietSettings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'files.autoSave': 'off',
  'git.openRepositoryInParentFolders': 'never',
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

/** Installs a .vsix into an otherwise empty folder of extensions, which is returned. */
export async function installVsix(vsix) {
  const { node, application } = await ensureCodeServer();
  const folder = createTemporaryFolder();
  const extensions = path.join(folder, 'extensions');
  const options = [...profileOptions(folder), '--extensions-dir', extensions, '--install-extension', vsix];
  const child = spawnServer(node, [application, ...options]);
  const log = recordOutput(child);
  if ((await exitCode(child)) !== 0) throw new Failure(`The .vsix could not be installed.\n${log()}`);
  return { extensions, remove: () => removeFolder(folder) };
}

/** Starts the application; resolves when it answers at `address`. */
export async function startApplication({ extensions, port = 0, restricted = false, settings = {}, language = 'en', env = {} }) {
  const { node, application } = await ensureCodeServer();
  const profile = createTemporaryFolder();
  const options = [
    ...profileOptions(profile),
    '--extensions-dir', extensions, '--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--ignore-last-opened',
    '--disable-telemetry', '--disable-update-check', '--disable-getting-started-override',
    ...(restricted ? [] : ['--disable-workspace-trust']), '--locale', language,
  ];
  writeSettings(path.join(profile, 'user/User/settings.json'), settings);
  if (language !== 'en') writeLanguagePack(path.join(profile, 'user'), language);
  return startServer(node, [application, ...options], profile, /listening on http:\/\/127\.0\.0\.1:(\d+)/, env);
}

/** Starts the bare server. Only this one loads an extension, and its tests, from folders named in the page's address. */
export async function startTestServer({ env = {} } = {}) {
  const { node, server } = await ensureCodeServer();
  const profile = createTemporaryFolder();
  const options = [
    '--host', '127.0.0.1', '--port', '0', '--without-connection-token', '--accept-server-license-terms', '--enable-smoke-test-driver',
    '--disable-workspace-trust',
    '--server-data-dir', path.join(profile, 'server'), '--extensions-dir', path.join(profile, 'extensions'), '--telemetry-level', 'off',
  ];
  writeSettings(path.join(profile, 'server/data/User/settings.json'), {});
  return startServer(node, [server, ...options], profile, /Extension host agent listening on (\d+)/, env);
}

async function startServer(node, args, profile, listening, env) {
  const child = spawnServer(node, args, env);
  const log = recordOutput(child);
  const ended = exitCode(child);
  const end = async () => {
    await stop(child);
    removeFolder(profile);
  };
  try {
    const port = await waitForPort(child, ended, log, listening);
    return { address: `http://127.0.0.1:${port}`, profile, log, ended, stop: end };
  } catch (error) {
    await end();
    throw error;
  }
}

function waitForPort(child, ended, log, listening) {
  const longestSeconds = 60;
  return new Promise((resolve, reject) => {
    const fail = (reason) => reject(new Failure(`VS Code's server ${reason}.\n${log()}`));
    setTimeout(() => fail(`did not listen within ${longestSeconds} s`), longestSeconds * 1000).unref();
    ended.then(() => fail('ended before it listened'), reject);
    child.stdout.on('data', () => {
      const match = listening.exec(log());
      if (match !== null) resolve(Number(match[1]));
    });
  });
}

/** A session inside VS Code's own terminal hands down variables that would make the server talk to that VS Code. */
function spawnServer(node, args, env = {}) {
  const unwanted = /^(VSCODE_|CODE_SERVER_|ELECTRON_|PASSWORD$|NODE_OPTIONS$)/;
  const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !unwanted.test(name)));
  return start(node, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...inherited, ...env } });
}

/** Keeps the end of what a server prints; most of it is of no interest unless the server fails. */
function recordOutput(child) {
  const longest = 50_000;
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk) => (text = (text + chunk).slice(-longest)));
  }
  return () => text;
}

function profileOptions(profile) {
  return ['--config', path.join(profile, 'config.yaml'), '--user-data-dir', path.join(profile, 'user')];
}

/** VS Code speaks a language that it has a pack of: an empty one leaves its own texts English, and extensions are asked for theirs. */
function writeLanguagePack(userData, language) {
  mkdirSync(userData, { recursive: true });
  const texts = path.join(userData, 'pack.json');
  writeFileSync(texts, JSON.stringify({ contents: {} }));
  writeFileSync(path.join(userData, 'languagepacks.json'), JSON.stringify({
    [language]: {
      hash: 'empty', label: language, extensions: [{ extensionIdentifier: { id: 'initscope.empty-pack' }, version: '1.0.0' }], translations: { vscode: texts },
    },
  }));
}

function writeSettings(file, settings) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify({ ...quietSettings, ...settings }, null, 2));
}
