/** A save that is killed leaves the old model or the new one, of whatever format and in however many files it is. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

import { openModelFile } from '../../../src/formats/openModel';
import { present } from '../support/graphs';
import { createFolder } from '../support/temporary';
import { kerasFixtures, writeTfjs } from '../support/tfjs';

const child = path.join(createFolder(), 'child.cjs');
beforeAll(async () => {
  await build({ entryPoints: [path.join(import.meta.dirname, '../support/savingChild.ts')], bundle: true, platform: 'node', format: 'cjs', outfile: child });
});

function copied(name: string): string {
  const file = path.join(createFolder(), name);
  copyFileSync(path.join(kerasFixtures, name), file);
  return file;
}

/** Two layers whose weights are numbers of a text (RTNeural). */
function writeRtneural(): string {
  const file = path.join(createFolder(), 'net.json');
  const rows = (count: number, width: number): number[][] => Array.from({ length: count }, (_, i) => Array.from({ length: width }, (_each, k) =>
    Math.sin(i + k)));
  const dense = (inputs: number, units: number, activation: string): object => (
    { type: 'dense', activation, shape: [null, null, units], weights: [rows(inputs, units), present(rows(1, units)[0])] });
  writeFileSync(file, JSON.stringify({ in_shape: [null, null, 3], layers: [dense(3, 4, 'tanh'), dense(4, 2, '')] }));
  return file;
}

const models: Readonly<Record<string, () => string>> = {
  'an archive of Keras': () => copied('mlp.keras'), 'an HDF5 file': () => copied('mlp.h5'), 'a TensorFlow.js model in shards': () =>
    writeTfjs('mlp', path.join(createFolder(), 'm'), 700),
  'a graph-model of TensorFlow.js': () => {
    const folder = createFolder();
    cpSync(path.join(kerasFixtures, '../tfgraph/mlp'), folder, { recursive: true });
    return path.join(folder, 'model.json');
  },
  'numbers in a text': writeRtneural,
};

async function run(file: string, step: number): Promise<{ readonly output: string; readonly signal: NodeJS.Signals | null }> {
  const saving = spawn(process.execPath, [child, file, String(step)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  saving.stdout.on('data', (chunk: Buffer) => { output += String(chunk); });
  const [, signal] = await once(saving, 'close') as [number | null, NodeJS.Signals | null];
  return { output, signal };
}

const namesIn = (file: string): readonly string[] => readdirSync(path.dirname(file)).sort();
const stateOf = (file: string): readonly Buffer[] => namesIn(file).map((name) => readFileSync(path.join(path.dirname(file), name)));
const isSame = (a: readonly Buffer[], b: readonly Buffer[]): boolean => a.length === b.length && a.every((bytes, i) => bytes.equals(present(b[i])));

describe.each(Object.entries(models))('a save that is killed, of %s', (_, create) => {
  it('at every step it makes on the disk, leaves the old model or the new one', async () => {
    const whole = create();
    const [old, names] = [stateOf(whole), namesIn(whole)];
    const { output, signal } = await run(whole, 0);
    expect(signal).toBeNull();
    const now = stateOf(whole);
    expect(isSame(old, now)).toBe(false);
    const versions: string[] = [];
    for (let step = 1; step <= Number(/saved (\d+)/.exec(output)?.[1]); step++) {
      const folder = createFolder();
      mkdirSync(folder, { recursive: true });
      names.forEach((name, i) => writeFileSync(path.join(folder, name), present(old[i])));
      const file = path.join(folder, path.basename(whole));
      expect((await run(file, step)).signal).toBe('SIGKILL');
      openModelFile(file);
      expect(namesIn(file)).toEqual(names);
      const state = stateOf(file);
      versions.push(isSame(state, old) ? 'old' : isSame(state, now) ? 'new' : 'neither');
    }
    expect(versions).toEqual(versions.toSorted((a, b) => (a === b ? 0 : a === 'old' ? -1 : 1)));
    expect(new Set(versions)).toEqual(new Set(['old', 'new']));
  }, 240_000);
});
