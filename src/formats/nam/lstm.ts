// LSTM of Neural Amp Modeler: cells that read a sample at a time, and a linear head (NeuralAmpModelerCore, lstm.cpp).

import type { Building } from './convolution';
import type { TextNetwork } from '../lowering/textNetwork';

/** Gates as they are stored, in the order of ONNX: input, output, forget, cell from input, forget, cell, output. */
const order = [0, 3, 1, 2] as const;
const gates = order.length;

export function lowerLstm({ network, weights, config }: Building, input: string, channels: number): string {
  const [layers, inputs, hidden] = [config.get('num_layers').whole(1), config.get('input_size').whole(1), config.get('hidden_size').whole(1)];
  const outputs = config.find('out_channels')?.whole(1) ?? 1;
  if (inputs !== channels) throw network.refuse(config, `reads ${inputs} values of a sample that has ${channels}`);
  // [batch, channels, samples] as [samples, batch, channels]
  let steps = network.add('Transpose', [input], { perm: [2, 0, 1] });
  for (let layer = 0; layer < layers; layer++) {
    const width = layer === 0 ? inputs : hidden;
    const before = steps;
    steps = network.within(`lstm_l${layer}`, () => {
      const [kernel = '', recurrent = ''] = weights.takeBeside(gates * hidden, [{ name: 'weight_ih', columns: width }, { name: 'weight_hh', columns: hidden }]);
      const bias = weights.take('bias', [gates * hidden]);
      const states = ['initial_hidden', 'initial_cell'].map((name) => weights.take(name, [hidden], false));
      return runCell(network, before, { kernel, recurrent, bias, states, hidden });
    });
  }
  const kernel = weights.take('head.weight', [outputs, hidden]);
  const bias = weights.take('head.bias', [outputs]);
  return network.within('head', () => {
    const made = network.add('Add', [network.add('MatMul', [steps, network.add('Transpose', [kernel], { perm: [1, 0] })]), bias]);
    return network.add('Transpose', [made], { perm: [1, 2, 0] });
  });
}

interface Cell {
  readonly kernel: string;
  readonly recurrent: string;
  readonly bias: string;
  readonly states: readonly string[];
  readonly hidden: number;
}

function runCell(network: TextNetwork, steps: string, { kernel, recurrent, bias, states, hidden }: Cell): string {
  const ordered = (value: string): string => {
    const parts = network.addMany('Split', [value], gates, { axis: 0, num_outputs: gates });
    return network.add('Concat', order.map((gate) => parts[gate] ?? ''), { axis: 0 });
  };
  const first = (value: string): string => network.add('Unsqueeze', [value, network.ints([0])]);
  const zeros = network.builder.constant('float32', [gates * hidden], Array.from({ length: gates * hidden }, () => 0));
  const both = first(network.add('Concat', [ordered(bias), zeros], { axis: 0 }));
  const batch = network.add('Gather', [network.add('Shape', [steps]), network.ints([1])]);
  const shape = network.add('Concat', [network.ints([1]), batch, network.ints([hidden])], { axis: 0 });
  const started = states.map((state) => network.add('Expand', [state, shape]));
  const inputs = [steps, first(ordered(kernel)), first(ordered(recurrent)), both, '', ...started];
  const [all = ''] = network.addMany('LSTM', inputs, 3, { hidden_size: hidden });
  return network.add('Squeeze', [all, network.ints([1])]);
}
