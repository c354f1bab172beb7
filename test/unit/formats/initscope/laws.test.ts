/** What weights are drawn by: the scheme that is written, at the fans of the operator, and the defaults where nothing is. */
import { describe, expect, it } from 'vitest';

import type { Tensor } from '../../../../src/core/graph/tensor';
import { lawStatistics } from '../../../../src/core/initializers/law';
import { FilePool, readFloat32 } from '../../../../src/formats/tensors/content';
import { tensorsById } from '../../../../src/formats/openModel';
import { present } from '../../support/graphs';
import type { Json } from './networks';
import { network, openNetwork, refusalOf } from './networks';

const tensorOf = (value: Json, id: string): Tensor => present(tensorsById(openNetwork(value)).get(id));
function lawOf(value: Json, id: string): { readonly std: number; readonly mean: number; readonly name: string } {
  const { declared, shape } = tensorOf(value, id);
  const { blocks, name } = present(declared);
  const { std, mean } = lawStatistics(blocks, shape);
  return { std: present(std), mean: present(mean), name };
}
const dense = (initializer: Json): Json => network([40], [{ dense: 10 }, 'relu'], { initializer });

describe('a scheme', () => {
  it.each<readonly [Json, number]>([
    ['xavier', Math.sqrt(2 / 50)], ['xavier-uniform', Math.sqrt(2 / 50)], ['he', Math.sqrt(2 / 40)], ['he-uniform', Math.sqrt(2 / 40)],
    ['lecun', Math.sqrt(1 / 40)], ['standard-normal', 1], ['normal', 0.01], ['zeros', 0], ['orthogonal', Math.sqrt(1 / 40)],
    [{ scheme: 'he-normal', mode: 'fan_out' }, Math.sqrt(2 / 10)], [{ scheme: 'xavier-uniform', gain: 2 }, 2 * Math.sqrt(2 / 50)],
    [{ scheme: 'normal', std: 3 }, 3], [{ scheme: 'truncated-normal', std: 3 }, 3], [{ scheme: 'uniform', low: -3, high: 3 }, Math.sqrt(3)],
    [{ kernel: { scheme: 'variance-scaling', distribution: 'uniform', mode: 'fan_avg' } }, Math.sqrt(1 / 25)], ['pytorch', 1 / Math.sqrt(3 * 40)],
  ])('%j has its σ', (initializer, std) => {
    expect(lawOf(dense(initializer), 'dense1/kernel').std).toBeCloseTo(std, 12);
  });
  it('counts the fans of the operator', () => {
    const value = network([8, 9, 9], [{ 'conv': 8, 'groups': 4 }, 'depthwise-conv', { 'transposed-conv': 6, 'stride': 2 }], { initializer: 'he' });
    // Inputs of an output: 2 · 9 of a group, 9 of a channel, and of a transposed one 8 · 9 / 4, since a stride of 2 leaves a quarter of the taps.
    expect(lawOf(value, 'conv1/kernel').std).toBeCloseTo(Math.sqrt(2 / 18), 12);
    expect(lawOf(value, 'depthwise-conv1/kernel').std).toBeCloseTo(Math.sqrt(2 / 9), 12);
    expect(lawOf(value, 'transposed-conv1/kernel').std).toBeCloseTo(Math.sqrt(2 / 18), 12);
    const gates = network([5, 12], [{ lstm: 20, bidirectional: true }], { initializer: { kernel: 'xavier', recurrent: 'he' } });
    expect(lawOf(gates, 'lstm1/kernel').std).toBeCloseTo(Math.sqrt(2 / 32), 12);
    expect(lawOf(gates, 'lstm1/recurrent').std).toBeCloseTo(Math.sqrt(2 / 20), 12);
  });
  it('that knows of depth closes residual branches', () => {
    const blocks: Json = [{ dense: 8 }, { repeat: 4, layers: [{ residual: [{ dense: 8, activation: 'relu' }, { dense: 8 }] }] }];
    expect(lawOf(network([8], blocks, { initializer: 'fixup' }), 'block4/dense2/kernel').std).toBe(0);
    expect(lawOf(network([8], blocks, { initializer: 'gpt2' }), 'block4/dense2/kernel').std).toBeCloseTo(0.02 / 2, 12);
  });
  it.each<readonly [string, Json]>([
    ['all', null], ['a kernel of its own scheme, too', { kernel: 'he' }],
  ])('of kernels and their biases goes with %s', (_, own) => {
    const layers: Json = [{ dense: 7, activation: 'sigmoid' }, { dense: 6, ...(own === null ? {} : { initializer: own }) }];
    const value = network([8], layers, { initializer: 'centred-sigmoid' });
    const read = (id: string): readonly number[] => Array.from(readFloat32(new FilePool(), tensorOf(value, id), { seed: 5 }));
    const kernel = read('dense2/kernel');
    const isOutputsFirst = tensorOf(value, 'dense2/kernel').shape[0] === 6;
    read('dense2/bias').forEach((bias, unit) => {
      const sum = kernel.reduce((total, weight, i) => total + ((isOutputsFirst ? Math.floor(i / 7) : i % 6) === unit ? weight : 0), 0);
      expect(bias).toBeCloseTo(-sum / 2, 5);
    });
    expect(read('dense1/bias')).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });
  it('draws other numbers for another seed, and the same for the same', () => {
    const tensor = tensorOf(dense('he'), 'dense1/kernel');
    const [first, again, other] = [1, 1, 2].map((seed) => readFloat32(new FilePool(), tensor, { seed }));
    expect(first).toEqual(again);
    expect(first).not.toEqual(other);
  });
});

describe('where nothing is said', () => {
  const value = network([8, 6], ['position-table', { lstm: 5 }, { gru: 5 }, 'batch-norm', 'prelu', { dense: 3 }]);
  it.each<readonly [string, number, number, string]>([
    ['dense1/kernel', Math.sqrt(2 / 8), 0, 'xavier-uniform'], ['dense1/bias', 0, 0, 'zeros'], ['lstm1/recurrent', Math.sqrt(1 / 5), 0, 'orthogonal'],
    // Ones for a quarter of the first of two biases.
    ['lstm1/bias', Math.sqrt(1 / 8 - 1 / 64), 1 / 8, 'Zeros, forget gate 1'], ['gru1/bias', 0, 0, 'zeros'],
    ['position-table1/weight', 0.02, 0, 'normal, std 0.02'], ['batch-norm1/gamma', 0, 1, 'ones'], ['batch-norm1/beta', 0, 0, 'zeros'],
    ['batch-norm1/variance', 0, 1, 'ones'], ['prelu1/weight', 0, 0.25, 'constant, value 0.25'],
  ])('%s has σ %d around %d', (id, std, mean, name) => {
    const law = lawOf(value, id);
    expect([law.std, law.mean]).toEqual([expect.closeTo(std, 12), expect.closeTo(mean, 12)]);
    expect(law.name).toBe(name);
  });
  it('a table of words has unit variance', () => {
    expect(lawOf({ initscope: 1, input: { tokens: 9, length: 4 }, layers: [{ embedding: 6 }] }, 'embedding1/weight').std).toBe(1);
  });
});

describe('what is said', () => {
  const stds = (initializer: Json, own: Json, ids: readonly string[]): readonly number[] => ids.map((id) => (
    lawOf(network([8, 6], [{ rnn: 6, ...own === null ? {} : { initializer: own } }], { initializer }), id).std));
  it('of a layer comes before what is said of all, and a role before what is said of no role', () => {
    const ids = ['rnn1/kernel', 'rnn1/recurrent', 'rnn1/bias'];
    const fixed = (std: number): Json => ({ scheme: 'normal', std });
    expect(stds(fixed(2), null, ids)).toEqual([2, 2, 0]);
    expect(stds({ kernel: fixed(2), bias: fixed(3) }, null, ids)).toEqual([2, expect.closeTo(Math.sqrt(1 / 6), 12), 3]);
    expect(stds({ kernel: fixed(2), recurrent: fixed(3) }, fixed(4), ids)).toEqual([4, 4, 0]);
    expect(stds({ kernel: fixed(2), bias: fixed(3) }, { recurrent: fixed(4) }, ids)).toEqual([2, 4, 3]);
  });
  it('of a block holds for the layers inside that say nothing else', () => {
    const inner: Json = [{ dense: 8 }, { dense: 8, initializer: 'zeros' }, { repeat: 2, initializer: { bias: 'ones' }, layers: [{ dense: 8 }] }];
    const residual: Json = { residual: inner, name: 'block', initializer: 'lecun' };
    const layers: Json = [residual, { branches: [[{ dense: 4 }]], initializer: { kernel: 'ones' } }, { dense: 8 }];
    const value = network([8], layers, { initializer: 'he' });
    const stds = ['block/dense1', 'block/dense2', 'block/dense3', 'branch1/dense1', 'dense1'].map((layer) => lawOf(value, `${layer}/kernel`).std);
    expect(stds).toEqual([Math.sqrt(1 / 8), 0, Math.sqrt(1 / 8), 0, Math.SQRT1_2].map((std): unknown => expect.closeTo(std, 12)));
    expect(['block/dense1', 'block/dense4', 'branch1/dense1'].map((layer) => lawOf(value, `${layer}/bias`).mean)).toEqual([0, 1, 0]);
  });
  it('is refused where it means nothing', () => {
    const refused = (initializer: Json): string => refusalOf(JSON.stringify(dense(initializer)));
    expect(refused('recommended')).toContain('Write the scheme itself');
    expect(refused('kaiming')).toContain('Did you mean "he"?');
    expect(refused({ scheme: 'he', std: 1 })).toContain('is nothing that the scheme he-normal has');
    expect(refused({ scheme: 'he', gain: -1 })).toContain('is -1 where a positive number was expected');
    expect(refused({ scheme: 'uniform', low: 2, high: 1 })).toContain('low (2) is above high (1)');
    expect(refused({ bias: 'he' })).toContain('there is none here');
    expect(refused({})).toContain('names no scheme');
  });
});
