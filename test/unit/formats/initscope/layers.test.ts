/** Every type of layer: the shape it makes, that it runs, and what its layers are called. */
import { describe, expect, it } from 'vitest';

import { layerTypes } from '../../../../src/formats/initscope/layers';
import { activationNames } from '../../../../src/formats/initscope/layers/activations';
import type { SimulationOptions } from '../../../../src/protocol/simulation';
import { present } from '../../support/graphs';
import { createFolder, createWriter } from '../../support/temporary';
import type { Json } from './networks';
import { network, openNetwork, runsOf } from './networks';

const write = createWriter(createFolder());
const shapeOf = (value: Json): readonly (number | string)[] => present(openNetwork(value).graph.outputs[0]?.shape).slice(1);
const namesOf = (value: Json): readonly string[] => openNetwork(value).layers.map(({ name }) => name);

const vector = [6];
const sequence = [8, 6];
const image = [4, 9, 8];
const volume = [2, 4, 5, 6];
/** Type, input, layers, output. */
const cases: readonly (readonly [type: string, input: readonly number[], layers: Json, output: readonly number[]])[] = [
  ['dense', vector, [{ dense: 3 }], [3]], ['dense', sequence, [{ dense: 3 }], [8, 3]], ['rbm', vector, [{ rbm: 5 }], [5]],
  ['conv', sequence, [{ conv: 5 }], [8, 5]], ['conv', image, [{ conv: 5, stride: 2 }], [5, 5, 4]],
  ['conv', image, [{ conv: 5, kernel: [3, 2], padding: 'valid' }], [5, 7, 7]], ['conv', image, [{ conv: 5, padding: 2, kernel: 5, stride: [2, 1] }], [5, 5, 8]],
  ['conv', image, [{ conv: 8, groups: 4, dilation: 2 }], [8, 9, 8]], ['conv', volume, [{ conv: 3, stride: [1, 2, 2] }], [3, 4, 3, 3]],
  ['depthwise-conv', image, ['depthwise-conv'], image], ['depthwise-conv', sequence, [{ 'depthwise-conv': 2 }], [8, 12]],
  ['transposed-conv', image, [{ 'transposed-conv': 3, 'stride': 2 }], [3, 18, 16]],
  ['transposed-conv', sequence, [{ 'transposed-conv': 3, 'stride': 2 }], [16, 3]],
  ['transposed-conv', image, [{ 'transposed-conv': 2, 'kernel': 4, 'padding': 1, 'stride': 2, 'groups': 2 }], [2, 18, 16]],
  ['transposed-conv', image, [{ 'transposed-conv': 3, 'kernel': 2, 'stride': 3, 'padding': 'valid' }], [3, 26, 23]],
  ['max-pool', image, ['max-pool'], [4, 4, 4]], ['max-pool', sequence, [{ 'max-pool': 3, 'stride': 1, 'padding': 'same' }], sequence],
  ['average-pool', image, [{ 'average-pool': [3, 2] }], [4, 3, 4]], ['global-max-pool', image, ['global-max-pool'], [4]],
  ['global-average-pool', sequence, ['global-average-pool'], [6]], ['last-step', sequence, ['last-step'], [6]],
  ['lstm', sequence, [{ lstm: 5 }], [8, 5]], ['lstm', sequence, [{ lstm: 5, bidirectional: true }], [8, 10]],
  ['lstm', sequence, [{ lstm: 5, bidirectional: true, returns: 'last' }], [10]], ['gru', sequence, [{ gru: 5, returns: 'last' }], [5]],
  ['gru', sequence, [{ gru: 5, bias: false }], [8, 5]], ['rnn', sequence, [{ rnn: 5, activation: 'relu' }], [8, 5]],
  ['attention', sequence, [{ attention: 3 }], sequence], ['attention', sequence, [{ attention: 4, size: 5, causal: true, bias: false }], sequence],
  ['batch-norm', image, ['batch-norm'], image], ['batch-norm', sequence, ['batch-norm'], sequence], ['batch-norm', vector, ['batch-norm'], vector],
  ['layer-norm', sequence, ['layer-norm'], sequence], ['rms-norm', sequence, [{ 'rms-norm': true, 'epsilon': 1e-6 }], sequence],
  ['group-norm', image, [{ 'group-norm': 2 }], image], ['group-norm', sequence, [{ 'group-norm': 3 }], sequence],
  ['flatten', image, ['flatten'], [288]], ['reshape', image, [{ reshape: [6, 48] }], [6, 48]], ['permute', image, [{ permute: [2, 3, 1] }], [9, 8, 4]],
  ['upsample', image, ['upsample'], [4, 18, 16]], ['upsample', sequence, [{ upsample: 3 }], [24, 6]], ['dropout', sequence, [{ dropout: 0.1 }], sequence],
  ['prelu', image, ['prelu'], image], ['prelu', sequence, ['prelu'], sequence], ['sine-positions', sequence, ['sine-positions'], sequence],
  ['position-table', sequence, ['position-table'], sequence], ['leaky-relu', sequence, [{ 'leaky-relu': 0.2 }], sequence], ['elu', vector, ['elu'], vector],
  ['softmax', image, ['softmax'], image], ['log-softmax', sequence, ['log-softmax'], sequence],
  ['add', vector, [{ dense: 6, name: 'a' }, { add: ['input', 'a'] }], [6]], ['multiply', vector, [{ dense: 6, name: 'a' }, { multiply: ['a', 'input'] }], [6]],
  ['concat', image, [{ conv: 3, name: 'a' }, { concat: ['input', 'a'] }], [7, 9, 8]],
  ['concat', sequence, [{ conv: 3, name: 'a' }, { concat: ['input', 'a'] }], [8, 9]],
];
const plainActivations = activationNames.filter((name) => name !== 'linear');

describe('a layer', () => {
  // Behind a kernel and before one, so that there is something whose gradient has to pass.
  const around = (layers: Json): Json => [...Array.isArray(layers) ? layers as readonly Json[] : [], 'flatten', { dense: 2, name: 'head' }];
  it.each(cases)('%s of %j: %j', async (_, input, layers, output) => {
    expect(shapeOf(network(input, layers))).toEqual(output);
    const [run] = await runsOf(write('net.initscope.json', JSON.stringify(network(input, around(layers)))), { batch: 2 });
    for (const { name, activation, gradient } of present(run).layers) {
      expect([name, present(activation).nonFinite, present(gradient.activation).nonFinite]).toEqual([name, 0, 0]);
    }
  });
  it.each(plainActivations)('%s', async (type) => {
    const value = network(sequence, [{ dense: 4 }, type, { dense: 2, activation: type }]);
    expect(shapeOf(value)).toEqual([8, 2]);
    const [run] = await runsOf(write('net.initscope.json', JSON.stringify(value)), { batch: 2 });
    expect(present(run).layers.map(({ gradient }) => (gradient.activation?.variance ?? 0) > 0)).toEqual([true, true]);
    const [first, second] = openNetwork(value).layers;
    expect(present(first).activation?.name).toBe(present(second).activation?.name);
  });
  it('of every type is tried', () => {
    const tried = new Set<string>([...cases.map(([type]) => type), ...plainActivations, 'embedding', 'unembed']);
    expect(Object.keys(layerTypes).filter((type) => !tried.has(type))).toEqual([]);
  });
});

describe('a text', () => {
  const text = { initscope: 1, input: { tokens: 20, length: 6 } };
  it('is looked up, and words come out by the same table', async () => {
    const value = { ...text, layers: [{ embedding: 8 }, 'position-table', { unembed: 'embedding1' }] };
    expect(shapeOf(value)).toEqual([6, 20]);
    const { layers } = openNetwork(value);
    expect(layers.map(({ name, weights }) => [name, weights[0]?.id])).toEqual([
      ['embedding1', 'embedding1/weight'], ['position-table1', 'position-table1/weight'], ['unembed1', 'embedding1/weight'],
    ]);
    const [run] = await runsOf(write('net.initscope.json', JSON.stringify(value)), { batch: 2 });
    expect(present(run).layers).toHaveLength(3);
  });
  it('is attended to by another', () => {
    const value = {
      initscope: 1, inputs: { question: { tokens: 20, length: 6 }, text: { tokens: 30, length: 9 } }, layers: [
        { embedding: 8, input: 'text', name: 'words' }, { embedding: 8, input: 'question' }, { attention: 2, memory: 'words', name: 'reading' },
      ],
    };
    expect(shapeOf(value)).toEqual([6, 8]);
    expect(openNetwork(value).graph.inputs.map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ['question', 'int64', ['batch', 6]], ['text', 'int64', ['batch', 9]],
    ]);
    expect(namesOf(value)).toEqual(['words', 'embedding1', 'reading/query', 'reading/key', 'reading/value', 'reading/output']);
  });
});

describe('names', () => {
  it('are numbered by type in each block', () => {
    expect(namesOf(network(image, [
      { conv: 4 }, { repeat: 2, layers: [{ conv: 4 }, 'relu', { conv: 4 }] }, { conv: 4 },
      { repeat: 2, name: 'stage1', layers: [{ residual: [{ conv: 4 }] }, 'relu'] },
      { repeat: 2, layers: [{ conv: 4 }] }, { repeat: 2, name: 'top', layers: [{ conv: 4 }] }, { residual: [{ conv: 4 }], name: 'last' },
    ]))).toEqual([
      'conv1', 'block1/conv1', 'block1/conv2', 'block2/conv1', 'block2/conv2', 'conv2', 'stage1-1/conv1', 'stage1-2/conv1', 'conv3', 'conv4',
      'top1', 'top2', 'last/conv1',
    ]);
  });
  it('lead from inside of a block to what is around it, and from outside into it', () => {
    const value = network(image, [
      { conv: 4, name: 'stem' }, { repeat: 2, layers: [{ conv: 4, name: 'inner' }, { add: ['inner', 'stem'] }] },
      { concat: ['block1/inner', 'stem', 'block2'] },
    ]);
    expect(shapeOf(value)).toEqual([12, 9, 8]);
  });
  it('of outputs are those of the layers', () => {
    const { graph } = openNetwork(network(vector, [{ dense: 4, name: 'a' }, { dense: 5, name: 'b' }, { dense: 2 }], { outputs: ['b', 'a'] }));
    expect(graph.outputs.map(({ name, shape }) => [name, shape])).toEqual([['b', ['batch', 5]], ['a', ['batch', 4]]]);
  });
});

describe('blocks', () => {
  it('say what follows on the layers inside that say nothing else', () => {
    const inner: Json = [{ dense: 4 }, { dense: 4, activation: 'tanh' }, { residual: [{ dense: 4 }], activation: 'linear' }];
    const { layers } = openNetwork(network([4], [{ repeat: 2, activation: 'relu', layers: inner }, { dense: 4 }], { activation: 'sigmoid' }));
    expect(layers.map(({ activation }) => activation?.name ?? null)).toEqual(['Relu', 'Tanh', null, 'Relu', 'Tanh', null, 'Sigmoid']);
  });
  it('merge what their branches make', () => {
    expect(shapeOf(network(image, [{ branches: [[{ conv: 2 }], [{ conv: 3, kernel: 1 }], [{ 'max-pool': 3, 'stride': 1, 'padding': 'same' }]] }])))
      .toEqual([9, 9, 8]);
    expect(shapeOf(network(vector, [{ branches: [[{ dense: 4 }], [{ dense: 4, activation: 'sigmoid' }]], merge: 'multiply' }]))).toEqual([4]);
  });
  it('are found as residual branches', () => {
    const { layers } = openNetwork(network(vector, [{ dense: 6 }, { repeat: 3, layers: [{ residual: [{ dense: 6, activation: 'relu' }, { dense: 6 }] }] }]));
    expect(layers.filter(({ residual }) => residual !== null).map(({ name }) => name)).toEqual(['block1/dense2', 'block2/dense2', 'block3/dense2']);
  });
});

describe('data', () => {
  const fed = async (data: Json, input: SimulationOptions['input'] = null): Promise<readonly [mean: number, variance: number]> => {
    const value = { initscope: 1, input: { shape: [50], data }, layers: [{ dense: 50, initializer: 'identity' }] };
    const [run] = await runsOf(write('net.initscope.json', JSON.stringify(value)), { batch: 200, input });
    const { mean, variance } = present(run?.layers[0]?.preactivation);
    return [present(mean), present(variance)];
  };
  it.each<readonly [Json, SimulationOptions['input'], number, number]>([
    ['normal', null, 0, 1], ['uniform', null, 0.5, 1 / 12], [{ distribution: 'normal', mean: 3, std: 2 }, null, 3, 4],
    [{ distribution: 'uniform', low: -6, high: 6 }, null, 0, 12], ['uniform', { mean: 0, variance: 1 }, 0, 1],
  ])('%j is what is fed, unless %j is asked for', async (data, input, mean, variance) => {
    const found = await fed(data, input);
    expect(Math.abs(found[0] - mean)).toBeLessThan(0.05 * Math.sqrt(variance));
    expect(found[1] / variance).toBeCloseTo(1, 1);
  });
});
