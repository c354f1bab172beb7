// Operations of Keras 3 between layers (keras.ops), and those of TensorFlow that Keras 2 wraps as layers (TFOpLambda).

import { say } from '../../../protocol/words';
import { activateBy } from '../activations';
import { asList, isObject } from '../fields';
import type { LayerScope } from '../scope';
import type { Shape, Signal } from '../signal';
import { broadcast, signalOf } from '../signal';
import { mergingLayers } from './merging';
import { toSnakeCase } from '../names';
import type { CallContext, DescribeLayer, LayerTable } from './table';

/** A parameter, from the configuration of Keras 3, by name or by position in the call. */
function parameter(layer: LayerScope, { constants }: CallContext, names: readonly string[], position: number): unknown {
  for (const name of names) {
    const value = layer.fields.raw(name) ?? constants.get(name);
    if (value !== undefined) return value;
  }
  return constants.get(`#${position}`);
}

const binary = (op: string): DescribeLayer => (layer, inputs, { constants }) => {
  const given = constants.get('y') ?? constants.get('x2');
  const [a, b] = typeof given === 'number' ? [inputs[0], signalOf(layer.scalar(given), [])] : inputs;
  if (!b) throw layer.refuse(say('needs two operands'));
  // One operand in the channels-first layout, and a number: the layout stays.
  if (b.shape.length === 0) return layer.each(a, (value) => layer.add(op, [value, layer.plain(b)]));
  return signalOf(layer.add(op, [layer.plain(a), layer.plain(b)]), broadcast(a.shape, b.shape), comparisons.has(op) ? 'bool' : 'float32');
};

const comparisons = new Set(['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'Equal']);

const unary = (op: string): DescribeLayer => (layer, [signal]) => layer.each(signal, (value) => layer.add(op, [value]));

const whole = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) ? value : NaN);

/** Axes from the front; all where none are named. */
function axesOf(value: unknown, rank: number): readonly number[] {
  if (value === undefined || value === null) return Array.from({ length: rank }, (_, i) => i);
  return (asList(value) ?? [value]).map((axis) => (whole(axis) < 0 ? whole(axis) + rank : whole(axis)));
}

const reduction = (op: string): DescribeLayer => (layer, [signal], context) => {
  const axes = axesOf(parameter(layer, context, ['axis'], 1), signal.shape.length);
  const keeps = parameter(layer, context, ['keepdims'], 2) === true;
  const shape: Shape = signal.shape.flatMap((size, i) => (axes.includes(i) ? (keeps ? [1] : []) : [size]));
  return signalOf(layer.add(op, [layer.plain(signal), layer.ints(axes)], { keepdims: keeps ? 1 : 0 }), shape);
};

const reshape: DescribeLayer = (layer, [signal], context) => {
  const target = (asList(parameter(layer, context, ['newshape', 'shape'], 1)) ?? []).map((size) => (size === null ? -1 : whole(size)));
  if (target.length === 0 || target.some(Number.isNaN)) throw layer.refuse(say('makes a shape that is not known'));
  return signalOf(layer.add('Reshape', [layer.plain(signal), layer.ints(target)]), target.map((size) => (size < 0 ? null : size)));
};

const transpose: DescribeLayer = (layer, [signal], context) => {
  const given = asList(parameter(layer, context, ['axes', 'perm'], 1));
  const perm = given ? given.map(whole) : signal.shape.map((_, i) => signal.shape.length - 1 - i);
  return signalOf(layer.transpose(layer.plain(signal), perm), perm.map((axis) => signal.shape[axis] ?? null));
};

const expandDims: DescribeLayer = (layer, [signal], context) => {
  const axis = whole(parameter(layer, context, ['axis'], 1));
  const at = axis < 0 ? axis + signal.shape.length + 1 : axis;
  return signalOf(layer.add('Unsqueeze', [layer.plain(signal), layer.ints([at])]), signal.shape.toSpliced(at, 0, 1), signal.dtype);
};

const squeeze: DescribeLayer = (layer, [signal], context) => {
  const given = parameter(layer, context, ['axis'], 1);
  const axes = given === undefined ? signal.shape.flatMap((size, i) => (size === 1 ? [i] : [])) : axesOf(given, signal.shape.length);
  return signalOf(layer.add('Squeeze', [layer.plain(signal), layer.ints(axes)]), signal.shape.filter((_, i) => !axes.includes(i)), signal.dtype);
};

const toEnd = 2 ** 31 - 1;

/** Part of a signal: an index for an axis takes it away, a slice keeps some of it. */
const getItem: DescribeLayer = (layer, [signal], context) => {
  const key = asList(parameter(layer, context, ['key', 'slice_spec'], 1)) ?? [];
  const gone: number[] = [];
  const shape = [...signal.shape];
  let value = layer.plain(signal);
  key.forEach((each, axis) => {
    const size = signal.shape[axis] ?? null;
    const config = isObject(each) && isObject(each.config) ? each.config : isObject(each) ? each : null;
    const [start, stop, step] = config ? [config.start, config.stop, config.step].map((bound) => (typeof bound === 'number' ? bound : null))
      : [whole(each), null, null];
    if (start == null && stop == null && step == null) return;
    if (!config) gone.push(axis);
    const [from, stride] = [start ?? 0, step ?? 1];
    const to = config ? stop ?? toEnd : from === -1 ? toEnd : from + 1;
    value = layer.add('Slice', [value, layer.ints([from]), layer.ints([to]), layer.ints([axis]), layer.ints([stride])]);
    const bound = (at: number, all: number): number => Math.min(all, Math.max(0, at < 0 ? at + all : at));
    shape[axis] = size === null ? null : Math.max(0, Math.ceil((bound(to, size) - bound(from, size)) / stride));
  });
  const result = gone.length === 0 ? value : layer.add('Squeeze', [value, layer.ints(gone)]);
  return signalOf(result, shape.filter((_, axis) => !gone.includes(axis)), signal.dtype);
};

const matmul: DescribeLayer = (layer, [a, b]) => {
  if (!b) throw layer.refuse(say('needs two operands'));
  return signalOf(layer.add('MatMul', [layer.plain(a), layer.plain(b)]), [...broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2)), a.shape.at(-2) ?? null,
    b.shape.at(-1) ?? null]);
};

const clip: DescribeLayer = (layer, [signal], context) => {
  const bounds = [['x_min', 'min', 'clip_value_min'], ['x_max', 'max', 'clip_value_max']].map((names, i) => parameter(layer, context, names, i + 1));
  return layer.each(signal, (value) => layer.add('Clip', [value, ...bounds.map((bound) => layer.scalar(typeof bound === 'number' ? bound : 0))]));
};

const cast: DescribeLayer = (layer, [signal], context) => {
  const to = parameter(layer, context, ['dtype'], 1);
  const isWhole = typeof to === 'string' && /^u?int/.test(to);
  return layer.each(signal, (value) => layer.add('Cast', [value], { to: isWhole ? 7 : 1 }), isWhole ? 'int64' : 'float32');
};

const where: DescribeLayer = (layer, [condition, yes, no]) => {
  if (!yes || !no) throw layer.refuse(say('needs a condition and two operands'));
  return signalOf(layer.add('Where', [layer.plain(condition), layer.plain(yes), layer.plain(no)]), [condition, yes, no].map(({ shape }) =>
    shape).reduce(broadcast));
};

/** x · x, 1 / sqrt(x) */
const square: DescribeLayer = (layer, [signal]) => layer.each(signal, (value) => layer.add('Mul', [value, value]));
const rsqrt: DescribeLayer = (layer, [signal]) => layer.each(signal, (value) => layer.add('Reciprocal', [layer.add('Sqrt', [value])]));

const merged = (name: string): DescribeLayer => (layer, inputs, context) => mergingLayers[name]?.(layer, inputs, context) ?? [];

const activations = [
  'relu', 'relu6', 'silu', 'gelu', 'sigmoid', 'softmax', 'log_softmax', 'softplus', 'softsign', 'elu', 'selu', 'celu', 'leaky_relu', 'hard_sigmoid',
    'hard_silu',
  'hard_tanh', 'hard_shrink', 'soft_shrink', 'tanh_shrink', 'log_sigmoid', 'squareplus', 'sparse_plus', 'sparse_sigmoid', 'glu', 'mish', 'swish',
];

/** By the class of Keras 3 in small letters, or by the last part of the function of TensorFlow. */
const operations: LayerTable = {
  ...Object.fromEntries(activations.map((name): [string, DescribeLayer] => [name, (layer, [signal]) => activateBy(layer, signal, name, layer.fields)])),
  add: binary('Add'), subtract: binary('Sub'), multiply: binary('Mul'), divide: binary('Div'), true_divide: binary('Div'), truediv: binary('Div'),
    power: binary('Pow'), pow: binary('Pow'),
  sub: binary('Sub'), mul: binary('Mul'), maximum: binary('Max'), minimum: binary('Min'),
  greater: binary('Greater'), greater_equal: binary('GreaterOrEqual'), less: binary('Less'), less_equal: binary('LessOrEqual'), equal: binary('Equal'),
  negative: unary('Neg'), neg: unary('Neg'), exp: unary('Exp'), log: unary('Log'), sqrt: unary('Sqrt'), absolute: unary('Abs'), abs: unary('Abs'),
    tanh: unary('Tanh'),
  sin: unary('Sin'), cos: unary('Cos'), erf: unary('Erf'), reciprocal: unary('Reciprocal'), floor: unary('Floor'), identity: (_, inputs) => inputs,
    stop_gradient: (_, inputs) => inputs,
  square, rsqrt, mean: reduction('ReduceMean'), sum: reduction('ReduceSum'), max: reduction('ReduceMax'), min: reduction('ReduceMin'),
  reduce_mean: reduction('ReduceMean'), reduce_sum: reduction('ReduceSum'), reduce_max: reduction('ReduceMax'), reduce_min: reduction('ReduceMin'),
  reshape, transpose, expand_dims: expandDims, squeeze, get_item: getItem, getitem: getItem, matmul, clip, clip_by_value: clip, cast, where,
  concatenate: merged('Concatenate'), concat: merged('Concatenate'),
};

/** `TFOpLambda` names its function in its configuration: "math.multiply", "__operators__.add". */
export function describeOperation(className: string): DescribeLayer | null {
  if (className !== 'TFOpLambda' && className !== 'SlicingOpLambda') return described(toSnakeCase(className));
  return (layer, inputs, context) => {
    const name = layer.fields.string('function', '').split('.').at(-1) ?? '';
    const describe = described(name);
    return describe ? describe(layer, inputs, context) : inputs.slice(0, 1).map((signal): Signal =>
      signalOf(layer.unknown(name, inputs.map((each) => layer.plain(each))), signal.shape));
  };
}

const described = (name: string): DescribeLayer | null => (Object.hasOwn(operations, name) ? operations[name] ?? null : null);
