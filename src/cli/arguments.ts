import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { Failure } from '../protocol/failure';

export type OptionKind = 'flag' | 'text' | 'list';
type Options<T extends Readonly<Record<string, OptionKind>>> = {
  readonly [K in keyof T]: T[K] extends 'flag' ? boolean : T[K] extends 'list' ? readonly string[] : string | undefined;
};

/** The model and the options of a command; anything unknown is a wrong usage that names it. */
export function readArguments<T extends Readonly<Record<string, OptionKind>>>(command: string, given: readonly string[], table: T): {
  readonly model: string; readonly options: Options<T>;
} {
  const { files: [model, ...more], options } = readFiles(given, table);
  if (model === undefined) throw new Failure('wrong-usage', `initscope ${command} needs a model file.`);
  if (more.length > 0) throw new Failure('wrong-usage', `initscope ${command} takes one model file, not also ${more.join(', ')}.`);
  return { model, options };
}

/** The same of a command that takes two models. */
export function readPair<T extends Readonly<Record<string, OptionKind>>>(command: string, given: readonly string[], table: T): {
  readonly left: string; readonly right: string; readonly options: Options<T>;
} {
  const { files: [left, right, ...more], options } = readFiles(given, table);
  if (left === undefined || right === undefined) throw new Failure('wrong-usage', `initscope ${command} needs two model files.`);
  if (more.length > 0) throw new Failure('wrong-usage', `initscope ${command} takes two model files, not also ${more.join(', ')}.`);
  return { left, right, options };
}

function readFiles<T extends Readonly<Record<string, OptionKind>>>(given: readonly string[], table: T): {
  readonly files: readonly string[]; readonly options: Options<T>;
} {
  const options = Object.fromEntries(Object.entries(table).map(([name, kind]) => (
    [name, { type: kind === 'flag' ? 'boolean' : 'string', multiple: kind === 'list' } as const])));
  try {
    const { values, positionals } = parseArgs({ args: joinNegatives(given), options, allowPositionals: true, strict: true });
    const filled = Object.entries(table).map(([name, kind]) => [name, values[name] ?? (kind === 'flag' ? false : kind === 'list' ? [] : undefined)]);
    return { files: positionals, options: Object.fromEntries(filled) as Options<T> };
  } catch (error) {
    throw new Failure('wrong-usage', error instanceof Error ? error.message.split(/\. |\n/)[0] ?? error.message : String(error));
  }
}

/** A negative number behind an option is its value, not another option. */
function joinNegatives(given: readonly string[]): string[] {
  return given.reduce<string[]>((joined, argument) => {
    const before = joined.at(-1);
    const isValue = /^-[\d.]/.test(argument) && before !== undefined && /^--[^=]+$/.test(before);
    return isValue ? [...joined.slice(0, -1), `${before}=${argument}`] : [...joined, argument];
  }, []);
}

/** A whole number of at least `least`, and of at most `most` where there is such. */
export function wholeNumber(name: string, text: string | undefined, otherwise: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    const range = most < Number.MAX_SAFE_INTEGER ? `from ${least} to ${most}` : `of at least ${least}`;
    throw new Failure('wrong-usage', `--${name} takes a whole number ${range}, not "${text}".`);
  }
  return value;
}

/** A finite number of at least `least`. */
export function number(name: string, text: string | undefined, otherwise: number, least: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < least) {
    throw new Failure('wrong-usage', `--${name} takes a number${least > -Infinity ? ` of at least ${least}` : ''}, not "${text}".`);
  }
  return value;
}

export function oneOf<T extends string>(name: string, text: string | undefined, choices: readonly T[], otherwise: T): T {
  if (text === undefined) return otherwise;
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new Failure('wrong-usage', `--${name} takes ${choices.join(', ')}, not "${text}".`);
  return found;
}

/** NAME=N pairs. */
export function namedNumbers(name: string, pairs: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(pairs.map((pair) => {
    const at = pair.lastIndexOf('=');
    if (at < 1) throw new Failure('wrong-usage', `--${name} takes NAME=N, not "${pair}".`);
    return [pair.slice(0, at), wholeNumber(name, pair.slice(at + 1), 1, 1)];
  }));
}

/** A file or folder with data, which has to be there. */
export function fileOption(path: string): string {
  if (existsSync(path)) return path;
  throw new Failure('wrong-usage', `--data takes a file or a folder, and ${path} is not there.`);
}

/** Data that are made up, by their name; a file or folder otherwise. What looks like a name and is neither was most likely meant to be one. */
export function dataOption<T extends string>(text: string, names: readonly T[]): { readonly kind: 'built-in'; readonly name: T }
  | { readonly kind: 'file'; readonly path: string } {
  const name = names.find((known) => known === text);
  if (name !== undefined) return { kind: 'built-in', name };
  if (/^[\w-]*$/.test(text) && !existsSync(text)) {
    throw new Failure('wrong-usage', `--data takes ${names.join(', ')}, a file or a folder, and "${text}" is none of these.`);
  }
  return { kind: 'file', path: text };
}
