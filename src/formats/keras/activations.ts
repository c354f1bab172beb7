// Keras' activations by their formulas (keras.activations), in operators of ONNX.

import { float } from '../../core/graph/builder';
import { say } from '../../protocol/words';
import { Fields, isObject } from './fields';
import type { LayerScope } from './scope';
import type { Shape, Signal } from './signal';
import { signalOf, sizeAt } from './signal';

/** What makes a value of a value, on every element. */
type Elementwise = (layer: LayerScope, value: string, given: Fields) => string;

const one = (layer: LayerScope, value: number): string => layer.scalar(value);

/** min(max(x, low), high) */
function clip(layer: LayerScope, value: string, low: number, high: number): string {
  return layer.add('Clip', [value, one(layer, low), one(layer, high)]);
}

/** The slope 0.2 and 0.5 at 0 of Keras 2 and TensorFlow.js; Keras 3 has 1/6, as PyTorch. */
export const hardSigmoidSlope = (layer: LayerScope): number => (layer.building.dialect.generation === 3 ? 1 / 6 : 0.2);

/** relu6(x + 3) / 6, or clip(0.2 x + 0.5, 0, 1) before Keras 3. */
function hardSigmoid(layer: LayerScope, value: string): string {
  return layer.add('HardSigmoid', [value], { alpha: float(hardSigmoidSlope(layer)), beta: float(0.5) });
}

const silu: Elementwise = (layer, value) => layer.add('Mul', [value, layer.add('Sigmoid', [value])]);
const hardSilu: Elementwise = (layer, value) => layer.add('Mul', [value, hardSigmoid(layer, value)]);

/** max(x, 0), at most max_value, 0 or slope · (x − threshold) below the threshold. */
const relu: Elementwise = (layer, value, given) => {
  const slope = given.number('negative_slope', given.number('alpha', 0));
  const [threshold, highest] = [given.number('threshold', given.number('theta', 0)), given.raw('max_value')];
  if (threshold === 0 && slope === 0 && typeof highest === 'number') return clip(layer, value, 0, highest);
  if (threshold === 0 && slope === 0) return layer.add('Relu', [value]);
  const above = threshold === 0 ? layer.add('Relu', [value]) : layer.add('ThresholdedRelu', [value], { alpha: float(threshold) });
  const kept = typeof highest === 'number' ? layer.add('Min', [above, one(layer, highest)]) : above;
  if (slope === 0) return kept;
  if (threshold === 0 && highest === undefined) return layer.add('LeakyRelu', [value], { alpha: float(slope) });
  const below = layer.add('Relu', [layer.add('Sub', [one(layer, threshold), value])]);
  return layer.add('Sub', [kept, layer.add('Mul', [below, one(layer, slope)])]);
};

const gelu: Elementwise = (layer, value, given) => layer.add('Gelu', [value], { approximate: given.boolean('approximate', false) ? 'tanh' : 'none' });

/** 0.5 (x + sqrt(x² + b)) */
const squareplus: Elementwise = (layer, value, given) => {
  const root = layer.add('Sqrt', [layer.add('Add', [layer.add('Mul', [value, value]), one(layer, given.number('b', 4))])]);
  return layer.add('Mul', [layer.add('Add', [value, root]), one(layer, 0.5)]);
};

/** 0 below −1, x above 1, (x + 1)² / 4 between: the primitive of sparse_sigmoid. */
const sparsePlus: Elementwise = (layer, value) => {
  const inside = layer.add('Add', [clip(layer, value, -1, 1), one(layer, 1)]);
  const quarter = layer.add('Mul', [layer.add('Mul', [inside, inside]), one(layer, 0.25)]);
  return layer.add('Add', [quarter, layer.add('Relu', [layer.add('Sub', [value, one(layer, 1)])])]);
};

/** x where x > threshold, else another value */
const threshold: Elementwise = (layer, value, given) => {
  const isAbove = layer.add('Greater', [value, one(layer, given.number('threshold', 0))]);
  return layer.add('Where', [isAbove, value, one(layer, given.number('default_value', given.number('value', 0)))]);
};

const shrink = (bias: (threshold: number) => number): Elementwise => (layer, value, given) => {
  const lambd = given.number('threshold', 0.5);
  return layer.add('Shrink', [value], { lambd: float(lambd), bias: float(bias(lambd)) });
};

const operator = (op: string): Elementwise => (layer, value) => layer.add(op, [value]);

const elementwise: Readonly<Record<string, Elementwise>> = {
  relu, gelu, silu, swish: silu, hard_silu: hardSilu, hard_swish: hardSilu, hard_sigmoid: hardSigmoid, squareplus, sparse_plus: sparsePlus, threshold,
  linear: (_, value) => value,
  relu6: (layer, value) => clip(layer, value, 0, 6),
  leaky_relu: (layer, value, given) => layer.add('LeakyRelu', [value], { alpha: float(given.number('negative_slope', given.number('alpha', 0.2))) }),
  elu: (layer, value, given) => layer.add('Elu', [value], { alpha: float(given.number('alpha', 1)) }),
  celu: (layer, value, given) => layer.add('Celu', [value], { alpha: float(given.number('alpha', 1)) }),
  selu: operator('Selu'), softplus: operator('Softplus'), softsign: operator('Softsign'), tanh: operator('Tanh'), sigmoid: operator('Sigmoid'),
  exponential: operator('Exp'), mish: operator('Mish'),
  hard_tanh: (layer, value) => clip(layer, value, -1, 1),
  hard_shrink: shrink(() => 0), soft_shrink: shrink((lambd) => lambd),
  tanh_shrink: (layer, value) => layer.add('Sub', [value, layer.add('Tanh', [value])]),
  // log σ(x) = −softplus(−x)
  log_sigmoid: (layer, value) => layer.add('Neg', [layer.add('Softplus', [layer.add('Neg', [value])])]),
  // clip(0.5 (x + 1), 0, 1)
  sparse_sigmoid: (layer, value) => layer.add('HardSigmoid', [value], { alpha: float(0.5), beta: float(0.5) }),
};

const alongAxis = new Set(['softmax', 'log_softmax', 'glu', 'sparsemax']);

export const isActivation = (name: string): boolean => Object.hasOwn(elementwise, name) || alongAxis.has(name);

/** Name and parameters of an activation: a name, or an object with its class and configuration. */
function readActivation(layer: LayerScope, value: unknown): { readonly name: string; readonly given: Fields } {
  const given = (config: unknown): Fields => new Fields(layer.fields.file, `${layer.fields.path}.activation`, isObject(config) ? config : {});
  if (value === undefined || value === null) return { name: 'linear', given: given({}) };
  if (typeof value === 'string') return { name: value, given: given({}) };
  const name = isObject(value) ? (typeof value.config === 'string' ? value.config : value.class_name) : undefined;
  if (typeof name !== 'string') throw layer.fields.refuse('activation', say('the name of an activation'));
  return { name, given: given(isObject(value) ? value.config : {}) };
}

/** "LeakyReLU", "ReLU" and the like where a layer stands for its function. */
const asFunction: Readonly<Record<string, string>> = {
  ReLU: 'relu', LeakyReLU: 'leaky_relu', ELU: 'elu', Softmax: 'softmax', PReLU: 'prelu', Mish: 'mish', Activation: 'activation',
};

/** The activation that a field of a layer names, applied; one that is not known becomes an operator that nothing is known of. */
export function activate(layer: LayerScope, signal: Signal, field = 'activation', otherwise?: string): Signal {
  const { name: written, given } = readActivation(layer, layer.fields.raw(field) ?? otherwise);
  const name = asFunction[written] ?? written;
  return activateBy(layer, signal, name === 'activation' ? given.string('activation', 'linear') : name, given);
}

export function activateBy(layer: LayerScope, signal: Signal, name: string, given: Fields): Signal {
  const apply = elementwise[name];
  if (apply && Object.hasOwn(elementwise, name)) return name === 'linear' ? signal : layer.each(signal, (value) => apply(layer, value, given));
  if (name === 'softmax' || name === 'log_softmax') return softmax(layer, signal, name === 'softmax' ? 'Softmax' : 'LogSoftmax', given);
  if (name === 'glu') return gatedUnit(layer, signal, given.integer('axis', -1));
  return unknownFunction(layer, signal, name);
}

function softmax(layer: LayerScope, signal: Signal, op: string, given: Fields): Signal {
  const axis = given.raw('axis') ?? -1;
  if (typeof axis === 'number') return signalOf(layer.add(op, [layer.plain(signal)], { axis }), signal.shape);
  // Over several axes at once: exp(x) divided by its sum over them.
  const powers = layer.add('Exp', [layer.plain(signal)]);
  const sum = layer.add('ReduceSum', [powers, layer.ints(given.list('axis').map(Number))], { keepdims: 1 });
  return signalOf(layer.add('Div', [powers, sum]), signal.shape);
}

/** The first half of an axis times the sigmoid of the second. */
function gatedUnit(layer: LayerScope, signal: Signal, axis: number): Signal {
  const size = sizeAt(signal.shape, axis);
  const [value = '', gate = ''] = layer.addMany('Split', [layer.plain(signal)], 2, { axis, num_outputs: 2 });
  const at = axis < 0 ? axis + signal.shape.length : axis;
  const shape: Shape = signal.shape.map((each, i) => (i === at && size !== null ? size / 2 : each));
  return signalOf(layer.add('Mul', [value, layer.add('Sigmoid', [gate])]), shape);
}

/** What follows is read as if the signal had kept its shape. */
export function unknownFunction(layer: LayerScope, signal: Signal, name: string): Signal {
  return layer.each(signal, (value) => layer.unknown(name, [value]));
}
