import { spawn, spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** A message that says all there is to say: no stack trace goes with it. */
export class Failure extends Error {}

const running = new Set();

/** Starts a process that ends when this one does, together with the processes it started. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', detached: process.platform !== 'win32', windowsHide: true, ...options });
  child.on('spawn', () => running.add(child));
  child.on('exit', () => running.delete(child));
  return child;
}

/** Runs a process to its end; a failure of it is a failure of the caller. */
export async function run(command, args, options = {}) {
  const code = await exitCode(start(command, args, options));
  if (code !== 0) throw new Failure(`\`${[path.basename(command), ...args].join(' ')}\` ended with code ${code}.`);
}

/** The code a process ends with; 1 when a signal ended it. */
export function exitCode(child) {
  return new Promise((resolve, reject) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode ?? 1);
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** Ends a process and whatever it started: a server forks its extension host, and ending only the parent would leave that behind. */
export async function stop(child) {
  const patienceMs = 5000;
  const ended = exitCode(child);
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), patienceMs);
  await ended;
  clearTimeout(timer);
  signalGroup(child, 'SIGKILL'); // For those that outlived it.
}

/** Not SIGKILL at first: a test runner that is told to end ends the servers it started, which are groups of their own. */
function signalGroup(child, signal) {
  if (process.platform === 'win32') {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

const atEnd = [() => running.forEach((child) => signalGroup(child, 'SIGTERM'))];

/** Has something done when this process ends, for whatever reason. */
export function whenEnding(action) {
  atEnd.push(action);
}

function end() {
  for (const action of atEnd) action();
}

process.once('exit', end);
for (const [signal, number] of [['SIGINT', 2], ['SIGTERM', 15], ['SIGHUP', 1]]) {
  process.once(signal, () => {
    try {
      process.exit(128 + number);
    } catch {
      // Vitest forbids a test to exit.
      end();
      process.kill(process.pid, 'SIGKILL');
    }
  });
}

/** Runs npm with the Node that runs this script. */
export function runNpm(args, options = {}) {
  const cli = npmCli();
  if (cli !== undefined) return run(process.execPath, [cli, ...args], options);
  const onWindows = process.platform === 'win32';
  return run(onWindows ? 'npm.cmd' : 'npm', args, { ...options, shell: onWindows });
}

function npmCli() {
  const beside = path.dirname(process.execPath);
  return [
    process.env.npm_execpath,
    path.join(beside, 'node_modules/npm/bin/npm-cli.js'),
    path.join(beside, '../lib/node_modules/npm/bin/npm-cli.js'),
  ].find((file) => file?.endsWith('npm-cli.js') && existsSync(file));
}

/** Runs the script's work, and reports a failure in words. */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/** Whether the module was started by name on the command line, not imported. */
export function isMain(meta) {
  return process.argv[1] !== undefined && realpathSync(process.argv[1]) === meta.filename;
}
