// Pre-training of whole networks: what each layer gets, what is told on the way, and what is refused.

import { describe, expect, it } from 'vitest';

import { hiddenInputs } from '../../../../src/core/learning/rbm/energy';
import type { Machine } from '../../../../src/core/learning/rbm/machine';
import { barsAndStripes } from '../../../../src/core/learning/data/barsAndStripes';
import { digits } from '../../../../src/core/learning/data/digits';
import { writeNpy } from '../../../../src/formats/numpy/npy';
import { pretrain } from '../../../../src/engine/learning/pretrain';
import { Steering } from '../../../../src/engine/learning/steering';
import type {
  MachineEpoch, PretrainedMachine, PretrainingEvents, PretrainingOptions, PretrainingPlan, PretrainingResult,
} from '../../../../src/protocol/pretraining';
import { defaultPretraining } from '../../../../src/protocol/pretraining';
import { CancellationSource } from '../../../../src/protocol/rpc';
import { NetworkBuilder, encode, present } from '../../support/graphs';
import { createFolder, createWriter } from '../../support/temporary';

const write = createWriter(createFolder());
let files = 0;

interface Dense { readonly width: number; readonly activation?: string; readonly stored?: 'transposed' | 'plain'; readonly isBiased?: boolean }

/** Layers called fc0, fc1, …, behind an input of that shape. */
function network(shape: readonly (string | number)[], layers: readonly Dense[]): string {
  const b = new NetworkBuilder();
  let x = b.input('x', 'float32', shape);
  let from = shape.slice(1).reduce<number>((all, size) => all * Number(size), 1);
  if (shape.length > 2) x = b.add('Flatten', [x]);
  layers.forEach(({ width, activation = 'Sigmoid', stored = 'transposed', isBiased = true }, i) => {
    const kernel = b.weight(`fc${i}.weight`, stored === 'transposed' ? [width, from] : [from, width]);
    const bias = isBiased ? [b.weight(`fc${i}.bias`, [width])] : [];
    x = b.add('Gemm', [x, kernel, ...bias], { transB: stored === 'transposed' ? 1 : 0 });
    if (activation !== '') x = b.add(activation, [x]);
    from = width;
  });
  return write(`network${files++}.onnx`, encode(b.finish(x)));
}

interface Told { plan: PretrainingPlan | null; readonly epochs: MachineEpoch[]; readonly machines: PretrainedMachine[] }

async function run(
  path: string, options: Partial<PretrainingOptions>, steering = new Steering(), on: Partial<PretrainingEvents> = {},
): Promise<{ readonly result: PretrainingResult; readonly told: Told }> {
  const told: Told = { plan: null, epochs: [], machines: [] };
  const listener: PretrainingEvents = {
    pretrainingPlanned: (plan) => { told.plan = plan; },
    epochDone: (epoch) => {
      told.epochs.push(epoch);
      on.epochDone?.(epoch);
    },
    machineDone: (machine) => told.machines.push(machine),
  };
  const request = { path, recipes: [], restored: [], options: { ...defaultPretraining, threads: 1, ...options } };
  return { result: await pretrain(request, listener, steering, new CancellationSource()), told };
}

const bars = { kind: 'built-in', name: 'bars-and-stripes' } as const;
const { data: patterns } = barsAndStripes(4);
/** The same as they are: 0 and 1. */
const fromFile = { kind: 'file', path: write('bars.npy', writeNpy({ shape: [30, 16], data: patterns })) } as const;
const names = ({ machines }: PretrainingResult): string[] => machines.map(({ layer }) => layer);
const valuesOf = (result: PretrainingResult, name: string): Float32Array => (
  present(result.machines.flatMap(({ weights }) => weights).find((weight) => weight.name === name)).values);

describe('pre-training', () => {
  it('trains a machine for each hidden layer from the front, and tells of each epoch', async () => {
    const { result, told } = await run(network(['n', 16], [{ width: 12 }, { width: 10, stored: 'plain' }, { width: 2, activation: 'Softmax' }]), {
      data: bars, epochs: 200, batch: 10,
    });
    expect(names(result)).toEqual(['fc0', 'fc1']);
    expect(result.title).toBe('DBN, CD-1, 200 epochs, seed 0, bars-and-stripes');
    expect(result.end).toEqual({ kind: 'finished', message: null });
    expect(result.plan.left).toEqual([{ layer: 'fc2', reason: 'it makes the answer, which only labels can teach' }]);
    expect(told.plan).toEqual(result.plan);
    expect(told.epochs.map(({ layer, epoch }) => `${layer} ${epoch}`)).toEqual(
      ['fc0', 'fc1'].flatMap((layer) => Array.from({ length: 201 }, (_, epoch) => `${layer} ${epoch}`)));
    expect(told.machines.map(({ layer }) => layer)).toEqual(['fc0', 'fc1']);
    const [first, last] = [present(told.epochs[0]), present(told.epochs[200])];
    expect(last.error).toBeLessThan(first.error / 2);
    expect(last.crossEntropy).toBeLessThan(present(first.crossEntropy) / 2);
    expect(present(last.pseudoLikelihood)).toMatchObject({ kind: 'exact' });
    expect(present(last.pseudoLikelihood).value).toBeGreaterThan(present(first.pseudoLikelihood).value);
    expect(present(last.divergence)).toMatchObject({ kind: 'exact', error: 0 });
    expect(present(last.divergence).value).toBeLessThan(present(first.divergence).value);
    expect(first.ratio).toBeNull();
    expect(last.freeEnergy.heldOut).toBeNull();
    expect([last.filters?.images.length, last.filters?.width, last.reconstructions?.images.length]).toEqual([12, 4, 16]);
  });

  it('stores what machines encode by, in the layout of each layer', async () => {
    const layers = [{ width: 12 }, { width: 10, stored: 'plain' as const }, { width: 2 }];
    const { result } = await run(network(['n', 16], layers), { data: bars, epochs: 30 });
    const turned = network(['n', 16], [{ width: 12, stored: 'plain' }, { width: 10 }, { width: 2 }]);
    const { result: other } = await run(turned, { data: bars, epochs: 30 });
    const transposed = (values: Float32Array, rows: number): Float32Array => {
      const columns = values.length / rows;
      return values.map((_, at) => values[(at % rows) * columns + Math.floor(at / rows)] ?? NaN);
    };
    expect(valuesOf(result, 'fc0.weight')).toHaveLength(16 * 12);
    expect(transposed(valuesOf(other, 'fc0.weight'), 16)).toEqual(valuesOf(result, 'fc0.weight'));
    expect(transposed(valuesOf(other, 'fc1.weight'), 10)).toEqual(valuesOf(result, 'fc1.weight'));
    expect(valuesOf(other, 'fc1.bias')).toEqual(valuesOf(result, 'fc1.bias'));
  });

  it('gives the decoder of an autoencoder the weights, transposed, and visible biases', async () => {
    const path = network(['n', 16], [{ width: 9 }, { width: 4 }, { width: 9 }, { width: 16, stored: 'plain' }]);
    const { result } = await run(path, { data: fromFile, epochs: 20 });
    expect(result.machines.map(({ layer, unrolled }) => [layer, unrolled])).toEqual([['fc0', 'fc3'], ['fc1', 'fc2']]);
    const [encoder, decoder] = [valuesOf(result, 'fc0.weight'), valuesOf(result, 'fc3.weight')];
    // Both are [9, 16]: the encoder's as [hidden, visible], the decoder's as [its inputs, its outputs].
    expect(decoder).toEqual(encoder);
    expect(valuesOf(result, 'fc3.bias').some((bias) => bias !== 0)).toBe(true);
    expect(valuesOf(result, 'fc2.weight')).toHaveLength(36);
    expect(result.notes.join(' ')).toContain('fc0 gives fc3, fc1 gives fc2 its weights, transposed');
  });

  it('trains the layers that are named, on what the others hand on', async () => {
    const { result } = await run(network(['n', 16], [{ width: 12 }, { width: 10 }, { width: 2 }]), { data: bars, epochs: 5, layers: 'fc1' });
    expect(names(result)).toEqual(['fc1']);
    expect(result.title).toContain('RBM, CD-1, 5 epochs');
    expect(result.plan.left.map(({ layer }) => layer)).toEqual(['fc0', 'fc2']);
  });

  it('takes real numbers, and puts their standardisation into the first layer', async () => {
    const { data } = digits({ count: 300, seed: 5 });
    const scaled = data.map((value, i) => 100 + value * (1 + (i % 64)));
    const file = write('scaled.npy', writeNpy({ shape: [300, 64], data: scaled }));
    const path = network(['n', 64], [{ width: 20 }, { width: 2 }]);
    const { result } = await run(path, { data: { kind: 'file', path: file }, visible: 'gaussian', epochs: 10 });
    const same = write('plain.npy', writeNpy({ shape: [300, 64], data }));
    const { result: plain } = await run(path, { data: { kind: 'file', path: same }, visible: 'gaussian', epochs: 10 });
    const machine = (of: PretrainingResult): Machine => {
      const stored = valuesOf(of, 'fc0.weight');
      const weights = stored.map((_, at) => stored[(at % 20) * 64 + Math.floor(at / 20)] ?? NaN);
      return { kind: 'gaussian', visible: 64, hidden: 20, weights, visibleBias: new Float32Array(64), hiddenBias: valuesOf(of, 'fc0.bias') };
    };
    const [one, other] = [hiddenInputs(machine(result), scaled.subarray(0, 64)), hiddenInputs(machine(plain), data.subarray(0, 64))];
    one.forEach((input, j) => expect(input).toBeCloseTo(other[j] ?? NaN, 2));
    const [first, last] = [present(result.machines[0]?.epochs[0]), present(result.machines[0]?.epochs.at(-1))];
    expect(last.error).toBeLessThan(first.error);
    expect([last.divergence, last.crossEntropy, last.pseudoLikelihood]).toEqual([null, null, null]);
    expect(present(last.freeEnergy.heldOut)).not.toBeNaN();
    expect(result.notes.join(' ')).toContain('mean 0 and variance 1');
  });

  it('says what theory assumes, and what has no bias', async () => {
    const path = network(['n', 16], [{ width: 8, activation: 'Tanh', isBiased: false }, { width: 4, activation: '' }]);
    const { result } = await run(path, { data: fromFile, epochs: 2 });
    expect(result.notes).toEqual([
      'Machines have sigmoid units. fc0 has Tanh behind it: the weights are set as they were learned, without a change of scale, '
        + 'and what theory promises is for sigmoids.',
      'fc0 has no bias: hidden biases stay 0.',
    ]);
  });

  it('flattens samples of any shape, and draws them as images', async () => {
    const { data } = digits({ count: 40, seed: 1 });
    const file = write('images.npy', writeNpy({ shape: [40, 1, 8, 8], data }));
    const { result } = await run(network(['n', 1, 8, 8], [{ width: 8 }, { width: 2 }]), { data: { kind: 'file', path: file }, epochs: 1 });
    expect(present(result.machines[0]?.epochs[0]?.filters)).toMatchObject({ width: 8, height: 8 });
  });
});

describe('what is made up', () => {
  it('is what training is shown: the same patterns from a file learn the same weights', async () => {
    const path = network(['n', 16], [{ width: 8 }, { width: 2 }]);
    const [{ result }, { result: same }] = [await run(path, { data: bars, epochs: 20 }), await run(path, { data: fromFile, epochs: 20 })];
    expect(valuesOf(result, 'fc0.weight')).toEqual(valuesOf(same, 'fc0.weight'));
    expect(result.notes).toEqual([]);
  });
});

describe('an end before the last epoch', () => {
  it('keeps what was learned where it is stopped', async () => {
    const steering = new Steering();
    const { result, told } = await run(network(['n', 16], [{ width: 8 }, { width: 6 }, { width: 2 }]), { data: bars, epochs: 50 }, steering, {
      epochDone: ({ layer, epoch }) => { if (layer === 'fc1' && epoch === 3) steering.to('stop'); },
    });
    expect(result.end).toEqual({ kind: 'cancelled', message: 'Stopped in epoch 4 of fc1.' });
    expect(result.title).toBe('DBN, CD-1, 50 epochs, seed 0, bars-and-stripes, ended early');
    expect(result.machines.map(({ layer, epochs }) => [layer, epochs.length])).toEqual([['fc0', 51], ['fc1', 4]]);
    expect(told.machines.map(({ layer }) => layer)).toEqual(['fc0']);
  });

  it.each([['bernoulli', 1e6, 'its weights have grown to'], ['gaussian', 1e30, 'its weights are not finite any more']] as const)(
    'is said of a rate that explodes, %s %d', async (visible, rate, why) => {
      const { result } = await run(network(['n', 16], [{ width: 8 }, { width: 2 }]), { data: bars, epochs: 50, visible, rate });
      expect(result.end.kind).toBe('diverged');
      expect(result.end.message).toContain(`Pre-training of fc0 diverged in epoch 1: ${why}`);
      expect(result.machines).toEqual([]);
    });
});

describe('is refused in one sentence', () => {
  const path = network(['n', 16], [{ width: 8 }, { width: 2 }]);
  const array = (name: string, shape: readonly number[], data: Float32Array): PretrainingOptions['data'] => (
    { kind: 'file', path: write(name, writeNpy({ shape, data })) });
  it.each<readonly [string, PretrainingOptions['data'], RegExp]>([
    ['data of another width', array('width.npy', [3, 5], new Float32Array(15)), /width\.npy has 5 numbers a sample \(shape \[3, 5\]\), and the first layer takes 16\.$/],
    ['data that are no numbers', array('nan.npy', [2, 16], new Float32Array(32).fill(NaN, 17, 18)), /nan\.npy: feature 1 of sample 1 is NaN, and a number is needed/],
    ['data out of range', array('range.npy', [2, 16], new Float32Array(32).fill(-2.5, 0, 1)), /the values go from -2\.5 to 0, and units that are on or off take 0 to 1/],
    ['no samples', array('none.npy', [0, 16], new Float32Array(0)), /none\.npy has no samples/],
    ['a table with a text in it', { kind: 'file', path: write('text.csv', new TextEncoder().encode(`${'0,'.repeat(15)}cat\n`.repeat(3))) }, /"cat", and a number is needed/],
    ['another built-in', { kind: 'built-in', name: 'spirals' }, /^spirals has nothing that units/],
  ])('%s', async (_, data, message) => {
    await expect(run(path, { data })).rejects.toThrow(message);
  });

  it('a file that is not there', async () => {
    await expect(run(path, { data: { kind: 'file', path: '/nowhere.csv' } })).rejects.toThrow(/^\/nowhere\.csv cannot be read/);
  });

  it('chains that are too long', async () => {
    await expect(run(path, { data: bars, gibbs: 1001 })).rejects.toThrow(/^1001 Gibbs steps are too many for an update: .*, and 1000 the most\.$/);
  });

  it('a name that no layer has', async () => {
    await expect(run(path, { layers: 'conv*' })).rejects.toThrow(/No layer of .* is called conv\*\. Its dense layers are fc0, fc1\.$/);
  });

  it('a layer that is applied at each place', async () => {
    const b = new NetworkBuilder();
    const h = b.add('Sigmoid', [b.add('MatMul', [b.input('x', 'float32', ['n', 7, 16]), b.weight('w', [16, 8])])]);
    const sequence = write('sequence.onnx', encode(b.finish(b.add('MatMul', [h, b.weight('v', [8, 2])]))));
    await expect(run(sequence, { data: bars })).rejects.toThrow(/takes 16 features, and a sample of .* is \[7, 16\]: it is applied at each place/);
  });

  it('a network that begins with a convolution', async () => {
    const b = new NetworkBuilder();
    const h = b.add('Relu', [b.add('Conv', [b.input('x', 'float32', ['n', 1, 4, 4]), b.weight('conv.weight', [2, 1, 3, 3])])]);
    const images = write('images.onnx', encode(b.finish(b.add('Gemm', [b.add('Flatten', [h]), b.weight('w', [8, 2])]))));
    await expect(run(images, {})).rejects.toThrow(/cannot be pre-trained: the first layer, conv, is no dense layer \(Conv\)\. Machines are for dense layers/);
  });
});
