// Recurrent networks of brain.js: of characters, which have a matrix of their own, or of numbers, and of three kinds of cells.

import type { JsonView } from '../json/view';
import { joinedBias, runCell } from '../lowering/recurrent';
import type { TextNetwork } from '../lowering/textNetwork';

/** Matrices of the cells for each gate: of the input, of the state, and the bias. Gates are in the order of ONNX. */
const kinds = {
  RNN: [['weight', 'transition', 'bias']],
  GRU: [
    ['updateGateInputMatrix', 'updateGateHiddenMatrix', 'updateGateBias'], ['resetGateInputMatrix', 'resetGateHiddenMatrix', 'resetGateBias'],
    ['cellWriteInputMatrix', 'cellWriteHiddenMatrix', 'cellWriteBias'],
  ],
  LSTM: [
    ['inputMatrix', 'inputHidden', 'inputBias'], ['outputMatrix', 'outputHidden', 'outputBias'], ['forgetMatrix', 'forgetHidden', 'forgetBias'],
    ['cellActivationMatrix', 'cellActivationHidden', 'cellActivationBias'],
  ],
} as const;

type Kind = keyof typeof kinds;

export const recurrentTypes: readonly string[] = Object.keys(kinds).flatMap((kind) => [kind, `${kind}TimeStep`]);

interface Gate {
  readonly kernel: string;
  readonly recurrent: string;
  readonly bias: string;
}

/** A matrix as brain.js writes it: its sizes, and its weights row by row. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly weights: JsonView;
}

const matrixOf = (view: JsonView): Matrix => ({ rows: view.get('rows').whole(1), columns: view.get('columns').whole(1), weights: view.get('weights') });

export function lowerRecurrent(network: TextNetwork, root: JsonView): string {
  const type = root.get('type').text();
  const kind: Kind = type.startsWith('GRU') ? 'GRU' : type.startsWith('LSTM') ? 'LSTM' : 'RNN';
  let { value, width } = inputOf(network, root);
  for (const [i, layer] of root.get('hiddenLayers').items().entries()) {
    const [steps, from] = [value, width];
    ({ value, width } = network.within(`hiddenLayers.${i}`, () => lowerLayer(network, kind, layer, steps, from)));
  }
  const [connector, offset] = [matrixOf(root.get('outputConnector')), matrixOf(root.get('output'))];
  const kernel = network.list('outputConnector', [connector.rows, width], connector.weights);
  const product = network.add('MatMul', [value, network.add('Transpose', [kernel], { perm: [1, 0] })]);
  return network.add('Add', [product, network.list('output', [connector.rows], offset.weights)]);
}

/** Rows of a matrix for characters, [steps, batch] of their indices, or numbers as they are, [steps, batch, width]. */
function inputOf(network: TextNetwork, root: JsonView): { readonly value: string; readonly width: number } {
  const input = root.find('input');
  if (input) {
    const { rows, columns, weights } = matrixOf(input);
    const tokens = network.input('tokens', ['steps', 'batch'], 'int64');
    return { value: network.add('Gather', [network.list('input', [rows, columns], weights), tokens]), width: columns };
  }
  const [first] = root.get('hiddenLayers').items();
  const kernel = first && ['weight', 'inputMatrix', 'updateGateInputMatrix'].flatMap((name) => first.find(name) ?? [])[0];
  if (!kernel) throw root.get('hiddenLayers').wrong('a list with at least one layer');
  const width = kernel.get('columns').whole(1);
  return { value: network.input('numbers', ['steps', 'batch', width]), width };
}

function lowerLayer(network: TextNetwork, kind: Kind, layer: JsonView, steps: string, from: number): { readonly value: string; readonly width: number } {
  const [[, , biasName]] = kinds[kind];
  const units = matrixOf(layer.get(biasName)).rows;
  const gates = kinds[kind].map(([kernel, recurrent, bias]): Gate => ({
    kernel: network.list(kernel, [units, from], layer.get(kernel).get('weights')),
    recurrent: network.list(recurrent, [units, units], layer.get(recurrent).get('weights')),
    bias: network.list(bias, [units], layer.get(bias).get('weights')),
  }));
  return { value: kind === 'LSTM' ? scan(network, gates, steps, units, from) : cell(network, kind, gates, steps, units), width: units };
}

function cell(network: TextNetwork, op: 'RNN' | 'GRU', gates: readonly Gate[], steps: string, units: number): string {
  const joined = (values: readonly string[]): string => (values.length === 1 ? values[0] ?? '' : network.add('Concat', values, { axis: 0 }));
  const bias = joinedBias(network, joined(gates.map((gate) => gate.bias)), null, gates.length * units);
  const [kernel, recurrent] = [joined(gates.map((gate) => gate.kernel)), joined(gates.map((gate) => gate.recurrent))];
  return runCell(network, steps, { op, units, kernel, recurrent, bias, ...(op === 'RNN' ? { activations: ['Relu'] } : { resetsBefore: true }) });
}

/**
 * What brain.js calls an LSTM keeps no cell beside its output: h = o · tanh(f · h' + i · tanh(g)), with the output of the step before where an
 * LSTM has its cell (brain.js, recurrent/lstm.ts). ONNX has no operator for it.
 */
function scan(network: TextNetwork, gates: readonly Gate[], steps: string, units: number, width: number): string {
  const { builder } = network;
  const turned = gates.map(({ kernel, recurrent, bias }) => (
    { kernel: network.add('Transpose', [kernel], { perm: [1, 0] }), recurrent: network.add('Transpose', [recurrent], { perm: [1, 0] }), bias }));
  const body = builder.inner('step');
  const [before, step] = [body.input('before', 'float32', ['batch', units]), body.input('step', 'float32', ['batch', width])];
  const [input = '', output = '', forget = '', write = ''] = turned.map(({ kernel, recurrent, bias }, i) => {
    const sum = body.add('Add', [body.add('Add', [body.add('MatMul', [step, kernel]), bias]), body.add('MatMul', [before, recurrent])]);
    return body.add(i === turned.length - 1 ? 'Tanh' : 'Sigmoid', [sum]);
  });
  const kept = body.add('Add', [body.add('Mul', [forget, before]), body.add('Mul', [input, write])]);
  const made = body.add('Mul', [output, body.add('Tanh', [kept])]);
  const [state, seen] = [body.add('Identity', [made]), body.add('Identity', [made])];
  body.output(state, 'float32');
  body.output(seen, 'float32');
  const batch = network.add('Gather', [network.add('Shape', [steps]), network.ints([1])]);
  const zeros = network.add('Expand', [network.scalar(0), network.add('Concat', [batch, network.ints([units])], { axis: 0 })]);
  const [, all = ''] = network.addMany('Scan', [zeros, steps], 2, { body: { kind: 'graph', value: body.build() }, num_scan_inputs: 1 });
  return all;
}
