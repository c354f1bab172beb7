/** Simulations on data of the user's: which rows a seed sees, what the loss compares with, and what is refused. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SampleOrder } from '../../../src/engine/feeding/samples';
import { simulate } from '../../../src/engine/running/simulate';
import { readNpz, writeNpz } from '../../../src/formats/numpy/npz';
import type { SimulationFiles } from '../../../src/protocol/engine';
import { CancellationSource } from '../../../src/protocol/rpc';
import { defaultOptions, type SimulationOptions, type SimulationPlan, type SimulationResult } from '../../../src/protocol/simulation';
import { NetworkBuilder, encode, present } from '../support/graphs';
import { createRandom } from '../support/random';
import { createFolder, createWriter } from '../support/temporary';

const sample = path.resolve(import.meta.dirname, '../../../media/samples/deep-tanh-mlp.onnx');
const folder = createFolder();
const write = createWriter(folder);
const [rows, features] = [40, 32];
const random = createRandom(3);
const x = Float32Array.from({ length: rows * features }, () => 2 * random() + 1);
const labels = Float32Array.from({ length: rows }, (_, i) => i % 10);
const table = write('rows.csv', Buffer.from(Array.from({ length: rows }, (_, i) => (
  `${[...x.subarray(i * features, (i + 1) * features)].join()},${String(labels[i])}\n`)).join('')));

interface Ran { readonly result: SimulationResult; readonly plan: SimulationPlan }
async function run(options: Partial<SimulationOptions>, files: SimulationFiles = {}, model = sample): Promise<Ran> {
  const plans: SimulationPlan[] = [];
  const listener = { planned: (plan: SimulationPlan) => { plans.push(plan); }, ran: () => undefined };
  const request = { path: model, recipes: [], restored: [], files, options: { ...defaultOptions, ...options } };
  const result = await simulate(request, listener, new CancellationSource());
  return { result, plan: present(plans[0]) };
}

/** Rows that a seed sees, as one file of arrays. */
async function seen(seed: number, batch: number): Promise<SimulationFiles> {
  const order = new SampleOrder(rows, seed).take(0, batch);
  const of = (all: Float32Array, size: number): Float32Array => Float32Array.from([...order].flatMap((row) => [...all.subarray(row * size, (row + 1) * size)]));
  const [input, target] = [path.join(folder, `x${seed}.npz`), path.join(folder, `y${seed}.npz`)];
  await writeNpz(input, new Map([['x', { shape: [batch, features], data: of(x, features) }]]));
  await writeNpz(target, new Map([['logits', { shape: [batch], data: of(labels, 1) }]]));
  return { input, target };
}

describe('a simulation on data', () => {
  it('feeds other rows for each seed, in the order of a training, and compares with their labels', async () => {
    const { result, plan } = await run({ data: table, batch: 8, seed: 4, seeds: 2, loss: 'cross-entropy' });
    expect(plan.inputs).toEqual(['x [8, 32] 40 rows with column 33']);
    for (const [i, seed] of [4, 5].entries()) {
      const alone = await run({ batch: 8, seed, loss: 'cross-entropy' }, await seen(seed, 8));
      expect(result.runs[i]?.loss).toBe(alone.result.runs[0]?.loss);
      expect(result.runs[i]?.layers[0]).toEqual(alone.result.runs[0]?.layers[0]);
    }
    const [first, second] = result.runs.map(({ layers }) => layers[0]?.preactivation?.variance);
    expect(first).not.toBe(second);
  });
  it('takes no more rows than there are, where nobody says how many', async () => {
    const few = write('few.csv', Buffer.from(Array.from({ length: 5 }, (_, i) => `${[...x.subarray(i * features, (i + 1) * features)].join()}\n`).join('')));
    expect((await run({ data: few })).plan.inputs).toEqual(['x [5, 32] 5 rows']);
    const { plan } = await run({ data: few, batch: 12 });
    expect(plan.inputs).toEqual(['x [12, 32] 5 rows']);
    expect(plan.notes).toEqual([`${few} has 5 samples, and 12 are run at once: some are seen more than once.`]);
  });
  it('says nothing by theory, whose inputs are of a law that is known', async () => {
    const { result } = await run({ data: table });
    expect(result.theory[0]?.layers[0]?.preactivation ?? null).toBeNull();
    expect(result.runs[0]?.layers[0]?.preactivation?.variance).toBeGreaterThan(0);
  });
  it('compares a mean squared error with ones at the classes', async () => {
    const { result } = await run({ data: table, batch: 16, loss: 'mse' });
    const values = path.join(folder, 'values.npz');
    await run({ batch: 16, loss: 'mse' }, { ...await seen(0, 16), values });
    const logits = present(readNpz(values).get('logits')).data;
    const order = new SampleOrder(rows, 0).take(0, 16);
    let sum = 0;
    order.forEach((row, i) => { for (let k = 0; k < 10; k++) sum += (Number(logits[i * 10 + k]) - (row % 10 === k ? 1 : 0)) ** 2; });
    expect(result.runs[0]?.loss).toBeCloseTo(sum / 160, 6);
  });
  it('runs a fixed batch piece by piece', async () => {
    const b = new NetworkBuilder();
    const h = b.add('MatMul', [b.input('x', 'float32', [1, features]), b.weight('w', [features, 4])]);
    // A reshape to that one sample refuses every other batch.
    const out = b.add('Reshape', [h, b.constant('int64', [2], [1, 4])]);
    const model = write('fixed.onnx', encode(b.finish(out)));
    const { result } = await run({ data: table, batch: 6 }, {}, model);
    expect(result.runs[0]?.layers[0]?.preactivation?.count).toBe(24);
    expect(result.notes.some((note) => note.includes('6 runs of it are taken together'))).toBe(true);
  });
  it('refuses what does not fit, and two sources of inputs', async () => {
    const narrow = write('narrow.csv', Buffer.from('1,2,3\n4,5,6\n'));
    await expect(run({ data: narrow })).rejects.toThrow(/narrow\.csv/);
    await expect(run({ data: table, loss: 'cross-entropy' }, await seen(1, 8))).rejects.toThrow('Both --input and --data say what is fed.');
    writeFileSync(path.join(folder, 'beyond.csv'), [...Array(12).keys()].map((label) => `${Array(features).fill(0.5).join()},${label}\n`).join(''));
    await expect(run({ data: path.join(folder, 'beyond.csv'), loss: 'cross-entropy' })).rejects.toThrow(/names the class 1[01]; there are the classes 0 to 9/);
  });
});
