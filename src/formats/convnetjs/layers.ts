// Layers of ConvNetJS (convnet.js, 0.3): filters one by one, each a volume of its own.

import { float } from '../../core/graph/builder';
import type { JsonView } from '../json/view';
import { numberParts } from '../lowering/keys';
import type { TextNetwork } from '../lowering/textNetwork';
import type { Volume } from './volume';
import { column, depthFirst, flat, plain, sizeOf } from './volume';

type Lower = (network: TextNetwork, layer: JsonView, volume: Volume) => Volume;

/** The numbers of a volume, which are as many as its sizes say. */
function partsOf(volume: JsonView, count: number): readonly JsonView[] {
  const list = volume.get('w');
  const found = list.numbers().count;
  if (found !== count) throw list.wrong(`a list of ${count} numbers`, `a list of ${found}`);
  return numberParts(list);
}

interface Weights {
  readonly kernel: string;
  readonly bias: string;
  readonly units: number;
}

/** A piece of the text for each filter, and the biases. */
function weightsOf(network: TextNetwork, layer: JsonView, shape: readonly number[]): Weights {
  const list = layer.get('filters');
  const filters = list.items();
  const units = layer.get('out_depth').whole(1);
  if (filters.length !== units) throw list.wrong(`a list of ${units} filters`, `a list of ${filters.length}`);
  const size = shape.reduce((product, each) => product * each, 1);
  return {
    units, kernel: network.pieces('weight', [units, ...shape], filters.flatMap((filter) => partsOf(filter, size))),
    bias: network.pieces('bias', [units], partsOf(layer.get('biases'), units)),
  };
}

const fc: Lower = (network, layer, volume) => {
  const inputs = sizeOf(volume);
  const { kernel, bias, units } = weightsOf(network, layer, [inputs]);
  return column(network, network.add('Gemm', [flat(network, volume), kernel, bias], { transB: 1 }), units);
};

interface Window {
  readonly attributes: { readonly kernel_shape: readonly number[]; readonly strides: readonly number[]; readonly pads: readonly number[] };
  readonly sx: number;
  readonly sy: number;
}

/** Of what it does not fit into, the rest is left out. */
function windowOf(layer: JsonView, volume: Volume): Window {
  const [sx, stride, pad] = [layer.get('sx').whole(1), layer.get('stride').whole(1), layer.find('pad')?.whole() ?? 0];
  const sy = layer.find('sy')?.whole(1) ?? sx;
  const steps = (size: number, window: number): number => Math.floor((size + 2 * pad - window) / stride) + 1;
  const found = { sx: steps(volume.sx, sx), sy: steps(volume.sy, sy) };
  for (const [name, size] of [['out_sx', found.sx], ['out_sy', found.sy]] as const) {
    const made = `${size}, which a window of ${sx} × ${sy} makes of ${volume.sx} × ${volume.sy},`;
    if (layer.get(name).whole() !== size || size < 1) throw layer.get(name).wrong(made);
  }
  return { ...found, attributes: { kernel_shape: [sy, sx], strides: [stride, stride], pads: [pad, pad, pad, pad] } };
}

const conv: Lower = (network, layer, volume) => {
  const { attributes, ...sizes } = windowOf(layer, volume);
  const { kernel, bias, units } = weightsOf(network, layer, [...attributes.kernel_shape, volume.depth]);
  const turned = network.add('Transpose', [kernel], { perm: [0, 3, 1, 2] });
  return { ...sizes, value: network.add('Conv', [depthFirst(network, volume), turned, bias], attributes), isFirst: true, depth: units };
};

const pool: Lower = (network, layer, volume) => {
  const { attributes, ...sizes } = windowOf(layer, volume);
  return { ...sizes, value: network.add('MaxPool', [depthFirst(network, volume)], attributes), isFirst: true, depth: volume.depth };
};

const elementwise = (op: string): Lower => (network, _, volume) => ({ ...volume, value: network.add(op, [volume.value]) });
/** What a loss takes is what the network says. */
const unchanged: Lower = (_, __, volume) => volume;

const softmax: Lower = (network, _, volume) => column(network, network.add('Softmax', [flat(network, volume)], { axis: -1 }), sizeOf(volume));

/** The largest of so many neighbours in depth. */
const maxout: Lower = (network, layer, volume) => {
  const group = layer.get('group_size').whole(1);
  if (volume.depth % group !== 0) throw network.refuse(layer, `takes the largest of each ${group} in a depth of ${volume.depth}, which they do not divide`);
  const depth = volume.depth / group;
  const grouped = network.add('Reshape', [plain(network, volume), network.ints([0, volume.sy, volume.sx, depth, group])]);
  return { ...volume, value: network.add('ReduceMax', [grouped, network.ints([4])], { keepdims: 0 }), isFirst: false, depth };
};

/** When it runs it multiplies by the probability of being dropped, where that of being kept was meant. */
const dropout: Lower = (network, layer, volume) => {
  const dropped = layer.get('drop_prob').number();
  network.note(`${layer.path} multiplies by ${dropped} when ConvNetJS runs it, the probability of being dropped, where others multiply by ${1 - dropped}.`);
  return { ...volume, value: network.add('Mul', [volume.value, network.scalar(dropped)]) };
};

/** x / (k + α/n Σ x²)^β over ⌊n/2⌋ neighbours on each side; a window of ONNX with as many has an odd size. */
const lrn: Lower = (network, layer, volume) => {
  const [size, alpha, beta, bias] = [layer.get('n').whole(1), ...['alpha', 'beta', 'k'].map((name) => layer.get(name).number())];
  const odd = 2 * Math.floor(size / 2) + 1;
  const attributes = { size: odd, alpha: float(((alpha ?? 0) * odd) / size), beta: float(beta ?? 0), bias: float(bias ?? 0) };
  return { ...volume, value: network.add('LRN', [depthFirst(network, volume)], attributes), isFirst: true };
};

/** x, and all products of two in depth. */
const quadtransform: Lower = (network, _, volume) => {
  const { sx, sy, depth } = volume;
  const value = plain(network, volume);
  const [rows, columns] = [[depth, 1], [1, depth]].map((sizes) => network.add('Reshape', [value, network.ints([0, sy, sx, ...sizes])]));
  const products = network.add('Reshape', [network.add('Mul', [rows ?? '', columns ?? '']), network.ints([0, sy, sx, depth * depth])]);
  return { ...volume, value: network.add('Concat', [value, products], { axis: 3 }), isFirst: false, depth: depth + depth * depth };
};

export const layers: Readonly<Record<string, Lower>> = {
  fc, conv, pool, relu: elementwise('Relu'), sigmoid: elementwise('Sigmoid'), tanh: elementwise('Tanh'), maxout, dropout, lrn, quadtransform, softmax,
  regression: unchanged, svm: unchanged,
};
