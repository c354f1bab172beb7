/** Configurations of Keras 1 and 2: what their fields and layers were called, and what has no place in Keras 3 any more. */
import { describe, expect, it } from 'vitest';

import { openBytes } from '../../../../src/formats/files/byteSource';
import type { OpenedModel } from '../../../../src/formats/openModel';
import { openModel } from '../../../../src/formats/openModel';

function open(config: unknown): OpenedModel {
  return openModel(openBytes('model.json', Buffer.from(JSON.stringify(config))), { size: 0, mtimeMs: 0 });
}

const layer = (className: string, config: object): object => ({ class_name: className, config });
const sequential = (layers: readonly object[], version = '2.2.4'): object => ({ class_name: 'Sequential', keras_version: version,
  config: { name: 'net', layers } });

/** Names, sizes and fans of all weights. */
const weightsOf = ({ layers }: OpenedModel): readonly string[] => layers.flatMap(({ weights }) => weights.map((weight) => (
  `${weight.name} [${weight.tensor.shape.join(', ')}]${weight.fans ? ` ${weight.fans.fanIn}/${weight.fans.fanOut}` : ''}`)));

describe('Keras 1', () => {
  it('calls everything otherwise', () => {
    const opened = open(sequential([
      layer('Convolution2D', {
        name: 'c', nb_filter: 4, nb_row: 3, nb_col: 2, border_mode: 'same', subsample: [1, 1], dim_ordering: 'th', init: 'he_normal', activation: 'relu',
          bias: false,
        batch_input_shape: [null, 3, 8, 8],
      }),
      layer('Dropout', { name: 'drop', p: 0.5 }), layer('Flatten', { name: 'f' }),
      layer('Dense', { name: 'd', output_dim: 5, init: 'glorot_uniform', bias: true, activation: 'linear' }),
    ], '1.2.2'));
    expect(weightsOf(opened)).toEqual(['c/kernel [3, 2, 3, 4] 18/24', 'd/kernel [256, 5] 256/5', 'd/bias [5]']);
    expect(opened.layers.map(({ activation }) => activation?.name ?? 'linear')).toEqual(['Relu', 'linear']);
    expect(opened.model.producer).toBe('Keras 1.2.2');
  });
  it('merges by a mode', () => {
    const config = {
      class_name: 'Model', keras_version: '1.1.0',
      config: {
        name: 'm', input_layers: [['a', 0, 0], ['b', 0, 0]], output_layers: [['m', 0, 0]],
        layers: [
          { name: 'a', class_name: 'InputLayer', config: { batch_input_shape: [null, 3], name: 'a' }, inbound_nodes: [] },
          { name: 'b', class_name: 'InputLayer', config: { batch_input_shape: [null, 3], name: 'b' }, inbound_nodes: [] },
          { name: 'd', class_name: 'Dense', config: { output_dim: 3, name: 'd' }, inbound_nodes: [[['a', 0, 0]]] },
          { name: 'm', class_name: 'Merge', config: { mode: 'mul', name: 'm' }, inbound_nodes: [[['d', 0, 0], ['b', 0, 0]]] },
        ],
      },
    };
    expect(open(config).graph.nodes.map(({ op }) => op)).toEqual(['MatMul', 'Add', 'Mul']);
  });
});

describe('Keras 2', () => {
  it('may have a bare list of layers', () => {
    const opened = open({ class_name: 'Sequential', keras_version: '2.2.2', config: [layer('Dense', { name: 'd', units: 2, batch_input_shape: [null, 3] })] });
    expect(weightsOf(opened)).toEqual(['d/kernel [3, 2] 3/2', 'd/bias [2]']);
  });
  it('has layers that were made for CuDNN, and its thresholded activation', () => {
    const opened = open(sequential([
      layer('CuDNNLSTM', { name: 'l', units: 4, return_sequences: true, batch_input_shape: [null, 5, 3] }), layer('CuDNNGRU', { name: 'g', units: 2 }),
      layer('Dense', { name: 'd', units: 2 }), layer('ThresholdedReLU', { name: 't', theta: 0.5 }),
    ]));
    expect(weightsOf(opened)).toEqual([
      'l/kernel [3, 16] 3/4', 'l/recurrent_kernel [4, 16] 4/4', 'l/bias [32]', 'g/kernel [4, 6] 4/2', 'g/recurrent_kernel [2, 6] 2/2', 'g/bias [2, 6]',
      'd/kernel [2, 2] 2/2', 'd/bias [2]',
    ]);
    expect(opened.graph.nodes.at(-1)?.op).toBe('ThresholdedRelu');
  });
  it('wraps operations of TensorFlow as layers, with constants among their arguments', () => {
    const opened = open({
      class_name: 'Functional', keras_version: '2.9.0',
      config: {
        name: 'm', input_layers: [['x', 0, 0]], output_layers: [['relu', 0, 0]],
        layers: [
          { name: 'x', class_name: 'InputLayer', config: { batch_input_shape: [null, 3], name: 'x' }, inbound_nodes: [] },
          { name: 'd', class_name: 'Dense', config: { units: 3, name: 'd' }, inbound_nodes: [[['x', 0, 0, {}]]] },
          { name: 'times', class_name: 'TFOpLambda', config: { name: 'times', function: 'math.multiply' }, inbound_nodes: [['d', 0, 0, { y: 2, name: null }]] },
          { name: 'relu', class_name: 'TFOpLambda', config: { name: 'relu', function: 'nn.relu' }, inbound_nodes: [['times', 0, 0, { name: null }]] },
        ],
      },
    });
    expect(opened.graph.nodes.map(({ op }) => op)).toEqual(['MatMul', 'Add', 'Mul', 'Relu']);
  });
});
