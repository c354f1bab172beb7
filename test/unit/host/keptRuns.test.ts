/** Runs that are kept: under which name, how many, and what becomes of their files. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KeptRuns } from '../../../src/host/keptRuns';
import type { SimulationRun } from '../../../src/protocol/simulation';

let folder = '';
beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'initscope-runs-')); });
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function memory(stored: Record<string, unknown> = {}) {
  return {
    keys: () => Object.keys(stored),
    get: (key: string, otherwise?: unknown) => stored[key] ?? otherwise,
    update: (key: string, value: unknown) => {
      stored[key] = JSON.parse(JSON.stringify(value));
      return Promise.resolve();
    },
  };
}

const moments = (variance: number) => ({
  count: 4, mean: 0, variance, min: -1, max: 1, zeros: 0, nonFinite: 0, histogram: { min: -1, max: 1, counts: [1, 3] },
});
const run = (variance: number, seed = 0): SimulationRun => ({
  scheme: 'current', seed, loss: null,
  layers: [{ name: 'fc', preactivation: null, activation: moments(variance), gradient: { preactivation: null, activation: null }, weights: [] }],
});
const of = (model: string, name: string, at: number) => ({ model, file: `${model}.onnx`, name, at });

describe('runs that are kept', () => {
  const lines: string[] = [];
  const log = { warn: (line: string) => { lines.push(line); } };

  it('come back after a reload with their numbers, and with the picture of the first seed alone', async () => {
    const stored = {};
    await new KeptRuns(folder, memory(stored), log).keep(of('a', 'first', 1), [run(1), run(2, 1)]);
    const again = new KeptRuns(folder, memory(stored), log);
    const [kept] = again.all();
    expect(kept).toMatchObject({ name: 'first', schemes: ['current'], seeds: 2 });
    const runs = kept ? again.runsOf(kept) : null;
    expect(runs?.map(({ layers }) => layers[0]?.activation?.variance)).toEqual([1, 2]);
    expect(runs?.map(({ layers }) => layers[0]?.activation?.histogram?.counts)).toEqual([[1, 3], undefined]);
  });

  it('that say the same are one, under the name it has been given', async () => {
    const kept = new KeptRuns(folder, memory(), log);
    await kept.keep(of('a', 'first', 1), [run(1)]);
    const [first] = kept.all();
    if (first) await kept.rename(first, 'before the fix');
    await kept.keep(of('a', 'again', 2), [run(1)]);
    expect(kept.all()).toMatchObject([{ name: 'before the fix', at: 2 }]);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('are twenty of a model at most, the latest, and those that go take their files along', async () => {
    const kept = new KeptRuns(folder, memory(), log);
    await kept.keep(of('b', 'other', 0), [run(0.5)]);
    for (let at = 1; at <= 23; at++) await kept.keep(of('a', `run ${at}`, at), [run(at)]);
    expect(kept.all().filter(({ model }) => model === 'a').map(({ name }) => name)).toEqual(Array.from({ length: 20 }, (_, i) => `run ${23 - i}`));
    expect(kept.all().at(-1)).toMatchObject({ name: 'other' });
    expect(readdirSync(folder)).toHaveLength(21);
  });

  it('are laid over by choice, until they are forgotten', async () => {
    const kept = new KeptRuns(folder, memory(), log);
    await kept.keep(of('a', 'first', 1), [run(1)]);
    const [first] = kept.all();
    if (!first) throw new Error('Nothing is kept.');
    await kept.layOver('b', first);
    expect([kept.laidOver('b')?.id, kept.laidOver('a')]).toEqual([first.id, null]);
    await kept.forget(first);
    expect([kept.laidOver('b'), existsSync(path.join(folder, `${first.id}.json`))]).toEqual([null, false]);
  });

  it('whose file is broken or gone are nothing, with a line in the log', async () => {
    const kept = new KeptRuns(folder, memory(), log);
    await kept.keep(of('a', 'first', 1), [run(1)]);
    const [first] = kept.all();
    if (!first) throw new Error('Nothing is kept.');
    writeFileSync(path.join(folder, `${first.id}.json`), '[{');
    expect(kept.runsOf(first)).toBeNull();
    expect(lines.at(-1)).toMatch(/^Runs that were kept cannot be read/);
  });

  it('of which the memory holds something else are left out', () => {
    const kept = new KeptRuns(folder, memory({ 'initscope.keptRuns': [{ id: '../x', model: 'a' }, null, 3], 'initscope.laidOver': 'x' }), log);
    expect([kept.all(), kept.laidOver('a')]).toEqual([[], null]);
  });
});
