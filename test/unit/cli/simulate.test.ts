import path from 'node:path';
import { describe, expect, it } from 'vitest';

import type { NumpyArray } from '../../../src/formats/numpy/npy';
import { readNpz, writeNpz } from '../../../src/formats/numpy/npz';
import { at, initscope, initscopeWithEngine } from '../support/command';
import { NetworkBuilder, encode, present } from '../support/graphs';
import { deepTanh, residualCnn } from '../support/models';
import { createRandom } from '../support/random';
import { createFolder, createWriter } from '../support/temporary';

const folder = createFolder();
const write = createWriter(folder);
const file = (name: string): string => path.join(folder, name);

describe('simulate', () => {
  it('prints one row per layer, and what they amount to', async () => {
    const { code, out, err } = await initscope('simulate', deepTanh, '--scheme', 'current', '--scheme', 'recommended');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^With the current weights the gradient shrinks 0\.\d+× per layer, .*\(1 seed\)\./);
    expect(out.split('\n').filter((line) => /\blayers\.\d+\b/.test(line)).length).toBeGreaterThanOrEqual(32);
  });
  it('prints every run as JSON', async () => {
    const options = ['--scheme', 'he-normal', '--seeds', '2', '--seed', '4', '--batch', '2', '--threads', '1', '--json'];
    const { out } = await initscope('simulate', residualCnn, ...options);
    expect([at(out, 'runs', 0, 'seed'), at(out, 'runs', 1, 'seed'), at(out, 'runs', 2)]).toEqual([4, 5, undefined]);
    expect(at(out, 'runs', 0)).toMatchObject({ scheme: 'he-normal', loss: null });
    expect(at(out, 'runs', 0, 'layers', 0)).toMatchObject({
      name: 'stem.conv', preactivation: { count: 2 * 12 * 32 * 32, nonFinite: 0 }, gradient: { preactivation: { count: 2 * 12 * 32 * 32 } },
    });
    expect(at(out, 'runs', 0, 'layers', 0, 'activation', 'histogram')).toBeUndefined();
    expect(at(out, 'unsupported')).toEqual([]);
    expect(Number(at(out, 'memoryBytes'))).toBeGreaterThan(1e6);
  });
  it('draws schemes with parameters', async () => {
    const { out } = await initscope('simulate', deepTanh, '--scheme', 'normal:std=0.3,mean=0', '--scheme', 'he-normal:mode=fan_out', '--json');
    expect(at(out, 'runs', 0, 'scheme')).toBe('normal');
    expect(Number(at(out, 'theory', 0, 'layers', 0, 'preactivation', 'variance'))).toBeCloseTo(32 * 0.09, 5);
    expect(at(out, 'runs', 1, 'scheme')).toBe('he-normal');
  });
  it.each([
    ['normal:sigma=1', 'normal has no parameter "sigma"; it takes std, mean, as normal:std=VALUE'],
    ['current:std=1', 'current has no parameter "std"; it takes no parameters'],
    ['normal:std=wide', '--std takes a number that is not negative, not "wide"'],
    ['uniform:low=2,high=1', 'low (2) is above high (1)'],
  ])('refuses %s', async (scheme, said) => {
    const { code, err } = await initscope('simulate', deepTanh, '--scheme', scheme);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });
  it('refuses a scheme with two sets of parameters', async () => {
    const { err } = await initscope('simulate', deepTanh, '--scheme', 'normal:std=1', '--scheme', 'normal');
    expect(err).toContain('normal is given twice, with other parameters');
  });
  it('prints the channels of residual blocks where asked, and says where there are none', async () => {
    const { out } = await initscope('simulate', residualCnn, '--joins');
    const [, blocks = ''] = out.split(/\n\nscheme +seed +residual block/);
    expect(blocks.split('\n').filter((line) => /\bstage\d\.\d\.conv2\b/.test(line))).toHaveLength(6);
    expect((await initscope('simulate', residualCnn)).out).not.toContain('residual block');
    expect((await initscope('simulate', deepTanh, '--joins')).out).toContain('There are no residual blocks');
  });
  it('says of one layer what can be said of it', async () => {
    const b = new NetworkBuilder();
    const single = write('single.onnx', encode(b.finish(b.add('MatMul', [b.input('x', 'float32', ['n', 8]), b.weight('w', [8, 8])]))));
    expect((await initscope('simulate', single)).out).toMatch(/^With the current weights a gradient reaches the weights of .*, the only layer, whose output has σ/);
  });
  it('is repeatable to the bit', async () => {
    const runs = await Promise.all([0, 1].map(() => initscope('simulate', deepTanh, '--scheme', 'normal', '--json', '--threads', '1')));
    const [one, two] = runs.map(({ out }) => at(out, 'runs'));
    expect(one).toEqual(two);
  });
  it.each(['cross-entropy', 'mse'])('has a loss by %s', async (loss) => {
    const { out } = await initscope('simulate', deepTanh, '--loss', loss, '--json');
    expect(Number(at(out, 'runs', 0, 'loss'))).toBeGreaterThan(0.5);
  });
  it('says in words what is not finite', async () => {
    const b = new NetworkBuilder();
    const h = b.add('MatMul', [b.input('x', 'float32', ['n', 4]), b.weight('w', [4, 4])]);
    const broken = write('log.onnx', encode(b.finish(b.add('Log', [h]))));
    const { code, out } = await initscope('simulate', broken, '--loss', 'mse', '--json');
    expect(code).toBe(0);
    expect(at(out, 'runs', 0, 'loss')).toBe('NaN');
    expect(at(out, 'runs', 0, 'layers', 0, 'gradient', 'preactivation', 'variance')).toBeNull();
  });
});

describe('sizes and arrays that do not fit', () => {
  it('a batch that two inputs name has one size', async () => {
    const b = new NetworkBuilder();
    const state = b.input('state', 'float32', [2, 'batch', 8]);
    const first = b.add('Gather', [state, b.constant('int64', [], [0])], { axis: 0 });
    const h = b.add('MatMul', [b.input('x', 'float32', ['batch', 8]), b.weight('w', [8, 8])]);
    const { code, err } = await initscope('simulate', write('shared-batch.onnx', encode(b.finish(b.add('Add', [h, first])))));
    expect({ code, err }).toEqual({ code: 0, err: '' });
  });
  it('an array for something the model does not have is refused by name', async () => {
    await writeNpz(file('unknown.npz'), new Map([['nothing', { shape: [1], data: Float32Array.of(1) }]]));
    for (const option of ['--input', '--cotangent', '--weights']) {
      const { code, err } = await initscope('simulate', deepTanh, option, file('unknown.npz'));
      expect(code).toBe(1);
      expect(err).toContain(`${option} has arrays that the model does not know: nothing. It knows`);
    }
  });
  it('a length that nobody gave is another where the usual one does not fit, which is said', async () => {
    const b = new NetworkBuilder();
    const wide = b.add('Pad', [b.input('x', 'float32', ['n', 'window']), b.ints([0, 20, 0, 20])], { mode: 'reflect' });
    const mean = b.add('ReduceMean', [wide, b.ints([1])], { keepdims: 1 });
    const path = write('window.onnx', encode(b.finish(b.add('MatMul', [mean, b.weight('w', [1, 8])]))));
    const said = 'A length of 16 does not fit window, and nobody gave another: it is run with 64.';
    const { code, out, err } = await initscope('simulate', path, '--json');
    expect({ code, err, notes: at(out, 'notes') }).toEqual({ code: 0, err: '', notes: [said] });
    expect((await initscope('simulate', path, '--dim', 'window=10')).err).toContain('It was tried with x [32, 10]');
    expect((await initscope('simulate', path, '--dim', 'window=30')).out).not.toContain('does not fit');
  });
  it('a failure at a guessed size says what was tried', async () => {
    const b = new NetworkBuilder();
    const short = b.add('MatMul', [b.input('x', 'float32', ['n', 'steps', 5]), b.weight('w', [5, 5])]);
    const { code, err } = await initscope('simulate', write('steps.onnx', encode(b.finish(b.add('Reshape', [short, b.ints([-1, 7, 5])])))));
    expect(code).toBe(1);
    expect(err).toMatch(/It was tried with x \[8, 16, 5\]; other sizes of n, steps may fit: give them/);
  });
  it('a network without stored weights has nothing to follow', async () => {
    const b = new NetworkBuilder();
    const { code, err } = await initscope('simulate', write('bare.onnx', encode(b.finish(b.add('Relu', [b.input('x', 'float32', ['n', 5])])))));
    expect(code).toBe(1);
    expect(err).toContain('no layer with stored weights');
  });
});

describe('values in and out', () => {
  const array = (shape: readonly number[], seed: number): NumpyArray => {
    const random = createRandom(seed);
    return { shape, data: Float32Array.from({ length: shape.reduce((all, size) => all * size, 1) }, () => random() * 2 - 1) };
  };
  it('go round: the input, the cotangent and the weights given are those used', async () => {
    const given = { input: array([3, 32], 1), cotangent: array([3, 10], 2), weights: array([10, 64], 3) };
    await writeNpz(file('input.npz'), new Map([['x', given.input]]));
    await writeNpz(file('cotangent.npz'), new Map([['logits', given.cotangent]]));
    await writeNpz(file('weights.npz'), new Map([['head.weight', given.weights]]));
    const from = ['input', 'cotangent', 'weights'].flatMap((name) => [`--${name}`, file(`${name}.npz`)]);
    const { code, err } = await initscope('simulate', deepTanh, ...from, '--values', file('values.npz'));
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const values = readNpz(file('values.npz'));
    expect(values.get('x')).toEqual(given.input);
    expect(values.get('head.weight')).toEqual(given.weights);
    expect(values.get('logits')?.shape).toEqual([3, 10]);
    // logits = h Wᵀ + b: so dW = dYᵀ h, and db = Σ dY.
    const bias = present(values.get('d/head.bias')).data;
    const expected = Array.from({ length: 10 }, (_, j) => [0, 1, 2].reduce((sum, i) => sum + Number(given.cotangent.data[i * 10 + j]), 0));
    Array.from(bias, Number).forEach((value, j) => expect(value).toBeCloseTo(present(expected[j]), 5));
    expect(present(values.get('d/head.weight')).shape).toEqual([10, 64]);
    expect(present(values.get('d/x')).shape).toEqual([3, 32]);
  });
  it.each([
    ['--input', 'nothing.npz', /nothing\.npz cannot be read/], ['--weights', 'text.npz', /text\.npz cannot be read as an \.npz file/],
  ])('%s of a file that is none is refused in one line', async (option, name, said) => {
    write('text.npz', 'no zip');
    const { code, err } = await initscope('simulate', deepTanh, option, file(name));
    expect(code).toBe(1);
    expect(err).toMatch(/^initscope: [^\n]*\n$/);
    expect(err).toMatch(said);
  });
});

describe('what cannot be simulated', () => {
  it('an operator without a rule is named, with the layers it hides', async () => {
    const b = new NetworkBuilder();
    const h = b.add('Reshape', [b.add('MatMul', [b.input('x', 'float32', ['n', 4]), b.weight('first.weight', [4, 4])]), b.ints([-1, 2, 2])]);
    b.append({ name: 'volume', domain: '', op: 'Det', inputs: [h], outputs: ['volumes'], attributes: {} });
    const { code, out } = await initscope('simulate', write('det.onnx', encode(b.finish('volumes'))), '--json');
    expect(code).toBe(0);
    expect(at(out, 'unsupported', 0)).toMatchObject({ node: 'volume', op: 'Det' });
    expect(at(out, 'unsupported', 0, 'hides')).toContain('first');
    expect(at(out, 'runs', 0, 'layers', 0)).toMatchObject({ name: 'first', gradient: { preactivation: null } });
    expect(at(out, 'runs', 0, 'layers', 0, 'preactivation', 'nonFinite')).toBe(0);
  });
  it('an unknown dimension is wrong usage, and the known ones are named', async () => {
    const { code, err } = await initscope('simulate', deepTanh, '--dim', 'length=3');
    expect(code).toBe(2);
    expect(err).toContain('The model has no dimension length; its symbolic dimensions are batch.');
  });
  it.each<readonly [string, string | null, RegExp]>([
    ['is killed', 'process.kill(process.pid, "SIGKILL");', /was killed/], ['ends', 'process.exit(7);', /ended unexpectedly \(exit code 7\)/],
    ['is not there', null, /ended unexpectedly/], ['throws', 'throw new Error("no");', /ended unexpectedly/],
  ])('an engine that %s is reported in one line', async (_, engine, said) => {
    const { code, out, err } = await initscopeWithEngine(createFolder(), engine)('simulate', deepTanh);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^initscope: The engine process [^\n]*\n$/);
    if (process.platform !== 'win32') expect(err).toMatch(said);
  });
});
