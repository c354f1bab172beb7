// Products of matrices, and what is taken along the last axis.

import { broadcast } from '../../keras/signal';
import type { Shape } from '../../keras/signal';
import type { Operation, Rule, Rules } from '../operation';
import { axisOf, signalOf } from '../signal';
import type { Signal } from '../signal';
import { imageOf, fromImage } from './convolution';
import { fused } from './fused';

/** The last two axes exchanged; null where the rank is not known. */
function turned(operation: Operation, value: string, shape: Shape | null): string | null {
  if (!shape || shape.length < 2) return null;
  const axes = Array.from(shape, (_, i) => i);
  return operation.transpose(value, [...axes.slice(0, -2), shape.length - 1, shape.length - 2]);
}

const exchanged = (shape: Shape | null, isTurned: boolean): Shape | null => (
  shape && isTurned ? [...shape.slice(0, -2), shape.at(-1) ?? null, shape.at(-2) ?? null] : shape);

/** [..., n, k] · [..., k, m] */
function productShape(a: Shape | null, b: Shape | null): Shape | null {
  return a && b && a.length >= 2 && b.length >= 2 ? [...broadcast(a.slice(0, -2), b.slice(0, -2)), a.at(-2) ?? null, b.at(-1) ?? null] : null;
}

const product = (first: string, second: string): Rule => (operation) => {
  const [a, b] = [operation.input(0), operation.input(1)];
  const [turnsA, turnsB] = [operation.attributes.flag(first), operation.attributes.flag(second)];
  const left = turnsA ? turned(operation, operation.plain(a), a.shape) : operation.plain(a);
  const right = turnsB ? turned(operation, operation.plain(b), b.shape) : operation.plain(b);
  if (left === null || right === null) return null;
  const shape = productShape(exchanged(a.shape, turnsA), exchanged(b.shape, turnsB));
  return fused(operation, (bias) => {
    const value = operation.add('MatMul', [left, right]);
    return signalOf(bias === null ? value : operation.add('Add', [value, operation.plain(bias)]), shape);
  });
};

const einsum: Rule = (operation) => {
  const equation = operation.attributes.text('equation', '').replaceAll(' ', '');
  const [, output] = equation.split('->');
  if (output === undefined) throw operation.refuse(`has the equation ${JSON.stringify(equation.slice(0, 60))} where one with "->" was expected`);
  return signalOf(operation.add('Einsum', operation.inputs.map((each) => operation.plain(each)), { equation }), shapeBy(equation, operation.inputs));
};

/** Of letters alone, each of which has one size; an ellipsis stands for as many as there are. */
function shapeBy(equation: string, inputs: readonly Signal[]): Shape | null {
  const [given = '', made = ''] = equation.split('->');
  if (equation.includes('.')) return null;
  const sizes = new Map(given.split(',').flatMap((labels, i) => Array.from(labels, (label, axis) => [label, inputs[i]?.shape?.[axis] ?? null] as const)));
  return Array.from(made, (label) => sizes.get(label) ?? null);
}

const alongLast = (op: string): Rule => (operation) => {
  const x = operation.input(0);
  return signalOf(operation.add(op, [operation.plain(x)], { axis: -1 }), x.shape);
};

/** The vector along the channels, whichever axis they are. */
const biasAdd: Rule = (operation) => {
  const [x, bias] = [operation.input(0), operation.input(1)];
  const isNchw = operation.attributes.text('data_format', 'NHWC') === 'NCHW' && (x.shape?.length ?? 0) > 2;
  if (!isNchw) return operation.together([x, bias], (a = '', b = '') => operation.add('Add', [a, b]), x.dtype);
  const column = operation.add('Reshape', [operation.plain(bias), operation.ints([-1, ...Array.from({ length: (x.shape?.length ?? 2) - 2 }, () => 1)])]);
  return signalOf(operation.add('Add', [operation.plain(x), column]), x.shape);
};

/** x / (bias + α Σ x²)^β over 2 r + 1 neighbours; ONNX divides α by their number. */
const lrn: Rule = (operation) => {
  const { attributes } = operation;
  const image = imageOf(operation, operation.input(0), 2);
  const size = 2 * attributes.whole('depth_radius', 5) + 1;
  if (!Number.isSafeInteger(size) || size < 1) throw operation.refuse(`has a depth_radius of ${(size - 1) / 2} where a whole number from 0 on was expected`);
  const float = (name: string, otherwise: number, by = 1): { kind: 'float'; value: number } => (
    { kind: 'float', value: attributes.number(name, otherwise) * by });
  const value = operation.add('LRN', [image.value], { size, alpha: float('alpha', 1, size), beta: float('beta', 0.5), bias: float('bias', 1) });
  return fromImage(operation, { ...image, value });
};

/** The largest along the last axis, and where they are. */
const topK: Rule = (operation) => {
  const [x, count] = [operation.input(0), operation.input(1)];
  const known = operation.list(1)?.[0] ?? null;
  const shape = x.shape?.with(-1, known) ?? null;
  const [values = '', indices = ''] = operation.addMany('TopK', [operation.plain(x), operation.plain(operation.flat(count))], 2,
    { axis: -1, sorted: operation.attributes.flag('sorted', true) ? 1 : 0 });
  return [signalOf(values, shape, x.dtype), signalOf(indices, shape, 'int64')];
};

const cumulated: Rule = (operation) => {
  const [x, axis] = [operation.input(0), operation.list(1)?.[0]];
  if (axis === undefined || (x.shape && axisOf(axis, x.shape.length) === null)) return null;
  const { attributes } = operation;
  const value = operation.add('CumSum', [operation.plain(x), operation.scalar(axis, 'int64')],
    { exclusive: attributes.flag('exclusive') ? 1 : 0, reverse: attributes.flag('reverse') ? 1 : 0 });
  return signalOf(value, x.shape, x.dtype);
};

export const matrices: Rules = {
  MatMul: product('transpose_a', 'transpose_b'), _FusedMatMul: product('transpose_a', 'transpose_b'),
  BatchMatMul: product('adj_x', 'adj_y'), BatchMatMulV2: product('adj_x', 'adj_y'), BatchMatMulV3: product('adj_x', 'adj_y'),
  Einsum: einsum, Softmax: alongLast('Softmax'), LogSoftmax: alongLast('LogSoftmax'), BiasAdd: biasAdd, BiasAddV1: biasAdd, LRN: lrn, TopKV2: topK,
  Cumsum: cumulated,
};
