import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

import { openBytes } from '../../../src/formats/files/byteSource';
import { candidate } from '../../../src/formats/format';
import { formatOf } from '../../../src/formats/formats';
import { openModelFile, tensorsById } from '../../../src/formats/openModel';
import type { NewContent } from '../../../src/formats/saving/save';
import { saveModel } from '../../../src/formats/saving/save';
import { createFolder, createTexts } from '../support/temporary';

const { fileOf } = createTexts(createFolder());

/** What opening says, without the name of the folder, and without lines and columns. */
function messageOf(model: unknown): string {
  const file = fileOf(typeof model === 'string' ? model : JSON.stringify(model));
  try {
    return openModelFile(file).model.producer;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replaceAll(file, 'net').replace(/ \(line \d+, column \d+\)/, '');
  }
}

const zeros = (count: number): readonly number[] => Array.from({ length: count }, () => 0);
const nam = (architecture: string, config: unknown, weights: unknown = []): unknown => ({ version: '0.5.4', architecture, config, weights });
const lstm = { input_size: 1, hidden_size: 2, num_layers: 1 };
const stack = { input_size: 1, condition_size: 1, head_size: 1, channels: 2, kernel_size: 3, dilations: [1], activation: 'Tanh', head_bias: false };
const wavenet = (more: object): unknown => nam('WaveNet', { layers: [{ ...stack, ...more }], head: null, head_scale: 1 }, zeros(28));
const dense = { type: 'dense', activation: '', shape: [null, 2], weights: [[[0, 0], [0, 0], [0, 0]], [0, 0]] };
const keras = (...layers: readonly unknown[]): unknown => ({ in_shape: [null, 3], layers });
const brain = (more: object): unknown => (
  { type: 'NeuralNetwork', sizes: [2, 1], layers: [{ weights: [], biases: [] }, { weights: [[0, 0]], biases: [0] }], ...more });

const variables = ['a', 'b'].map((name) => ({ name, offset: 0, scale: 1 }));
const unit = { architecture: 'dense', activation: 'tanh', weights: zeros(4), bias: zeros(2) };
const gate = { weights: zeros(4), U: zeros(4), bias: zeros(2) };
const lwtnn = (layer: object, more: object = {}): unknown => (
  { inputs: variables, layers: [{ ...unit, inner_activation: 'sigmoid', ...layer }], outputs: ['a', 'b'], ...more });
const lwtnnGraph = (node: object, input: object = {}): unknown => ({
  inputs: [{ name: 'x', variables }], input_sequences: [], layers: [unit], outputs: { y: { labels: ['a', 'b'], node_index: 1 } },
  nodes: [{ type: 'input', sources: [0], size: 2, ...input }, { type: 'feed_forward', layer_index: 0, sources: [0], ...node }],
});

const fc = { layer_type: 'fc', out_depth: 2, filters: [{ w: zeros(6) }, { w: zeros(6) }], biases: { w: zeros(2) } };
const convnet = (layer: object): unknown => ({ layers: [{ layer_type: 'input', out_sx: 2, out_sy: 3, out_depth: 1 }, { ...fc, ...layer }] });

describe('a text model that does not fit is refused in a sentence', () => {
  it.each<readonly [string, unknown]>([
    ['net: weights holds 53 numbers where the configuration beside it needs 39. Export it again.', nam('LSTM', lstm, zeros(53))],
    ['net: weights holds 20 numbers where the configuration beside it needs at least 21. Export it again.', nam('LSTM', lstm, zeros(20))],
    ['net: architecture is "Wave" where one of Linear, ConvNet, LSTM, WaveNet, SlimmableContainer was expected.', nam('Wave', {})],
    ['config is an object without it where an object with "hidden_size"', nam('LSTM', { ...lstm, hidden_size: undefined })],
    ['config.hidden_size is 2.5 where a whole number from 1 on was expected', nam('LSTM', { ...lstm, hidden_size: 2.5 })],
    ['weights is "AAAA" where a list of numbers was expected', nam('LSTM', lstm, 'AAAA')],
    ['config reads 2 values of a sample that has 1', nam('LSTM', { ...lstm, input_size: 2 }, zeros(99))],
    ['config.submodels is a list of 0 where a list with at least one network was expected', nam('SlimmableContainer', { submodels: [] })],
    ['config.layers is a list of 0 where a list with at least one stack of layers', nam('WaveNet', { layers: [], head: null })],
    ['is "Gelu" where one of Tanh, ReLU, Sigmoid', wavenet({ activation: 'Gelu' })],
    ['is "half" where "none", "gated" or "blended" was expected', wavenet({ gating_mode: 'half' })],
    ['has 2 groups in conv, which do not divide 3 and 3 channels', wavenet({ channels: 3, groups_input: 2 })],
    ['config.layers[0].kernel_sizes', wavenet({ kernel_sizes: [3, 3] })],
    ['where a list of 1, one for each dilation, was expected', wavenet({ activation: ['Tanh', 'Tanh'] })],
    ['weights holds 28 numbers where the configuration beside it needs at least 2147483648', wavenet({ channels: 2 ** 31 })],
    ['layers[0].weights[0] is a list of 6 numbers, [3, 2], where a list of 9 numbers, [3, 3], was expected', keras({ ...dense, shape: [null, 3] })],
    ['layers[0].activation is "gelu" where "" or one of tanh, relu, sigmoid, elu, softmax was', keras({ ...dense, activation: 'gelu' })],
    ['layers[0].weights is a list of 0 where a list of 1 to 2 arrays was expected', keras({ ...dense, weights: [] })],
    ['layers[0] takes a signal of 3 axes, and is given one of 2', keras({ ...dense, type: 'lstm' })],
    ['["r.weight_hh_l0"] is a list of 6 numbers where an array of 1, 3 or 4 gates',
      { 'r.weight_ih_l0': [[0], [0]], 'r.weight_hh_l0': [[0, 0], [0, 0], [0, 0]] }],
    ['layers[1].weights is a list of 2 numbers, [1, 2], where a list of 3 numbers, [1, 3], was', brain({ sizes: [3, 1] })],
    ['layers[0].weights is a list of 5 numbers where a list of numbers for 2 inputs was expected', lwtnn({ weights: zeros(5) })],
    ['layers[0].bias is a list of 1 numbers where a list of 2 numbers, [2], was expected', lwtnn({ bias: [0] })],
    ['layers[0].activation is "gelu" where one of linear, sigmoid, rectified', lwtnn({ activation: 'gelu' })],
    ['layers[0].activation is "swish" where an object with "function" and "alpha" was expected', lwtnn({ activation: 'swish' })],
    ['layers[0].architecture is "conv2d" where one of dense, normalization, highway, maxout was expected', lwtnn({ architecture: 'conv2d' })],
    ['outputs is a list of 1 where a list of 2 labels was expected', lwtnn({}, { outputs: ['a'] })],
    ['layers[0].components.f', lwtnn({ architecture: 'lstm', components: { i: gate, o: gate, f: { ...gate, U: [0] }, c: gate } })],
    ['nodes[1].sources[0] is node 1 where a node that does not depend on this one was expected', lwtnnGraph({ sources: [1] })],
    ['nodes[1].sources[0] is 7 where the index of one of 2 nodes was expected', lwtnnGraph({ sources: [7] })],
    ['nodes[1].layer_index is 3 where the index of one of 1 layers was expected', lwtnnGraph({ layer_index: 3 })],
    ['nodes[1] takes a sequence, and is given a single vector', lwtnnGraph({ type: 'sequence' })],
    ['nodes[1].type is "lambda" where one of input, input_sequence, feed_forward', lwtnnGraph({ type: 'lambda' })],
    ['nodes[0].size is 3 where 2, the number of its variables, was expected', lwtnnGraph({}, { size: 3 })],
    ['layers[0].layer_type is "fc" where "input" was expected', { layers: [fc] }],
    ['layers[1].layer_type is "deconv" where one of fc, conv, pool', convnet({ layer_type: 'deconv' })],
    ['layers[1].filters is a list of 1 where a list of 2 filters was expected', convnet({ filters: [{ w: zeros(6) }] })],
    ['layers[1].filters[1].w is a list of 5 where a list of 6 numbers was expected', convnet({ filters: [{ w: zeros(6) }, { w: zeros(5) }] })],
    ['layers[1].out_sx is 2 where 1, which a window of 2 × 2 makes of 2 × 3, was expected',
      convnet({ layer_type: 'pool', sx: 2, stride: 2, out_sx: 2, out_sy: 1 })],
    ['layers[1] takes the largest of each 2 in a depth of 1, which they do not divide', convnet({ layer_type: 'maxout', group_size: 2 })],
    ['layers is a list of 2 where a list of 3 layers, one for each size,', brain({ sizes: [2, 2, 1] })],
    ['is "softmax" where "sigmoid", "relu", "leaky-relu" or "tanh" was expected', brain({ activation: 'softmax' })],
    ['type is "FeedForward" where one of NeuralNetwork, NeuralNetworkGPU, RNN, RNNTimeStep', brain({ type: 'FeedForward' })],
    ['layers[1].0.weights is an object of 1 where an object of 2 weights was expected',
      { sizes: [2, 1], layers: [{ 0: {}, 1: {} }, { 0: { bias: 0, weights: { 0: 1 } } }] }],
  ])('%s', (message, model) => expect(messageOf(model)).toContain(message));
});

describe('a model of frugally-deep', () => {
  const layer = (className: string, name: string, config: object, ...from: readonly string[]): unknown => ({
    class_name: className, name, config: { name, ...config }, inbound_nodes: from.length === 0 ? [] : [from.map((each) => [each, 0, 0, {}])],
  });
  const model = (weights: object): unknown => ({
    architecture: {
      class_name: 'Functional', keras_version: '3.15.0', config: {
        name: 'net', input_layers: [['x', 0, 0]], output_layers: [['out', 0, 0]],
        layers: [layer('InputLayer', 'x', { batch_shape: [null, 2] }), layer('Dense', 'out', { units: 3 }, 'x')],
      },
    },
    trainable_params: { out: weights },
  });
  const text = (count: number): readonly string[] => [Buffer.from(new Float32Array(count).buffer).toString('base64')];
  it.each<readonly [string, object]>([
    ['', { weights: text(6), bias: text(3) }], ['it stores 20 bytes where its shape needs 24', { weights: text(5), bias: text(3) }],
    ['the file has no "bias" of its layer', { weights: text(6) }], ['the file has no "weights" of its layer', { bias: text(3) }],
  ])('whose weights do not fit says: %s', (problem, weights) => {
    const tensors = [...tensorsById(openModelFile(fileOf(JSON.stringify(model(weights))))).values()];
    expect(tensors.map((tensor) => tensor.problem ?? '').join('')).toBe(problem);
  });
  it('whose weights are numbers is refused', () => {
    expect(messageOf(model({ weights: [1, 2], bias: text(3) }))).toContain('trainable_params.out.weights[0] is 1 where a text in base64 was expected');
  });
});

describe('a JSON file that is no such model', () => {
  it.each<readonly [string, unknown]>([
    ['net is not valid JSON: line 1, column 20 has the end of the file where "," or "}" was expected. It was cut off: copy or export it again.',
      '{"version": "0.5.4"'],
    ['net is JSON, and no network that is known', '{"name": "initscope"}'],
    ['net is JSON, and no network that is known', '[1, 2, 3]'],
    ['is a JSON text in quotes, which holds another one. Write the text itself', JSON.stringify('{"class_name": "Sequential"}')],
    ['is a symbol of MXNet', { nodes: [], arg_nodes: [0], heads: [[0, 0, 0]] }],
    ['is a graph of TVM', { nodes: [], arg_nodes: [0], heads: [[0, 0, 0]], node_row_ptr: [0] }],
    ['is a program of Paddle', { base_code: { magic: 'pir', version: 1 }, program: {} }],
    ['is an index of files that hold weights', { metadata: { total_size: 1 }, weight_map: { a: 'b' } }],
    ['is a model of XGBoost', { learner: {}, version: [2, 0, 0] }],
    ['is a configuration of Hugging Face', { model_type: 'bert', hidden_size: 768 }],
    ['is a configuration of Deeplearning4j', { backprop: true, confs: [{}] }],
    ['is a network of synaptic', { neurons: [{}], connections: [{}] }],
    ['is a network of neataptic', { nodes: [{}], connections: [{}], input: 2, output: 1 }],
  ])('%s', (message, model) => expect(messageOf(model)).toContain(message));
  it('may be anything, and throws nothing when it is asked whether it is one', () => {
    const texts = ['{}', '{"layers": 1}', '{"layers": [1], "in_shape": 2, "sizes": [1], "weights": {}}', '[{}]', '{"sizes": [], "layers": []}'];
    const more = ['{"weight": "x"}', '\ufeff{', '{"architecture": 1, "config": [], "weights": "x"}', '{"hiddenLayers": [], "outputConnector": 0}'];
    for (const text of [...texts, ...more]) {
      expect(() => formatOf(candidate(openBytes('net.json', Buffer.from(text))))).not.toThrow();
    }
  });
});

describe('numbers that are none', () => {
  it('are told of, and do not keep a file from being read', () => {
    const text = JSON.stringify(nam('LSTM', lstm, zeros(39))).replace('[0,0,', '[NaN,null,');
    expect(openModelFile(fileOf(text)).findings).toMatchObject([
      { severity: 'warning', code: 'strange-number', message: 'weights holds 2 numbers that are NaN or infinite, which most readers of JSON refuse.' },
    ]);
  });
});

describe('the record in a text', () => {
  const contents: ReadonlyMap<string, NewContent> = new Map([['layers.1.weight', {
    kind: 'recipe', recipe: {
      version: 1, tensorId: 'layers.1.weight', seed: 1, blocks: [{ sampler: { kind: 'constant', value: 0.5 } }], origin: { scheme: 'constant', title: 'Half' },
    },
  }]]);
  const save = async (file: string, record: boolean): Promise<string> => {
    await saveModel({ opened: openModelFile(file), target: file, contents: record ? contents : new Map(), record });
    return readFileSync(file, 'utf8');
  };
  it.each(['', '  ', '\t'])('stands behind the last entry, as the others do, is read, written over and taken out (%j)', async (indent) => {
    const before = `${JSON.stringify(brain({}), null, indent)}\r\n`;
    const file = fileOf(before);
    const after = await save(file, true);
    const record = (JSON.parse(after) as Readonly<Record<string, string>>)['initscope.recipes'] ?? '';
    const last = indent === '' ? ',"initscope' : `,\n${indent}"initscope`;
    expect(after).toContain(last);
    expect(JSON.parse(record)).toMatchObject({ recipes: [{ tensorId: 'layers.1.weight' }] });
    expect(openModelFile(file).model.metadata.get('initscope.recipes')).toBe(record);
    expect(await save(file, true)).toBe(after);
    expect(await save(file, false)).toBe(before.replace(/(?<="weights": ?\[\s*\[\s*)0(,\s*)0/, '0.5$10.5'));
  });
});
