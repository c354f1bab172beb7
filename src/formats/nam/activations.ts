// Activations of Neural Amp Modeler, which a configuration names, or describes by an object (NeuralAmpModelerCore, activations.h).

import { float } from '../../core/graph/builder';
import type { JsonView } from '../json/view';
import type { TextNetwork } from '../lowering/textNetwork';

type Activation = (network: TextNetwork, value: string, given: Given) => string;

interface Given {
  /** The object that describes it; the name alone gives nothing. */
  readonly view: JsonView;
  readonly channels: number;
}

const numberIn = ({ view }: Given, key: string, otherwise: number): number => view.find(key)?.number() ?? otherwise;

const plain = (op: string): Activation => (network, value) => network.add(op, [value]);
const clip = (network: TextNetwork, value: string, low: number, high: number): string => (
  network.add('Clip', [value, network.scalar(low), network.scalar(high)]));

/** One slope for all channels, or one each: learned, and kept in the configuration. */
const prelu: Activation = (network, value, { view, channels }) => {
  const [one, each] = [view.find('negative_slope'), view.find('negative_slopes')];
  if (one?.value.kind === 'number') return network.add('PRelu', [value, network.number('slope', one)]);
  if (each) return network.add('PRelu', [value, network.list('slopes', [channels, 1], each)]);
  return network.add('LeakyRelu', [value], { alpha: float(usualSlope) });
};

const usualSlope = 0.01;

/** x between its bounds, and beyond them a line of another slope. */
const leakyHardtanh: Activation = (network, value, given) => {
  const [low, high] = [numberIn(given, 'min_val', -1), numberIn(given, 'max_val', 1)];
  const [below, above] = [numberIn(given, 'min_slope', usualSlope), numberIn(given, 'max_slope', usualSlope)];
  const inside = clip(network, value, low, high);
  const outside = network.add('Sub', [value, inside]);
  const beyond = (side: string, slope: number): string => network.add('Mul', [network.add(side, [outside, network.scalar(0)]), network.scalar(slope)]);
  return network.add('Add', [network.add('Add', [inside, beyond('Min', below)]), beyond('Max', above)]);
};

const known: Readonly<Record<string, Activation>> = {
  Tanh: plain('Tanh'), ReLU: plain('Relu'), Sigmoid: plain('Sigmoid'), Softsign: plain('Softsign'), Hardswish: plain('HardSwish'),
  Hardtanh: (network, value) => clip(network, value, -1, 1),
  Fasttanh: (network, value) => {
    network.note('Fasttanh is a quotient of polynomials that comes near tanh: it is read as tanh.');
    return network.add('Tanh', [value]);
  },
  LeakyReLU: (network, value, given) => network.add('LeakyRelu', [value], { alpha: float(numberIn(given, 'negative_slope', usualSlope)) }),
  SiLU: (network, value) => network.add('Mul', [value, network.add('Sigmoid', [value])]),
  PReLU: prelu, LeakyHardtanh: leakyHardtanh, LeakyHardTanh: leakyHardtanh,
};

export function activate(network: TextNetwork, value: string, view: JsonView, channels: number): string {
  const named = view.value.kind === 'object' ? view.get('type') : view;
  const name = named.text();
  const activation = Object.hasOwn(known, name) ? known[name] : undefined;
  if (!activation) throw named.wrong(`one of ${Object.keys(known).join(', ')}`);
  return activation(network, value, { view, channels });
}
