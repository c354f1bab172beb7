import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const dist = path.resolve(import.meta.dirname, '../../../dist');
const cli = path.join(dist, 'cli.js');

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as a user does, in a process of its own. */
export function initscope(...args: readonly string[]): Promise<Outcome> {
  return runScript(cli, args);
}

/** The same with variables of the environment. */
export function initscopeWith(env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Outcome> {
  return runScript(cli, args, env);
}

/** The command line beside an engine of the test's making. */
export function initscopeWithEngine(folder: string, engine: string | null): (...args: readonly string[]) => Promise<Outcome> {
  const copy = path.join(folder, 'cli.js');
  copyFileSync(cli, copy);
  if (engine !== null) writeFileSync(path.join(folder, 'engine.js'), engine);
  return (...args) => runScript(copy, args);
}

function runScript(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  if (!existsSync(cli)) throw new Error(`There is no ${cli}: run "npm run build cli engine" first, or "npm run test:unit", which does.`);
  return new Promise((resolve) => {
    // A test runner sets what forces colours, too.
    const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => name !== 'FORCE_COLOR' && name !== 'NO_COLOR'));
    execFile(process.execPath, [script, ...args], { encoding: 'utf8', maxBuffer: 1 << 28, env: { ...inherited, ...env } }, (error, out, err) => {
      resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, out, err });
    });
  });
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What a command printed as JSON, to be looked into by path: `at(json, 'layers', 0, 'name')`. */
export function at(json: string, ...way: readonly (string | number)[]): Json | undefined {
  let value: Json | undefined = JSON.parse(json) as Json;
  for (const step of way) {
    if (Array.isArray(value) && typeof step === 'number') value = (value as readonly Json[])[step];
    else if (typeof value === 'object' && value !== null && typeof step === 'string') value = (value as Readonly<Record<string, Json>>)[step];
    else return undefined;
  }
  return value;
}
