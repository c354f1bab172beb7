// LSTM of Neural Amp Modeler: cells that read a sample at a time, and a linear head (NeuralAmpModelerCore, lstm.cpp).

import { joinedBias, orderedGates, runCell } from '../lowering/recurrent';
import type { Building } from './convolution';

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
      const [wide, deep, offset] = [kernel, recurrent, bias].map((value) => orderedGates(network, value, order));
      const both = joinedBias(network, offset ?? null, null, gates * hidden);
      return runCell(network, before, { op: 'LSTM', units: hidden, kernel: wide ?? '', recurrent: deep ?? '', bias: both, states });
    });
  }
  const kernel = weights.take('head.weight', [outputs, hidden]);
  const bias = weights.take('head.bias', [outputs]);
  return network.within('head', () => {
    const made = network.add('Add', [network.add('MatMul', [steps, network.add('Transpose', [kernel], { perm: [1, 0] })]), bias]);
    return network.add('Transpose', [made], { perm: [1, 2, 0] });
  });
}
