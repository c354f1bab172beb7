// Layers of RTNeural as its Python script writes them from Keras: arrays as Keras has them, run forwards in time and never ahead.

import { float } from '../../core/graph/builder';
import type { JsonView } from '../json/view';
import { orderedGates, runCell } from '../lowering/recurrent';
import type { TextNetwork } from '../lowering/textNetwork';
import type { Signal } from './signal';
import { channelsFirst, plain } from './signal';

type Lower = (network: TextNetwork, layer: JsonView, signal: Signal) => Signal;

/** RTNeural takes the last of a list, and a number for itself (model_loader.h). */
const lastOf = (view: JsonView): number => {
  const { value } = view;
  if (value.kind === 'number') return view.whole(1);
  const last = view.list().at(-1) ?? 0;
  if (!Number.isSafeInteger(last) || last < 1) throw view.wrong('a whole number from 1 on');
  return last;
};

function weightsOf(layer: JsonView, least: number, most = least): readonly JsonView[] {
  const weights = layer.get('weights');
  const lists = weights.items();
  if (lists.length < least || lists.length > most) throw weights.wrong(`a list of ${least === most ? least : `${least} to ${most}`} arrays`);
  return lists;
}

/** The width of what a layer makes: the last size of its shape. */
const widthOf = (layer: JsonView): number => {
  const sizes = layer.get('shape').items();
  const last = sizes.at(-1);
  if (!last) throw layer.get('shape').wrong('a list of sizes');
  return last.whole(1);
};

const scalars: Readonly<Record<string, (network: TextNetwork, value: string) => string>> = {
  tanh: (network, value) => network.add('Tanh', [value]), relu: (network, value) => network.add('Relu', [value]),
  sigmoid: (network, value) => network.add('Sigmoid', [value]), elu: (network, value) => network.add('Elu', [value], { alpha: float(1) }),
};

/** The activation that a layer names, which is none where it names ''. */
function activate(network: TextNetwork, layer: JsonView, signal: Signal): Signal {
  const named = layer.find('activation');
  const name = named?.text() ?? '';
  if (!named || name === '') return signal;
  // Over the whole of a sample.
  if (name === 'softmax') return { ...signal, value: network.add('Softmax', [plain(network, signal)], { axis: -1 }), isFirst: false };
  const scalar = Object.hasOwn(scalars, name) ? scalars[name] : undefined;
  if (!scalar) throw named.wrong(`"" or one of ${[...Object.keys(scalars), 'softmax'].join(', ')}`);
  return { ...signal, value: scalar(network, signal.value) };
}

/** Kernel [in, out], and a bias that may be left out. Channels of a two-dimensional signal are read one after the other. */
const dense: Lower = (network, layer, given) => {
  const [kernel, bias] = weightsOf(layer, 1, 2);
  const signal = flattened(network, given);
  const width = widthOf(layer);
  const product = network.add('MatMul', [plain(network, signal), network.list('kernel', [signal.width, width], kernel ?? layer)]);
  const value = bias ? network.add('Add', [product, network.list('bias', [width], bias)]) : product;
  return activate(network, layer, { ...signal, value, isFirst: false, width });
};

function flattened(network: TextNetwork, signal: Signal): Signal {
  if (signal.rank < 4) return signal;
  const width = signal.width * signal.features;
  return { value: network.add('Reshape', [plain(network, signal), network.ints([0, 0, width])]), isFirst: false, rank: 3, width, features: 1 };
}

function refuseRank(network: TextNetwork, layer: JsonView, { rank }: Signal, wanted: number): void {
  if (rank !== wanted) throw network.refuse(layer, `takes a signal of ${wanted} axes, and is given one of ${rank}`);
}

/** Kernel [taps, in / groups, out]. */
const conv1d: Lower = (network, layer, signal) => {
  refuseRank(network, layer, signal, 3);
  const [kernel, bias] = weightsOf(layer, 2);
  const [taps, dilation, width] = [lastOf(layer.get('kernel_size')), lastOf(layer.get('dilation')), widthOf(layer)];
  const groups = layer.find('groups')?.whole(1) ?? 1;
  if (signal.width % groups !== 0 || width % groups !== 0) throw network.refuse(layer, `has ${groups} groups for ${signal.width} and ${width} channels`);
  const stored = network.list('kernel', [taps, signal.width / groups, width], kernel ?? layer);
  const turned = network.add('Transpose', [stored], { perm: [2, 1, 0] });
  const inputs = [channelsFirst(network, signal), turned, network.list('bias', [width], bias ?? layer)];
  const value = network.add('Conv', inputs, { kernel_shape: [taps], dilations: [dilation], group: groups, pads: [(taps - 1) * dilation, 0] });
  return activate(network, layer, { ...signal, value, isFirst: true, width });
};

/** Kernel [taps in time, taps over features, in, out]: dilated in time, with a stride over features, padded there as TensorFlow pads "same". */
const conv2d: Lower = (network, layer, signal) => {
  refuseRank(network, layer, signal, 4);
  const [kernel, bias] = weightsOf(layer, 2);
  const [time, feature] = [lastOf(layer.get('kernel_size_time')), lastOf(layer.get('kernel_size_feature'))];
  const [dilation, stride, width] = [lastOf(layer.get('dilation')), lastOf(layer.get('strides')), lastOf(layer.get('num_filters_out'))];
  const isValid = layer.get('padding').text() === 'valid';
  const features = isValid ? Math.ceil((signal.features - feature + 1) / stride) : Math.ceil(signal.features / stride);
  if (features < 1) throw network.refuse(layer, `has a window of ${feature} over ${signal.features} features, which leaves nothing`);
  const pad = isValid ? 0 : Math.max(0, (features - 1) * stride + feature - signal.features);
  const stored = network.list('kernel', [time, feature, signal.width, width], kernel ?? layer);
  const turned = network.add('Transpose', [stored], { perm: [3, 2, 0, 1] });
  const inputs = [channelsFirst(network, signal), turned, network.list('bias', [width], bias ?? layer)];
  const value = network.add('Conv', inputs, {
    kernel_shape: [time, feature], dilations: [dilation, 1], strides: [1, stride], pads: [(time - 1) * dilation, Math.floor(pad / 2), 0, Math.ceil(pad / 2)],
  });
  return activate(network, layer, { ...signal, value, isFirst: true, width, features });
};

/** γ, β, mean and variance, or the last two alone. */
const batchNorm: Lower = (network, layer, signal) => {
  const { width } = signal;
  const lists = weightsOf(layer, 2, 4);
  const [gamma, beta] = lists.length === 4 ? lists : [];
  const [mean = layer, variance = layer] = lists.slice(-2);
  const filled = (value: number): string => network.builder.constant('float32', [width], Array.from({ length: width }, () => value));
  const scale = gamma ? network.list('gamma', [width], gamma) : filled(1);
  const shift = beta ? network.list('beta', [width], beta) : filled(0);
  const statistics = [network.list('moving_mean', [width], mean, false), network.list('moving_variance', [width], variance, false)];
  const epsilon = float(layer.get('epsilon').number());
  return { ...signal, value: network.add('BatchNormalization', [channelsFirst(network, signal), scale, shift, ...statistics], { epsilon }), isFirst: true };
};

/** A slope for every feature, or one for all: [[…]]. */
const prelu: Lower = (network, layer, signal) => {
  const [slopes = layer] = weightsOf(layer, 1);
  const { count } = slopes.numbers();
  if (count !== 1 && count !== signal.width) throw slopes.wrong(`a list of ${signal.width} slopes, or of one,`);
  return { ...signal, value: network.add('PRelu', [plain(network, signal), network.list('alpha', [count], slopes)]), isFirst: false };
};

/** Gates of a kernel [in, gates · units] for each gate of ONNX: i, f, c, o as i, o, f, c; z, r, h as they are. */
const gateOrders = { lstm: [0, 3, 1, 2], gru: [0, 1, 2] } as const;

const recurrent = (kind: 'lstm' | 'gru'): Lower => (network, layer, signal) => {
  refuseRank(network, layer, signal, 3);
  const [kernel = layer, state = layer, bias = layer] = weightsOf(layer, 3);
  const [units, order] = [widthOf(layer), gateOrders[kind]];
  const size = order.length * units;
  const kernels = [network.list('kernel', [signal.width, size], kernel), network.list('recurrent_kernel', [units, size], state)]
    .map((each) => orderedGates(network, each, order, 'columns'));
  const steps = network.add('Transpose', [plain(network, signal)], { perm: [1, 0, 2] });
  const made = runCell(network, steps, {
    op: kind === 'lstm' ? 'LSTM' : 'GRU', units, kernel: kernels[0] ?? '', recurrent: kernels[1] ?? '', bias: biasOf(network, kind, units, bias),
  });
  return { ...signal, value: network.add('Transpose', [made], { perm: [1, 0, 2] }), isFirst: false, width: units };
};

/** A GRU resets after the product with the state, and has a bias for either; an LSTM has one. */
function biasOf(network: TextNetwork, kind: 'lstm' | 'gru', units: number, list: JsonView): string {
  if (kind === 'gru') return network.add('Reshape', [network.list('bias', [2, 3 * units], list), network.ints([1, 6 * units])]);
  const own = orderedGates(network, network.list('bias', [4 * units], list), gateOrders.lstm);
  const zeros = network.builder.constant('float32', [4 * units], Array.from({ length: 4 * units }, () => 0));
  return network.add('Unsqueeze', [network.add('Concat', [own, zeros], { axis: 0 }), network.ints([0])]);
}

export const layers: Readonly<Record<string, Lower>> = {
  'dense': dense, 'time-distributed-dense': dense, 'conv1d': conv1d, 'conv2d': conv2d, 'batchnorm': batchNorm, 'batchnorm2d': batchNorm, 'prelu': prelu,
  'lstm': recurrent('lstm'), 'gru': recurrent('gru'), 'activation': activate,
};
