// `initscope pretrain`, as a user types it.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import { FilePool, readFloat32 } from '../../../src/formats/tensors/content';
import { openModelFile, tensorsById } from '../../../src/formats/openModel';
import { at, initscope, initscopeWithEngine } from '../support/command';
import { present } from '../support/graphs';
import { root } from '../support/models';
import { createFolder } from '../support/temporary';

const folder = createFolder();
const file = (name: string): string => path.join(folder, name);
const sigmoid = path.join(root, 'media/samples/deep-sigmoid-mlp.onnx');

function weightOf(model: string, id: string): Float32Array {
  const pool = new FilePool();
  try {
    return readFloat32(pool, present(tensorsById(openModelFile(model)).get(id)), {});
  } finally {
    pool.close();
  }
}

describe('pretrain', () => {
  it('writes the layers that were done, if the engine dies', async () => {
    const output = file('dead.onnx');
    const machine = { layer: 'layers.0', kind: 'bernoulli', visible: 32, hidden: 64, unrolled: null, epochs: [] };
    const plan = { machines: [machine, machine], data: '', samples: 9, heldOut: 0, epochs: 4, batch: 1, left: [], notes: [] };
    const engine = `process.on('message', () => {
      process.send({ kind: 'event', method: 'pretrainingPlanned', params: ${JSON.stringify(plan)} });
      const weights = [{ id: 'layers.0.weight', values: new Float32Array(2048).fill(0.25) }];
      const machine = { ...${JSON.stringify(machine)}, weights };
      process.send({ kind: 'event', method: 'machineDone', params: machine }, () => process.exit(7));
    });`;
    const { code, err } = await initscopeWithEngine(createFolder(), engine)('pretrain', sigmoid, '--data', 'digits', '--output', output);
    expect(code).toBe(1);
    expect(err).toMatch(/exit code 7\)\. .* What layers\.0 had learned up to there was written to .*dead\.onnx\.\n$/);
    expect(new Set(weightOf(output, 'layers.0.weight'))).toEqual(new Set([0.25]));
    const { out } = await initscope('inspect', output, '--json');
    expect(at(out, 'layers', 0, 'weights', 0, 'applied', 'title')).toBe('DBN, CD-1, 4 epochs, seed 0, digits, ended early');
  });

  it('writes what machines have learned, and where it comes from', async () => {
    const output = file('digits.onnx');
    const { code, out, err } = await initscope('pretrain', sigmoid, '--data', 'digits', '--samples', '300', '--epochs', '3', '--seed', '3', '--output', output);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('DBN, CD-1, 3 epochs, seed 3, digits: 300 digits of 8 × 8, 30 of them held out');
    expect(out.split('\n').filter((line) => /^layers\.\d/.test(line))).toHaveLength(10);
    expect(out).toContain('head keeps its weights: it makes the answer, which only labels can teach.');
    expect(out).toMatch(/Wrote .*digits\.onnx\.\n$/);
    const { out: inspected } = await initscope('inspect', output, '--json');
    expect(at(inspected, 'layers', 0, 'weights', 0, 'applied', 'title')).toContain('DBN, CD-1, 3 epochs, seed 3, digits');
    expect(weightOf(output, 'head.weight')).toEqual(weightOf(sigmoid, 'head.weight'));
    expect(weightOf(output, 'layers.0.weight')).not.toEqual(weightOf(sigmoid, 'layers.0.weight'));
    expect(readFileSync(output).length).toBeGreaterThan(readFileSync(sigmoid).length);
  });

  it('has the same weights for the same seed, and curves as JSON', async () => {
    const options = ['--data', 'bars-and-stripes', '--epochs', '4', '--layers', 'layers.0', '--cd', '2', '--persistent', '--sparsity', '0.2', '--json'];
    const outs = await Promise.all(['one', 'two'].map((name) => initscope('pretrain', sigmoid, ...options, '--output', file(`${name}.onnx`))));
    const [one, two] = outs.map(({ out }) => at(out, 'machines', 0, 'epochs'));
    expect(one).toEqual(two);
    expect(weightOf(file('one.onnx'), 'layers.0.weight')).toEqual(weightOf(file('two.onnx'), 'layers.0.weight'));
    const out = outs[0]?.out ?? '';
    expect(at(out, 'title')).toBe('RBM, PCD-2, 4 epochs, seed 0, bars-and-stripes');
    expect(at(out, 'machines', 0, 'epochs', 4)).toMatchObject({ epoch: 4, divergence: { kind: 'ais' }, pseudoLikelihood: { kind: 'exact' } });
    expect(at(out, 'machines', 0, 'epochs', 4, 'filters')).toBeUndefined();
  });

  it('reads a table, with headings and a label behind the features', async () => {
    const table = file('table.csv');
    const row = (i: number): string => [...Array.from({ length: 32 }, (_, k) => (i + k) % 2), 'yes'].join();
    writeFileSync(table, `${[...Array.from({ length: 32 }, (_, k) => `f${k}`), 'label'].join()}\n${Array.from({ length: 20 }, (_, i) => row(i)).join('\n')}\n`);
    const { code, out, err } = await initscope('pretrain', sigmoid, '--data', table, '--epochs', '2', '--layers', 'layers.0', '--output', file('table.onnx'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain('20 samples of table.csv');
  });

  it.each<readonly [string, readonly string[], RegExp, number]>([
    ['no data', ['--output', 'x.onnx'], /Say what to learn from: --data digits/, 2],
    ['nowhere to write', ['--data', 'digits'], /Say where to write: --output FILE/, 2],
    ['the model itself', ['--data', 'digits', '--output', sigmoid], /--output is the model itself/, 2],
    ['a rate of nothing', ['--data', 'digits', '--output', 'x.onnx', '--lr', '0'], /--lr takes a number above 0/, 2],
    ['a momentum of one', ['--data', 'digits', '--output', 'x.onnx', '--momentum', '1'], /--momentum takes a number from 0 to less than 1/, 2],
    ['another start', ['--data', 'digits', '--output', 'x.onnx', '--start', 'he'], /--start takes guide, xavier, zeros/, 2],
    ['a file that is not there', ['--data', 'nowhere.npz', '--output', 'x.onnx'], /nowhere\.npz/, 1],
    ['a rate that explodes', ['--data', 'digits', '--samples', '50', '--output', 'x.onnx', '--lr', '1e8'], /diverged in epoch 1: .*smaller learning rate than 100000000.*Nothing was written/, 1],
  ])('refuses %s in one sentence', async (_, args, message, expected) => {
    const { code, err } = await initscope('pretrain', sigmoid, ...args.map((each) => (each === 'x.onnx' ? file('refused.onnx') : each)));
    expect(code).toBe(expected);
    expect(err).toMatch(message);
  });

  it('replaces no file unasked', async () => {
    writeFileSync(file('there.onnx'), 'mine');
    const { code, err } = await initscope('pretrain', sigmoid, '--data', 'digits', '--output', file('there.onnx'));
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('--force') as string });
    expect(readFileSync(file('there.onnx'), 'utf8')).toBe('mine');
  });
});
