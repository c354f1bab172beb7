import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Failure } from '../protocol/failure';
import { plainLines } from '../protocol/plainText';
import type { Checked } from './check';
import { check } from './check';
import { betweenColours } from './colour';
import { diff } from './diff';
import type { CommandName } from './help';
import { commandNames, helpOn, isCommandName, usage } from './help';
import { init } from './init';
import { inspect } from './inspect';
import { line } from './output';
import { pretrain } from './pretrain';
import { simulate } from './simulate';
import { train } from './train';

type Answer = string | Checked;
const commands: Readonly<Record<CommandName, (given: readonly string[]) => Answer | Promise<Answer>>> = {
  inspect, init, simulate, check, diff, train, pretrain,
};

/** What is printed for the arguments. */
function answer([name, ...rest]: readonly string[]): Answer | Promise<Answer> {
  const isAsked = (words: readonly (string | undefined)[]): boolean => words.includes('--help') || words.includes('-h');
  if (name === '--version' || name === '-V') return version();
  if (isCommandName(name)) return isAsked(rest) ? helpOn(name) : commands[name](rest);
  if (name === 'help' || isAsked([name])) return isCommandName(rest[0]) ? helpOn(rest[0]) : usage;
  throw new Failure('wrong-usage', name === undefined ? `Name a command: ${commandNames.join(', ')}.` : `There is no command "${name}".`);
}

/** That of the package this script belongs to. */
function version(): string {
  const read: unknown = JSON.parse(readFileSync(join(__dirname, '../package.json'), 'utf8'));
  return typeof read === 'object' && read !== null && 'version' in read ? String(read.version) : 'unknown';
}

async function main(given: readonly string[]): Promise<void> {
  try {
    // Names come from the model: none does more to a terminal than to be read.
    const answered = await answer(given);
    const { text, exitCode } = typeof answered === 'string' ? { text: answered, exitCode: 0 } : answered;
    process.stdout.write(`${betweenColours(text, plainLines)}\n`);
    process.exitCode = exitCode;
  } catch (error) {
    // What the engine process throws arrives as a plain error with the same code.
    const isUsage = error instanceof Error && 'code' in error && error.code === 'wrong-usage';
    process.stderr.write(`initscope: ${line(error instanceof Error ? error.message : String(error))}\n`);
    const [name] = given;
    const asked = isCommandName(name) ? `initscope ${name} --help` : 'initscope --help';
    if (isUsage) process.stderr.write(`Run "${asked}" for what it takes.\n`);
    process.exitCode = isUsage ? 2 : 1;
  }
}

// Whoever reads the output may stop before its end (a pager, head).
process.stdout.on('error', () => process.exit(0));
void main(process.argv.slice(2));
