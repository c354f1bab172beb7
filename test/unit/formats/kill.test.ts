import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

import { readRecord, recordKey } from '../../../src/core/edits/record';
import { openModelFile } from '../../../src/formats/openModel';
import type { Diagnostic } from '../../../src/protocol/report';
import { present } from '../support/graphs';
import { external, floatBytes, model, node, raw, tensor, types, valueInfo } from '../support/protobuf';
import { createFolder } from '../support/temporary';

const child = path.join(createFolder(), 'child.cjs');
beforeAll(async () => {
  await build({ entryPoints: [path.join(import.meta.dirname, '../support/savingChild.ts')], bundle: true, platform: 'node', format: 'cjs', outfile: child });
});

/** Two weights in the model, or one in it and one in a file beside it. */
function createModel(where: 'inside' | 'outside', side: number): string {
  const file = path.join(createFolder(), 'net.onnx');
  const values = floatBytes(Array.from({ length: side * side }, (_, i) => i));
  const second = where === 'inside' ? raw(values) : external({ location: 'net.data', offset: '0', length: String(values.length) });
  const nodes = [node('MatMul', ['x', 'a'], ['h']), node('MatMul', ['h', 'b'], ['y'])];
  const initializers = [tensor('a', types.float32, [side, side], raw(values)), tensor('b', types.float32, [side, side], second)];
  writeFileSync(file, model({ nodes, initializers, inputs: [valueInfo('x', ['n', side])], outputs: [valueInfo('y', ['n', side])] }));
  if (where === 'outside') writeFileSync(path.join(path.dirname(file), 'net.data'), values);
  return file;
}

interface Ended { readonly output: string; readonly signal: NodeJS.Signals | null }

/** Runs the child; `afterMs` kills it that long after it has begun to save. */
async function run(file: string, step: number, afterMs?: number): Promise<Ended> {
  const saving = spawn(process.execPath, [child, file, String(step)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  saving.stdout.on('data', (chunk: Buffer) => {
    if (output === '' && afterMs !== undefined) setTimeout(() => saving.kill('SIGKILL'), afterMs);
    output += String(chunk);
  });
  const [, signal] = await once(saving, 'close') as [number | null, NodeJS.Signals | null];
  return { output, signal };
}

const namesIn = (file: string): readonly string[] => readdirSync(path.dirname(file)).sort();

/** The bytes of a model, and of what is beside it. */
const stateOf = (file: string): readonly Buffer[] => namesIn(file).map((name) => readFileSync(path.join(path.dirname(file), name)));
const isSame = (a: readonly Buffer[], b: readonly Buffer[]): boolean => a.length === b.length && a.every((bytes, i) => bytes.equals(present(b[i])));

const interruptions = (findings: readonly Diagnostic[]): readonly string[] => (
  findings.flatMap(({ code, message }) => (code === 'interrupted-save' ? [message] : [])));

interface Reopened { readonly version: 'old' | 'new'; readonly said: string }

/** Opens what a killed process has left, which has to be one version or the other, whole. */
function reopen(file: string, old: readonly Buffer[], now: readonly Buffer[], names: readonly string[]): Reopened {
  const opened = openModelFile(file);
  expect(namesIn(file)).toEqual(names);
  const state = stateOf(file);
  const version = isSame(state, old) ? 'old' : isSame(state, now) ? 'new' : null;
  if (version === null) throw new Error(`It is neither the old model nor the new one: ${interruptions(opened.findings).join(' ')}`);
  expect(readRecord(opened.model.metadata.get(recordKey))).toHaveLength(version === 'old' ? 0 : 2);
  // What was said is said once.
  expect(interruptions(openModelFile(file).findings)).toEqual([]);
  return { version, said: interruptions(opened.findings).join(' ') };
}

describe.each(['inside', 'outside'] as const)('a save that is killed, of weights stored %s of the model', (where) => {
  const prepare = async (side: number): Promise<{ file: string; old: readonly Buffer[]; now: readonly Buffer[]; steps: number; names: readonly string[] }> => {
    const original = createModel(where, side);
    const old = stateOf(original);
    const { output, signal } = await run(original, 0);
    expect(signal).toBeNull();
    const steps = Number(/saved (\d+)/.exec(output)?.[1]);
    return { file: original, old, now: stateOf(original), steps, names: namesIn(original) };
  };
  const restore = (names: readonly string[], old: readonly Buffer[]): string => {
    const folder = createFolder();
    names.forEach((name, i) => writeFileSync(path.join(folder, name), present(old[i])));
    return path.join(folder, 'net.onnx');
  };

  it('at every step it makes on the disk, leaves the old model or the new one, and says so', async () => {
    const { old, now, steps, names } = await prepare(8);
    expect(steps).toBeGreaterThan(where === 'inside' ? 12 : 28);
    const found: Reopened[] = [];
    for (let step = 1; step <= steps; step++) {
      const file = restore(names, old);
      expect((await run(file, step)).signal).toBe('SIGKILL');
      // A lock says nothing of what was done: it goes without a word.
      const leftBehind = namesIn(file).filter((name) => !name.endsWith('.initscope-lock')).length > names.length;
      const after = reopen(file, old, now, names);
      expect(after.said !== '').toBe(leftBehind);
      found.push(after);
    }
    // Once it is the new one it stays the new one.
    const versions = found.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((a, b) => (a === b ? 0 : a === 'old' ? -1 : 1)));
    expect(new Set(versions)).toEqual(new Set(['old', 'new']));
    expect(found.some(({ said }) => said.includes('before it changed anything'))).toBe(true);
    expect(found.some(({ said }) => said.includes('was now completed'))).toBe(where === 'outside');
  }, 240_000);

  it('at any time leaves the old model or the new one', async () => {
    const { old, now, names } = await prepare(1000);
    const versions: string[] = [];
    for (const afterMs of [0, 3, 7, 11, 16, 22, 29, 37, 46, 56, 80, 120]) {
      const file = restore(names, old);
      await run(file, 0, afterMs);
      versions.push(reopen(file, old, now, names).version);
    }
    expect(versions).toContain('old');
  }, 120_000);
});

/** Other ways to a model, and other models that need the same file: whichever is opened first, the model is whole. */
const company: Readonly<Record<string, { readonly saved: string; readonly opened: readonly string[] }>> = {
  'another model that shares its data is opened first': { saved: 'net.onnx', opened: ['other.onnx', 'net.onnx'] },
  'it is saved by a link, and opened by its own name': { saved: 'latest.onnx', opened: ['net.onnx'] },
  'it is saved by its own name, and opened by a link': { saved: 'net.onnx', opened: ['latest.onnx'] },
  'another model in a folder below has its data': { saved: 'net.onnx', opened: ['below/other.onnx', 'latest.onnx'] },
};

describe.skipIf(process.platform === 'win32').each(Object.entries(company))('a save that is killed at any step, where %s', (title, { saved, opened }) => {
  const isBelow = title.includes('below');
  /** `net.onnx` and `other.onnx` hold one weight of their own, and one in a file of both. */
  function create(): string {
    const folder = createFolder();
    const below = isBelow ? path.join(folder, 'below') : folder;
    mkdirSync(below, { recursive: true });
    const values = floatBytes(Array.from({ length: 64 }, (_, i) => i));
    const of = (location: string): Uint8Array => model({
      nodes: [node('MatMul', ['x', 'a'], ['h']), node('MatMul', ['h', 'b'], ['y'])], inputs: [valueInfo('x', ['n', 8])], outputs: [valueInfo('y', ['n', 8])],
      initializers: [tensor('a', types.float32, [8, 8], raw(values)), tensor('b', types.float32, [8, 8], external({ location, length: '256' }))],
    });
    writeFileSync(path.join(below, 'net.data'), values);
    writeFileSync(path.join(folder, 'net.onnx'), of(isBelow ? 'below/net.data' : 'net.data'));
    writeFileSync(path.join(below, 'other.onnx'), of('net.data'));
    symlinkSync('net.onnx', path.join(folder, 'latest.onnx'));
    return folder;
  }
  const files = ['net.onnx', isBelow ? 'below/net.data' : 'net.data', isBelow ? 'below/other.onnx' : 'other.onnx'];
  const bytesIn = (folder: string): readonly Buffer[] => files.map((name) => readFileSync(path.join(folder, name)));
  const namesOf = (folder: string): readonly string[] => readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();

  it('the old model or the new one is left, and nothing else', async () => {
    const whole = create();
    const [old, names] = [bytesIn(whole), namesOf(whole)];
    const { output } = await run(path.join(whole, saved), 0);
    const now = bytesIn(whole);
    expect(isSame(old, now)).toBe(false);
    expect(namesOf(whole)).toEqual(names);
    const versions: string[] = [];
    for (let step = 1; step <= Number(/saved (\d+)/.exec(output)?.[1]); step++) {
      const folder = create();
      expect((await run(path.join(folder, saved), step)).signal).toBe('SIGKILL');
      const said = opened.flatMap((name) => interruptions(openModelFile(path.join(folder, name)).findings));
      const state = bytesIn(folder);
      versions.push(isSame(state, old) ? 'old' : isSame(state, now) ? 'new' : `neither after ${step} steps: ${said.join(' ')}`);
      expect(namesOf(folder)).toEqual(names);
      expect(said.length).toBeLessThanOrEqual(opened.length);
    }
    expect(versions).toEqual(versions.toSorted((a, b) => (a === b ? 0 : a === 'old' ? -1 : 1)));
    expect(new Set(versions)).toEqual(new Set(['old', 'new']));
  }, 240_000);
});

describe('a journal', () => {
  const naming = (target: string, suffix: string): string => (
    JSON.stringify({ version: 2, files: [{ target, suffix, before: null, after: { size: 3, mtimeMs: 1 } }] }));
  /** A model whose save was killed between its two renames. */
  async function interrupted(): Promise<{ readonly file: string; readonly journal: string }> {
    for (let step = 1; ; step++) {
      const file = createModel('outside', 8);
      const before = readFileSync(file);
      const data = readFileSync(path.join(path.dirname(file), 'net.data'));
      const { signal } = await run(file, step);
      if (signal === null) throw new Error('There was no moment between the renames.');
      const journal = `${file}.initscope-journal`;
      const isHalf = readFileSync(file).equals(before) && !readFileSync(path.join(path.dirname(file), 'net.data')).equals(data);
      if (existsSync(journal) && isHalf) return { file, journal };
    }
  }
  it('is left alone, and told of, where the model is not trusted', async () => {
    const { file } = await interrupted();
    const before = namesIn(file);
    const { findings } = openModelFile(file, { followExternal: false });
    expect(interruptions(findings)[0]).toContain('some of its weights may be the old ones');
    expect(namesIn(file)).toEqual(before);
  }, 120_000);
  it('is not followed over what another program has written since', async () => {
    const { file, journal } = await interrupted();
    utimesSync(file, new Date(1e12), new Date(1e12));
    const before = readFileSync(file);
    const [said] = interruptions(openModelFile(file).findings);
    expect(said).toContain('net.onnx was changed by another program since: its weights are partly the old ones');
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(existsSync(journal)).toBe(false);
    expect(namesIn(file)).toEqual(['net.data', 'net.onnx']);
  }, 120_000);
  it.each([
    ['is no JSON', '{'], ['is of another version', '{"version":3,"files":[]}'],
    ['leads out of the folder', naming('../net.onnx', '.00000000-1-000000000000.initscope-tmp')],
    ['renames what is not ours', naming('net.onnx', '.bak')],
  ])('that %s changes nothing, and is told of', (_, text) => {
    const file = createModel('inside', 4);
    writeFileSync(`${file}.initscope-journal`, text);
    writeFileSync(`${file}.bak`, 'bak');
    const before = stateOf(file);
    expect(interruptions(openModelFile(file).findings)[0]).toContain('is not in a form this version can read');
    expect(isSame(stateOf(file), before)).toBe(true);
  });
});

describe('what is beside a model', () => {
  const leftover = (file: string, host: string, pid: number): string => `${file}.${host}-${pid}-0123456789ab.initscope-tmp`;
  it('stays where another computer may be at work on it, for a day', () => {
    const file = createModel('inside', 4);
    const theirs = leftover(file, '00000000', 1);
    writeFileSync(theirs, 'unfinished');
    expect(interruptions(openModelFile(file).findings)).toEqual([]);
    expect(existsSync(theirs)).toBe(true);
    const then = statSync(theirs).mtimeMs / 1000 - 25 * 3600;
    utimesSync(theirs, then, then);
    expect(interruptions(openModelFile(file).findings)[0]).toContain('had been interrupted before it changed anything');
    expect(existsSync(theirs)).toBe(false);
  });
  it('stays where it only looks like an unfinished save, or is one of another model', () => {
    const file = createModel('inside', 4);
    const others = [`${file}.initscope-tmp`, leftover(`${file}.copy.onnx`, '00000000', 1), `${file}.00000000-1-0123.initscope-tmp`];
    for (const other of others) {
      writeFileSync(other, 'x');
      utimesSync(other, 1e9, 1e9);
    }
    cpSync(file, path.join(path.dirname(file), 'other.onnx'));
    openModelFile(file);
    expect(others.every((other) => existsSync(other))).toBe(true);
  });
});
