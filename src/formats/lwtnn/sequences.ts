// Layers of lwtnn that see a whole sequence, [batch, time, width] (Stack.tcc, RecurrentStack).

import type { JsonView } from '../json/view';
import { joinedBias, runCell } from '../lowering/recurrent';
import type { TextNetwork } from '../lowering/textNetwork';
import type { Gate } from './activations';
import { activate, gateOf } from './activations';
import type { Signal } from './layers';
import { countOf, kernelOf } from './layers';

type Lower = (network: TextNetwork, layer: JsonView, signal: Signal) => Signal;

/** Components in the order in which ONNX has the gates. */
const cells = { lstm: ['i', 'o', 'f', 'c'], gru: ['z', 'r', 'h'], simplernn: ['h'] } as const;
const operators = { lstm: 'LSTM', gru: 'GRU', simplernn: 'RNN' } as const;

interface Component {
  readonly kernel: string;
  readonly recurrent: string;
  readonly bias: string;
  readonly units: number;
}

function componentOf(network: TextNetwork, view: JsonView, width: number): Component {
  const { id, rows } = kernelOf(network, 'weight', view.get('weights'), width);
  return { kernel: id, units: rows, recurrent: network.list('U', [rows, rows], view.get('U')), bias: network.list('bias', [rows], view.get('bias')) };
}

/** An LSTM uses the activation of its cell for its output, too, and a GRU resets the state before the product with it. */
const recurrent = (kind: keyof typeof cells): Lower => (network, layer, signal) => {
  const components = layer.get('components');
  const parts = cells[kind].map((name) => network.within(name, () => componentOf(network, components.get(name), signal.width)));
  const units = parts[0]?.units ?? 0;
  if (parts.some((part) => part.units !== units)) throw components.wrong('an object of components of one size');
  const joined = (values: readonly string[]): string => (values.length === 1 ? values[0] ?? '' : network.add('Concat', values, { axis: 0 }));
  const outer = gateOf(layer.get('activation'));
  const gates: readonly Gate[] = kind === 'simplernn' ? [outer] : [gateOf(layer.get('inner_activation')), outer, ...(kind === 'lstm' ? [outer] : [])];
  const made = runCell(network, network.add('Transpose', [signal.value], { perm: [1, 0, 2] }), {
    op: operators[kind], units, resetsBefore: true,
    kernel: joined(parts.map((part) => part.kernel)), recurrent: joined(parts.map((part) => part.recurrent)),
    bias: joinedBias(network, joined(parts.map((part) => part.bias)), null, parts.length * units),
    activations: gates.map(({ name }) => name), alphas: gates.flatMap(({ alphas }) => alphas), betas: gates.flatMap(({ betas }) => betas),
  });
  return { ...signal, value: network.add('Transpose', [made], { perm: [1, 0, 2] }), width: units };
};

/** Kernel [out, in, taps]. Of padding for an even kernel more is in front. A softmax is taken over time. */
const conv1d: Lower = (network, layer, { value, width, isSequence }) => {
  const [weights, bias, padding] = [layer.get('weights'), layer.get('bias'), layer.get('padding')];
  const [units, count] = [countOf(bias), countOf(weights)];
  const taps = count / (units * width);
  if (!Number.isSafeInteger(taps) || taps === 0) {
    throw weights.wrong(`a list of numbers for ${width} inputs and ${units} outputs`, `a list of ${count} numbers`);
  }
  const dilation = layer.get('dilation_rate').whole(1);
  const pad = (taps - 1) * dilation;
  const pads: Readonly<Record<string, readonly number[]>> = { valid: [0, 0], causal: [pad, 0], same: [Math.ceil(pad / 2), Math.floor(pad / 2)] };
  const name = padding.text();
  const padded = Object.hasOwn(pads, name) ? pads[name] : undefined;
  if (!padded) throw padding.wrong(`one of ${Object.keys(pads).join(', ')}`);
  const inputs = [
    network.add('Transpose', [value], { perm: [0, 2, 1] }), network.list('weight', [units, width, taps], weights), network.list('bias', [units], bias),
  ];
  const made = network.add('Conv', inputs, { kernel_shape: [taps], dilations: [dilation], pads: padded });
  return { value: network.add('Transpose', [activate(network, layer.get('activation'), made)], { perm: [0, 2, 1] }), width: units, isSequence };
};

/** TensorProto.DataType.INT64 */
const int64 = 7;

/** A row of a matrix [out, categories], turned, in the place of a variable that counts from zero; one after the other. */
const embedding: Lower = (network, layer, signal) => (
  layer.get('sublayers').items().reduce((before, part, i) => network.within(`sublayers.${i}`, () => embed(network, part, before)), signal));

function embed(network: TextNetwork, part: JsonView, { value, width, isSequence }: Signal): Signal {
  const [at, units, weights] = [part.get('index').whole(), part.get('n_out').whole(1), part.get('weights')];
  if (at >= width) throw part.get('index').wrong(`the index of one of ${width} variables`);
  const count = countOf(weights);
  const categories = count / units;
  if (!Number.isSafeInteger(categories) || categories === 0) throw weights.wrong(`a list of numbers for ${units} outputs`, `a list of ${count} numbers`);
  const sizes = [at, 1, width - at - 1];
  const split = sizes.filter((size) => size > 0);
  const pieces = split.length === 1 ? [value] : network.addMany('Split', [value, network.ints(split)], split.length, { axis: 2 });
  const position = at > 0 ? 1 : 0;
  // What is no category lwtnn refuses.
  const within = network.add('Clip', [pieces[position] ?? '', network.scalar(0), network.scalar(categories - 1)]);
  const chosen = network.add('Cast', [network.add('Squeeze', [within, network.ints([2])])], { to: int64 });
  const table = network.add('Transpose', [network.list('weight', [units, categories], weights)], { perm: [1, 0] });
  const rows = network.add('Gather', [table, chosen]);
  const all = pieces.map((piece, i) => (i === position ? rows : piece));
  return { value: all.length === 1 ? rows : network.add('Concat', all, { axis: 2 }), width: width - 1 + units, isSequence };
}

export const sequenceLayers: Readonly<Record<string, Lower>> = {
  lstm: recurrent('lstm'), gru: recurrent('gru'), simplernn: recurrent('simplernn'), conv1d, embedding,
};
