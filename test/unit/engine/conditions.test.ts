/** What a run can be given: samples one by one, targets, dropout, other inputs. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { Graph } from '../../../src/core/graph/graph';
import { simulate } from '../../../src/engine/running/simulate';
import type { NumpyArray } from '../../../src/formats/numpy/npy';
import { writeNpy } from '../../../src/formats/numpy/npy';
import { encodeNpz, readNpz } from '../../../src/formats/numpy/npz';
import type { SimulationFiles } from '../../../src/protocol/engine';
import { CancellationSource } from '../../../src/protocol/rpc';
import type { LayerRun, SimulationOptions, SimulationRun } from '../../../src/protocol/simulation';
import { defaultOptions } from '../../../src/protocol/simulation';
import { NetworkBuilder, encode, only, present } from '../support/graphs';
import { floatBytes, raw, tensor, text, types } from '../support/protobuf';
import { createRandom } from '../support/random';
import { createFolder, createWriter } from '../support/temporary';

const folder = createFolder();
const write = createWriter(folder);
const file = (name: string): string => path.join(folder, name);

async function run(graph: Graph, options: Partial<SimulationOptions> = {}, files: SimulationFiles = {}): Promise<SimulationRun & { notes: readonly string[] }> {
  const request = { path: write('network.onnx', encode(graph)), files, recipes: [], restored: [], options: { ...defaultOptions, threads: 1, ...options } };
  const { runs, notes } = await simulate(request, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
  return { ...only(runs), notes };
}

const layer = (result: SimulationRun, name: string): LayerRun => present(result.layers.find((each) => each.name === name));
const random = createRandom(1);
const noise = (...shape: readonly number[]): NumpyArray => (
  { shape, data: Float32Array.from({ length: shape.reduce((all, size) => all * size, 1) }, () => random() - 0.5) });
const npz = (name: string, arrays: Readonly<Record<string, NumpyArray>>): string => (
  write(name, encodeNpz(new Map(Object.entries(arrays)))));

/** x [batch, 6] → tanh → 4 logits; a reshape to one row refuses any other batch where `fixed`. */
function network(batch: number | string, fixed = false): Graph {
  const b = new NetworkBuilder();
  const x = b.input('x', 'float32', [batch, 6]);
  const own = fixed ? b.add('Reshape', [x, b.ints([1, 6])]) : x;
  return b.finish(b.add('MatMul', [b.add('Tanh', [b.add('MatMul', [own, b.weight('w1', [6, 5])])]), b.weight('w2', [5, 4])]));
}

describe('a fixed batch', () => {
  const [input, cotangent] = [noise(8, 6), noise(8, 4)];
  it('is rewritten where the network accepts another', async () => {
    const { notes, ...result } = await run(network(1), { batch: 8 });
    expect(notes).toEqual([]);
    expect(layer(result, 'w1').preactivation?.count).toBe(8 * 5);
  });
  it('is kept where it does not, and samples are run one by one: the same as together', async () => {
    const files = { input: npz('samples.npz', { x: input }), cotangent: npz('cotangents.npz', { y: cotangent }) };
    const { notes, ...alone } = await run(network(1, true), { batch: 8 }, files);
    expect(notes).toEqual(['The model is exported for a fixed batch of 1: 8 runs of it are taken together.']);
    const together = await run(network('n'), {}, files);
    for (const name of ['w1', 'w2']) {
      const [one, other] = [layer(alone, name), layer(together, name)];
      for (const of of [(each: LayerRun) => each.preactivation, (each: LayerRun) => each.gradient.preactivation]) {
        const [found, expected] = [present(of(one)), present(of(other))];
        expect([found.count, found.zeros]).toEqual([expected.count, expected.zeros]);
        for (const key of ['mean', 'variance', 'min', 'max'] as const) expect(found[key]).toBeCloseTo(present(expected[key]), 6);
      }
    }
  });
  it('made-up samples differ from each other', async () => {
    const found = layer(await run(network(1, true), { batch: 16 }), 'w1').preactivation;
    expect(found?.count).toBe(16 * 5);
    const single = layer(await run(network(1, true)), 'w1').preactivation;
    expect(found?.variance).not.toBeCloseTo(present(single?.variance), 3);
  });
  it('writes values of one run only', async () => {
    await expect(run(network(1, true), { batch: 2 }, { values: file('values.npz') })).rejects.toThrow(/--values writes one run/);
  });
});

describe('arrays', () => {
  const x = noise(3, 6);
  const expected = run(network('n'), {}, { input: npz('x.npz', { x }) });
  it.each([
    ['.npy', () => { writeFileSync(file('x.npy'), writeNpy(x)); return file('x.npy'); }],
    ['.pb with a name', () => write('named.pb', tensorOf('x'))],
    ['.pb without a name', () => write('nameless.pb', tensorOf(''))],
  ])('as %s are those of an .npz', async (_, create) => {
    expect((await run(network('n'), {}, { input: create() })).layers).toEqual((await expected).layers);
  });
  function tensorOf(name: string): Uint8Array {
    return tensor(name, types.float32, [3, 6], raw(floatBytes([...x.data].map(Number))));
  }
  it('whose name is not known is refused where several could be meant', async () => {
    const b = new NetworkBuilder();
    const sum = b.add('Add', [b.input('a', 'float32', [2]), b.input('b', 'float32', [2])]);
    writeFileSync(file('which.npy'), writeNpy(noise(2)));
    await expect(run(b.finish(b.add('Mul', [sum, b.weight('w', [2])])), {}, { input: file('which.npy') })).rejects.toThrow(/could be for any of a, b/);
  });
  it('that are none are refused', async () => {
    await expect(run(network('n'), {}, { input: write('text.pb', text(1, 'no tensor at all')) })).rejects.toThrow(/text.pb is no .npy, .npz or .pb/);
  });
  it('are made up with the mean and variance that were asked for', async () => {
    const b = new NetworkBuilder();
    const graph = b.finish(b.add('MatMul', [b.add('Identity', [b.input('x', 'float32', [400, 6])]), b.weight('w', [6, 6])]));
    await run(graph, { input: { mean: 3, variance: 0.25 } }, { values: file('inputs.npz') });
    const fed = present(readNpz(file('inputs.npz')).get('x')).data as Float32Array;
    const mean = fed.reduce((sum, value) => sum + value, 0) / fed.length;
    const variance = fed.reduce((sum, value) => sum + (value - mean) ** 2, 0) / fed.length;
    // Five standard errors of 2400 numbers.
    expect(Math.abs(mean - 3)).toBeLessThan(5 * 0.5 / Math.sqrt(2400));
    expect(Math.abs(variance / 0.25 - 1)).toBeLessThan(5 * Math.sqrt(2 / 2400));
  });
});

describe('targets', () => {
  const input = npz('inputs-of-targets.npz', { x: noise(3, 6) });
  const lossOf = async (loss: 'cross-entropy' | 'mse', target: NumpyArray): Promise<{ loss: number; logits: Float32Array }> => {
    const result = await run(network('n'), { loss }, { input, target: npz('targets.npz', { y: target }), values: file('logits.npz') });
    return { loss: present(result.loss), logits: present(readNpz(file('logits.npz')).get('y')).data as Float32Array };
  };
  it('are the classes of a cross-entropy', async () => {
    const classes = [2, 0, 3];
    const { loss, logits } = await lossOf('cross-entropy', { shape: [3], data: BigInt64Array.from(classes, BigInt) });
    const each = classes.map((label, row) => {
      const values = [...logits.subarray(row * 4, row * 4 + 4)];
      return Math.log(values.reduce((sum, value) => sum + Math.exp(value), 0)) - (values[label] ?? NaN);
    });
    expect(loss).toBeCloseTo(each.reduce((sum, value) => sum + value, 0) / 3, 5);
  });
  it('are what a squared error is taken from', async () => {
    const target = noise(3, 4);
    const { loss, logits } = await lossOf('mse', target);
    expect(loss).toBeCloseTo([...logits].reduce((sum, value, i) => sum + (value - Number(target.data[i])) ** 2, 0) / 12, 5);
  });
  it.each([
    ['a class that is not there', { shape: [3], data: BigInt64Array.of(0n, 4n, 1n) }, /names the class 4; there are the classes 0 to 3/],
    ['as many as fit nothing', noise(5), /has shape \[5\]; give one class per row \[3\], or probabilities \[3, 4\]/],
  ])('%s', async (_, target, message) => {
    await expect(lossOf('cross-entropy', target)).rejects.toThrow(message);
  });
});

describe('dropout', () => {
  const graph = (): Graph => {
    const b = new NetworkBuilder();
    const h = b.add('MatMul', [b.input('x', 'float32', [200, 6]), b.weight('w1', [6, 50])]);
    const dropped = b.add('Dropout', [h, b.constant('float32', [], [0.3])]);
    return b.finish(b.add('MatMul', [dropped, b.weight('w2', [50, 4])]));
  };
  it('is off where nobody asks for it', async () => {
    expect(layer(await run(graph()), 'w1').gradient.preactivation?.zeros).toBe(0);
  });
  it('drops that part of the elements of the gradient, too, and others for another seed', async () => {
    const [one, again, other] = await Promise.all([run(graph(), { dropout: true }), run(graph(), { dropout: true }), run(graph(), { dropout: true, seed: 1 })]
      .map(async (result) => present(layer(await result, 'w1').gradient.preactivation).zeros));
    expect(one).toBe(again);
    expect(one).not.toBe(other);
    // Five standard errors of 10,000 elements.
    expect(Math.abs(present(one) / 10_000 - 0.3)).toBeLessThan(5 * Math.sqrt(0.3 * 0.7 / 10_000));
  });
  it('keeps the mean of what it lets through', async () => {
    const [off, on] = await Promise.all([run(graph()), run(graph(), { dropout: true })]);
    const ratio = present(layer(on, 'w1').gradient.preactivation?.variance) / present(layer(off, 'w1').gradient.preactivation?.variance);
    expect(ratio).toBeGreaterThan(1 / 0.7 * 0.9);
    expect(ratio).toBeLessThan(1 / 0.7 * 1.1);
  });
});

describe('what is fed', () => {
  /** Where the sum of x is positive one layer, else another. */
  function choosing(): Graph {
    const b = new NetworkBuilder();
    const x = b.input('x', 'float32', [4, 6]);
    const branch = (name: string, width: number): Graph => {
      const inner = new NetworkBuilder();
      const h = inner.add('MatMul', [x, inner.weight(name, [6, width])]);
      inner.output(h, 'float32');
      return inner.build();
    };
    const isPositive = b.add('Greater', [b.add('ReduceSum', [x], { keepdims: 0 }), b.scalar(0)]);
    const [yes, no] = [branch('yes', 3), branch('no', 5)];
    return b.finish(b.add('If', [isPositive], { then_branch: { kind: 'graph', value: yes }, else_branch: { kind: 'graph', value: no } }));
  }
  it('may choose another branch: it is planned anew, and each run has the layers it went through', async () => {
    const options = { ...defaultOptions, seeds: 12, threads: 1 };
    const request = { path: write('choosing.onnx', encode(choosing())), files: {}, recipes: [], restored: [], options };
    const { runs, notes } = await simulate(request, { planned: () => undefined, ran: () => undefined }, new CancellationSource());
    const taken = runs.map(({ layers }) => layers.flatMap((each) => (each.preactivation ? each.preactivation.count / 4 : [])));
    expect(new Set(taken.map((widths) => widths.join()))).toEqual(new Set(['3', '5']));
    expect(only(notes)).toMatch(/^What is fed decides on shapes or branches of this network: it was planned anew for \d+ of its runs\.$/);
  });
  it('decides nothing in networks without choices', async () => {
    expect((await run(network('n'))).notes).toEqual([]);
  });
});
