// Activations as lwtnn names them (parse_json.cxx, get_activation_function), with the functions that it computes for them (Stack.tcc).

import { float } from '../../core/graph/builder';
import type { JsonView } from '../json/view';
import type { TextNetwork } from '../lowering/textNetwork';

interface Named {
  readonly name: string;
  /** Of those that have one. */
  readonly alpha: number;
  readonly view: JsonView;
}

const withAlpha = ['elu', 'leakyrelu', 'swish'];

/** A name, or an object of a name and a number. */
function named(view: JsonView): Named {
  if (view.value.kind === 'object') return { name: view.get('function').text(), alpha: view.get('alpha').number(), view };
  const name = view.text();
  // What the first converters wrote of an ELU was its name alone.
  if (withAlpha.includes(name) && name !== 'elu') throw view.wrong('an object with "function" and "alpha"');
  return { name, alpha: 1, view };
}

/** Of a logistic that is made of straight lines: 0.2 x + 0.5. */
const [slope, middle] = [0.2, 0.5];

type Activate = (network: TextNetwork, value: string, alpha: number) => string;

const scalars: Readonly<Record<string, Activate>> = {
  linear: (_, value) => value,
  sigmoid: (network, value) => network.add('Sigmoid', [value]),
  rectified: (network, value) => network.add('Relu', [value]),
  tanh: (network, value) => network.add('Tanh', [value]),
  hard_sigmoid: (network, value) => network.add('HardSigmoid', [value], { alpha: float(slope), beta: float(middle) }),
  elu: (network, value, alpha) => network.add('Elu', [value], { alpha: float(alpha) }),
  leakyrelu: (network, value, alpha) => network.add('LeakyRelu', [value], { alpha: float(alpha) }),
  swish: (network, value, alpha) => {
    const scaled = alpha === 1 ? value : network.add('Mul', [value, network.scalar(alpha)]);
    return network.add('Mul', [value, network.add('Sigmoid', [scaled])]);
  },
  abs: (network, value) => network.add('Abs', [value]),
};

const wanted = (names: Readonly<Record<string, unknown>>, more: readonly string[] = []): string => `one of ${[...Object.keys(names), ...more].join(', ')}`;
/** Some are there a second time, to compare their speed. */
const plainName = (name: string): string => name.replace(/^(sigmoid|hard_sigmoid|tanh|rectified)_legacy$/, '$1');

/** `axis`: that a softmax is taken over. */
export function activate(network: TextNetwork, view: JsonView, value: string, axis = -1): string {
  const { name, alpha } = named(view);
  if (name === 'softmax') return network.add('Softmax', [value], { axis });
  const plain = plainName(name);
  const scalar = Object.hasOwn(scalars, plain) ? scalars[plain] : undefined;
  if (!scalar) throw view.wrong(wanted(scalars, ['softmax']));
  return scalar(network, value, alpha);
}

/** Inside a recurrent layer: what ONNX calls it, and its numbers. */
export interface Gate {
  readonly name: string;
  readonly alphas: readonly number[];
  readonly betas: readonly number[];
}

const gates: Readonly<Record<string, (alpha: number) => Gate>> = {
  linear: () => ({ name: 'Affine', alphas: [1], betas: [0] }),
  sigmoid: () => ({ name: 'Sigmoid', alphas: [], betas: [] }),
  rectified: () => ({ name: 'Relu', alphas: [], betas: [] }),
  tanh: () => ({ name: 'Tanh', alphas: [], betas: [] }),
  hard_sigmoid: () => ({ name: 'HardSigmoid', alphas: [slope], betas: [middle] }),
  elu: (alpha) => ({ name: 'Elu', alphas: [alpha], betas: [] }),
  leakyrelu: (alpha) => ({ name: 'LeakyRelu', alphas: [alpha], betas: [] }),
};

export function gateOf(view: JsonView): Gate {
  const { name, alpha } = named(view);
  const plain = plainName(name);
  const gate = Object.hasOwn(gates, plain) ? gates[plain] : undefined;
  if (!gate) throw view.wrong(wanted(gates));
  return gate(alpha);
}
