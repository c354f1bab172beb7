// Layers of lwtnn that see a sample, or a step of a sequence, at a time (Stack.tcc): kernels are [out, in], one row after the other.

import { float } from '../../core/graph/builder';
import type { JsonView } from '../json/view';
import type { TextNetwork } from '../lowering/textNetwork';
import { activate } from './activations';

/** [batch, width], or [batch, time, width]. */
export interface Signal {
  readonly value: string;
  readonly width: number;
  readonly isSequence: boolean;
}

type Lower = (network: TextNetwork, layer: JsonView, signal: Signal) => Signal;

/** How many numbers a list has; it may be empty. */
export const countOf = (list: JsonView): number => (list.value.kind === 'array' && list.value.items.length === 0 ? 0 : list.numbers().count);

/** A kernel with as many columns as there are inputs, and how many rows that makes. */
export function kernelOf(network: TextNetwork, name: string, list: JsonView, columns: number): { readonly id: string; readonly rows: number } {
  const count = countOf(list);
  if (count === 0 || count % columns !== 0) throw list.wrong(`a list of numbers for ${columns} inputs`, `a list of ${count} numbers`);
  return { id: network.list(name, [count / columns, columns], list), rows: count / columns };
}

/** W x + b */
function affine(network: TextNetwork, layer: JsonView, { value, width }: Signal): Omit<Signal, 'isSequence'> {
  const { id, rows } = kernelOf(network, 'weight', layer.get('weights'), width);
  const product = network.add('MatMul', [value, network.add('Transpose', [id], { perm: [1, 0] })]);
  return { value: network.add('Add', [product, network.list('bias', [rows], layer.get('bias'))]), width: rows };
}

/** Without weights it is its activation alone, and may have a bias all the same. */
const dense: Lower = (network, layer, signal) => {
  const [weights, bias] = [layer.get('weights'), layer.get('bias')];
  const { id, rows } = countOf(weights) === 0 ? { id: null, rows: signal.width } : kernelOf(network, 'weight', weights, signal.width);
  const product = id === null ? signal.value : network.add('MatMul', [signal.value, network.add('Transpose', [id], { perm: [1, 0] })]);
  const shifted = countOf(bias) === 0 ? product : network.add('Add', [product, network.list('bias', [rows], bias)]);
  return { ...signal, value: activate(network, layer.get('activation'), shifted), width: rows };
};

/** What Keras adds to a variance. */
const epsilon = 0.001;

/** (x + b) w: a batch normalisation whose mean is −b and whose variance is in its scale, so that it is one where networks are trained. */
const normalization: Lower = (network, layer, { value, width, isSequence }) => {
  network.note(`${layer.path} has the statistics of a batch normalisation in its numbers: with other weights before it they are those of another network.`);
  const scale = network.list('weight', [width], layer.get('weights'));
  const mean = network.add('Neg', [network.list('bias', [width], layer.get('bias'), false)]);
  const filled = (each: number): string => network.builder.constant('float32', [width], Array.from({ length: width }, () => each));
  const turned = (each: string): string => (isSequence ? network.add('Transpose', [each], { perm: [0, 2, 1] }) : each);
  const inputs = [turned(value), scale, filled(0), mean, filled(1 - epsilon)];
  return { value: turned(network.add('BatchNormalization', inputs, { epsilon: float(epsilon) })), width, isSequence };
};

/** c f(W x + b) + (1 − c) x, with c = σ(W' x + b') */
const highway: Lower = (network, layer, signal) => {
  const components = layer.get('components');
  const [made, carried] = ['t', 'carry'].map((name) => {
    const found = network.within(name, () => affine(network, components.get(name), signal));
    if (found.width !== signal.width) throw components.get(name).wrong(`a square kernel of ${signal.width} inputs`, `a kernel of ${found.width} rows`);
    return found.value;
  });
  const gate = network.add('Sigmoid', [carried ?? '']);
  const kept = network.add('Mul', [network.add('Sub', [network.scalar(1), gate]), signal.value]);
  const taken = network.add('Mul', [gate, activate(network, layer.get('activation'), made ?? '')]);
  return { ...signal, value: network.add('Add', [taken, kept]) };
};

/** The largest of several W x + b. */
const maxout: Lower = (network, layer, signal) => {
  const list = layer.get('sublayers');
  const units = list.items().map((unit, i) => network.within(`sublayers.${i}`, () => affine(network, unit, signal)));
  const [first] = units;
  if (!first || units.some(({ width }) => width !== first.width)) throw list.wrong('a list of kernels of one size');
  return { ...signal, value: network.add('Max', units.map(({ value }) => value)), width: first.width };
};

export const stackLayers: Readonly<Record<string, Lower>> = { dense, normalization, highway, maxout };
