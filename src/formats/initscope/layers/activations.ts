// Activation functions, by name behind a kernel or as layers of their own.

import { float } from '../../../core/graph/builder';
import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { channelAxis, signalOf } from '../signal';
import { numberOf, wordOf } from '../written';
import type { LayerTable, LayerType } from './table';

type Elementwise = (layer: LayerScope, value: string) => string;

const operator = (op: string): Elementwise => (layer, value) => layer.add(op, [value]);

/** x · f(x) */
const gatedBy = (gate: Elementwise): Elementwise => (layer, value) => layer.add('Mul', [value, gate(layer, value)]);

/** min(max(0, x/6 + ½), 1), as PyTorch and Keras 3 have it; ONNX' own slope is 0.2. */
const hardSigmoid: Elementwise = (layer, value) => layer.add('HardSigmoid', [value], { alpha: float(1 / 6), beta: float(0.5) });

const elementwise = {
  'relu': operator('Relu'), 'sigmoid': operator('Sigmoid'), 'tanh': operator('Tanh'), 'gelu': operator('Gelu'),
  'gelu-tanh': (layer, value) => layer.add('Gelu', [value], { approximate: 'tanh' }),
  'silu': gatedBy(operator('Sigmoid')), 'selu': operator('Selu'), 'softplus': operator('Softplus'), 'softsign': operator('Softsign'), 'mish': operator('Mish'),
  'hard-sigmoid': hardSigmoid, 'hard-silu': gatedBy(hardSigmoid), 'relu6': (layer, value) => layer.add('Clip', [value, layer.scalar(0), layer.scalar(6)]),
} satisfies Readonly<Record<string, Elementwise>>;

/** Functions with a number, which a layer of that name may give. */
const withNumber = {
  // 0.01 as in Maas et al. 2013, section 2.
  'leaky-relu': { otherwise: 0.01, apply: (layer: LayerScope, value: string, slope: number) => layer.add('LeakyRelu', [value], { alpha: float(slope) }) },
  'elu': { otherwise: 1, apply: (layer: LayerScope, value: string, alpha: number) => layer.add('Elu', [value], { alpha: float(alpha) }) },
} as const;

const alongAxis = { 'softmax': 'Softmax', 'log-softmax': 'LogSoftmax' } as const;

type ElementwiseName = keyof typeof elementwise;
type NumberedName = keyof typeof withNumber;
type AxisName = keyof typeof alongAxis;

const isIn = <K extends string>(table: Readonly<Record<K, unknown>>, name: string): name is K => Object.hasOwn(table, name);

/** "linear" is none. */
export type ActivationName = ElementwiseName | NumberedName | AxisName | 'linear';

const names = <K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] => Object.keys(table).filter((name): name is K => isIn(table, name));

export const activationNames: readonly ActivationName[] = ['linear', ...names(elementwise), ...names(withNumber), ...names(alongAxis)];

export function activateBy(layer: LayerScope, signal: Signal, name: ActivationName): Signal {
  if (name === 'linear') return signal;
  if (isIn(elementwise, name)) return layer.each(signal, (value) => elementwise[name](layer, value));
  if (isIn(withNumber, name)) return numbered(layer, signal, name, withNumber[name].otherwise);
  // Over features, or over the channels of every place.
  return signalOf(layer.add(alongAxis[name], [layer.plain(signal)], { axis: channelAxis(signal.shape) + 1 }), signal.shape);
}

function numbered(layer: LayerScope, signal: Signal, name: NumberedName, value: number): Signal {
  return layer.each(signal, (each) => withNumber[name].apply(layer, each, value));
}

/** What a layer with a kernel says, else what the network says of all of them. */
export function activate(layer: LayerScope, signal: Signal, otherwise = layer.activation): Signal {
  const found = layer.written?.find('activation');
  return activateBy(layer, signal, found ? wordOf(found, activationNames, 'activation') : otherwise);
}

/** One slope for each channel (He et al. 2015, arXiv 1502.01852, eq. 1). */
function prelu(layer: LayerScope, signal: Signal): Signal {
  const axis = channelAxis(signal.shape);
  const slope = layer.weight('slope', signal.shape.map((size, i) => (i === axis ? size : 1)));
  return signalOf(layer.add('PRelu', [layer.plain(signal), slope]), signal.shape);
}

const asLayer = (name: ActivationName): LayerType => (
  { what: `a layer ${name}`, example: 'true', isComplete: true, options: [], roles: [], build: (layer, input) => activateBy(layer, input, name) });

const asNumberedLayer = (name: NumberedName): LayerType => ({
  what: `a layer ${name}`, example: String(withNumber[name].otherwise), isComplete: true, options: [], roles: [],
  build: (layer, input) => numbered(layer, input, name, layer.main ? numberOf(layer.main, { least: 0 }) : withNumber[name].otherwise),
});

export const activationLayers: LayerTable = {
  ...Object.fromEntries([...names(elementwise), ...names(alongAxis)].map((name) => [name, asLayer(name)])),
  ...Object.fromEntries(names(withNumber).map((name) => [name, asNumberedLayer(name)])),
  prelu: { what: 'a layer prelu', example: 'true', isComplete: true, options: [], roles: ['slope'], build: prelu },
};
