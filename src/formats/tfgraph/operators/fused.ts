// What Grappler and TensorFlow.js' converter have put into a product behind it (tensorflow/core/grappler/optimizers/remapper.cc): `fused_ops`, in order.

import { float } from '../../../core/graph/builder';
import type { Operation } from '../operation';
import type { Signal } from '../signal';
import { leakyRelu, prelu, relu6 } from './elementwise';

/** The product by its bias, where it has one, and what is done with it; null where one of these is not known. */
export function fused(operation: Operation, product: (bias: Signal | null) => Signal): Signal | null {
  const { attributes, inputs } = operation;
  const names = attributes.texts('fused_ops');
  if (names.some((name) => !Object.hasOwn(behind, name) && name !== 'BiasAdd')) return null;
  const hasBias = names[0] === 'BiasAdd';
  const [first, ...further] = inputs.slice(2, 2 + attributes.whole('num_args', inputs.length - 2));
  if (hasBias && !first) throw operation.refuse('fuses a BiasAdd and has no third input where its bias was expected');
  const given = hasBias ? further : [first, ...further].flatMap((each) => each ?? []);
  const made = product(hasBias && first ? first : null);
  return names.slice(hasBias ? 1 : 0).reduce((signal, name) => behind[name]?.(operation, signal, given) ?? signal, made);
}

type Behind = (operation: Operation, signal: Signal, given: readonly Signal[]) => Signal;

const operator = (op: string): Behind => (operation, signal) => operation.each(signal, (value) => operation.add(op, [value]));

const slope: Behind = (operation, signal, [alpha]) => {
  if (alpha) return prelu(operation, signal, alpha);
  throw operation.refuse(`fuses a Prelu and has no input ${operation.inputs.length} where its slopes were expected`);
};

const norm: Behind = (operation, signal, parameters) => {
  if (parameters.length < 4) throw operation.refuse(`fuses a norm and has ${parameters.length} of the 4 inputs that were expected for it`);
  const values = parameters.slice(0, 4).map((each) => operation.plain(each));
  const value = operation.add('BatchNormalization', [operation.first(signal), ...values], { epsilon: float(operation.attributes.number('epsilon', 1e-4)) });
  return { ...signal, plain: null, first: value };
};

const behind: Readonly<Record<string, Behind>> = {
  // What the converter writes where there is no bias.
  NoOp: (_, signal) => signal,
  GeluExact: operator('Gelu'),
  GeluApproximate: (operation, signal) => operation.each(signal, (value) => operation.add('Gelu', [value], { approximate: 'tanh' })),
  Relu: operator('Relu'), Elu: operator('Elu'), Sigmoid: operator('Sigmoid'), Tanh: operator('Tanh'),
  Relu6: (operation, signal) => operation.each(signal, (value) => relu6(operation, value)),
  LeakyRelu: (operation, signal) => operation.each(signal, (value) => leakyRelu(operation, value, operation.attributes.number('leakyrelu_alpha', 0.2))),
  Prelu: slope, FusedBatchNorm: norm,
};
