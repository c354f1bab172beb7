// The shape of what an operator gives, from the shapes of what it is given (ONNX operator specification), and integers that shapes are worked out with.

import { elementCount } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { intAttribute, intsAttribute, stringAttribute } from '../graph/graph';
import { specOf } from '../ops/registry';
import { permuted, unsqueezed } from './source';

export type Shape = readonly number[];

export interface ShapeContext {
  readonly node: Node;
  /** Null where it is not known, or not given. */
  readonly shape: (position: number) => Shape | null;
  /** Numbers that an input holds. */
  readonly integers: (position: number) => readonly number[] | null;
  readonly isGiven: (position: number) => boolean;
}

type Rule = (context: ShapeContext) => Shape | null;

const at = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** NumPy's: axes from the last on, of which one may be 1. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => Math.max(a.at(i - rank) ?? 1, b.at(i - rank) ?? 1));
}

const broadcastAll: Rule = ({ node, shape }) => (
  node.inputs.reduce<Shape | null>((all, _, position) => { const next = shape(position); return all && next && broadcast(all, next); }, []));
const same: Rule = ({ shape }) => shape(0);

/** Leading axes broadcast; of the last two the inner ones are summed over. */
const product: Rule = ({ shape }) => {
  const [a, b] = [shape(0), shape(1)];
  if (!a || !b || a.length === 0 || b.length === 0) return null;
  const [rows, columns] = [a.length > 1 ? a.slice(-2, -1) : [], b.length > 1 ? b.slice(-1) : []];
  return [...broadcast(a.slice(0, -2), b.slice(0, -2)), ...rows, ...columns];
};

const gemm: Rule = ({ node, shape }) => {
  const [a, b] = [shape(0), shape(1)];
  const [rows, columns] = [a?.[intAttribute(node, 'transA', 0) === 1 ? 1 : 0], b?.[intAttribute(node, 'transB', 0) === 1 ? 0 : 1]];
  return rows === undefined || columns === undefined ? null : [rows, columns];
};

/** Places of a window along an axis, by the padding of the specification's auto_pad. */
function places(node: Node, axis: number, input: number, window: number, roundsUp = false): number {
  const [stride, dilation] = [intsAttribute(node, 'strides')?.[axis] ?? 1, intsAttribute(node, 'dilations')?.[axis] ?? 1];
  const padding = stringAttribute(node, 'auto_pad', 'NOTSET');
  if (padding.startsWith('SAME')) return Math.ceil(input / stride);
  const pads = padding === 'VALID' ? [] : intsAttribute(node, 'pads') ?? [];
  const padded = input + (pads[axis] ?? 0) + (pads[axis + pads.length / 2] ?? 0);
  const count = (padded - dilation * (window - 1) - 1) / stride;
  return (roundsUp ? Math.ceil(count) : Math.floor(count)) + 1;
}

const convolution: Rule = ({ node, shape }) => {
  const [input, kernel] = [shape(0), shape(1)];
  if (!input || input.length !== kernel?.length) return null;
  return [input[0] ?? 1, kernel[0] ?? 1, ...input.slice(2).map((size, axis) => places(node, axis, size, kernel[axis + 2] ?? 1))];
};

/** ONNX ConvTranspose: stride (in − 1) + output_padding + dilation (k − 1) + 1 − pads, or what `output_shape` says. */
const transposed: Rule = ({ node, shape }) => {
  const [input, kernel, given] = [shape(0), shape(1), intsAttribute(node, 'output_shape')];
  if (!input || input.length !== kernel?.length) return null;
  const [strides, dilations, extra] = ['strides', 'dilations', 'output_padding'].map((name) => intsAttribute(node, name));
  const isSame = stringAttribute(node, 'auto_pad', 'NOTSET').startsWith('SAME');
  const pads = intsAttribute(node, 'pads') ?? [];
  const sizes = input.slice(2).map((size, axis) => {
    const stride = strides?.[axis] ?? 1;
    if (given) return given.at(axis - (input.length - 2)) ?? size;
    if (isSame) return size * stride;
    const reach = (dilations?.[axis] ?? 1) * ((kernel[axis + 2] ?? 1) - 1) + 1;
    return stride * (size - 1) + (extra?.[axis] ?? 0) + reach - (pads[axis] ?? 0) - (pads[axis + pads.length / 2] ?? 0);
  });
  return [input[0] ?? 1, (kernel[1] ?? 1) * intAttribute(node, 'group', 1), ...sizes];
};

const pool: Rule = ({ node, shape }) => {
  const [input, windows] = [shape(0), intsAttribute(node, 'kernel_shape')];
  if (!input || !windows) return null;
  const up = intAttribute(node, 'ceil_mode', 0) === 1;
  return [...input.slice(0, 2), ...input.slice(2).map((size, axis) => places(node, axis, size, windows[axis] ?? 1, up))];
};

const globalPool: Rule = ({ shape }) => shape(0)?.map((size, axis) => (axis < 2 ? size : 1)) ?? null;

const reduced: Rule = ({ node, shape, integers, isGiven }) => {
  const input = shape(0);
  const given = integers(1) ?? intsAttribute(node, 'axes');
  if (!input || (isGiven(1) && !given)) return null;
  if (!given && intAttribute(node, 'noop_with_empty_axes', 0) === 1) return input;
  const axes = new Set(given?.map((axis) => at(axis, input.length)) ?? input.keys());
  return intAttribute(node, 'keepdims', 1) === 1 ? input.map((size, axis) => (axes.has(axis) ? 1 : size)) : input.filter((_, axis) => !axes.has(axis));
};

/** 0 keeps an axis, −1 takes what is left. */
const reshaped: Rule = ({ node, shape, integers }) => {
  const [input, wanted] = [shape(0), integers(1)];
  if (!input || !wanted) return null;
  const kept = intAttribute(node, 'allowzero', 0) === 1 ? wanted : wanted.map((size, axis) => (size === 0 ? input[axis] ?? 1 : size));
  const rest = elementCount(input) / elementCount(kept.filter((size) => size !== -1));
  return kept.map((size) => (size === -1 ? rest : size));
};

const flattened: Rule = ({ node, shape }) => {
  const input = shape(0);
  const axis = at(intAttribute(node, 'axis', 1), input?.length ?? 0);
  return input && [elementCount(input.slice(0, axis)), elementCount(input.slice(axis))];
};

const squeezed: Rule = ({ node, shape, integers, isGiven }) => {
  const [input, axes] = [shape(0), integers(1) ?? intsAttribute(node, 'axes')];
  if (!input || (isGiven(1) && !axes)) return null;
  return axes ? input.filter((_, axis) => !axes.includes(axis) && !axes.includes(axis - input.length)) : input.filter((size) => size !== 1);
};

const widened: Rule = ({ node, shape, integers }) => {
  const [input, axes] = [shape(0), integers(1) ?? intsAttribute(node, 'axes')];
  return input && axes && unsqueezed(input, axes);
};

const joined: Rule = ({ node, shape }) => {
  const shapes = node.inputs.map((_, position) => shape(position));
  const [first] = shapes;
  if (!first) return null;
  const axis = at(intAttribute(node, 'axis', 0), first.length);
  const size = shapes.reduce<number>((sum, each) => sum + (each?.[axis] ?? NaN), 0);
  return first.with(axis, size);
};

const sliced: Rule = ({ shape, integers, isGiven }) => {
  const input = shape(0);
  const [starts, ends, axes, steps] = [1, 2, 3, 4].map(integers);
  if (!input || !starts || !ends || (isGiven(3) && !axes) || (isGiven(4) && !steps)) return null;
  return starts.reduce<Shape>((sizes, start, i) => {
    const axis = at(axes?.[i] ?? i, input.length);
    const [size, step] = [input[axis] ?? 1, steps?.[i] ?? 1];
    const [low, high] = step > 0 ? [0, size] : [-1, size - 1];
    const clamp = (bound: number): number => Math.min(high, Math.max(low, bound < 0 ? bound + size : bound));
    const count = Math.ceil((clamp(ends[i] ?? size) - clamp(start)) / step);
    return axis < sizes.length ? sizes.with(axis, Math.max(0, count)) : sizes;
  }, input);
};

const gathered: Rule = ({ node, shape, integers }) => {
  const [input, indices] = [shape(0), shape(1) ?? (integers(1)?.length === 1 ? [] : null)];
  const axis = at(intAttribute(node, 'axis', 0), input?.length ?? 0);
  return input && indices && input.toSpliced(axis, 1, ...indices);
};

const padded: Rule = ({ node, shape, integers, isGiven }) => {
  const [input, pads, given] = [shape(0), integers(1) ?? intsAttribute(node, 'pads'), integers(3)];
  if (!input || !pads || (isGiven(3) && !given)) return null;
  const axes = given?.map((axis) => at(axis, input.length)) ?? [...input.keys()];
  return input.map((size, axis) => {
    const place = axes.indexOf(axis);
    return place < 0 ? size : size + (pads[place] ?? 0) + (pads[place + axes.length] ?? 0);
  });
};

const resized: Rule = ({ shape, integers }) => {
  const [input, scales, sizes] = [shape(0), integers(2), integers(3)];
  if (!input) return null;
  if (sizes?.length === input.length) return sizes;
  return scales?.length === input.length ? input.map((size, axis) => Math.floor(size * (scales[axis] ?? 1))) : null;
};

const expanded: Rule = ({ shape, integers }) => {
  const [input, wanted] = [shape(0), integers(1)];
  return input && wanted && broadcast(input, wanted);
};

const tiled: Rule = ({ shape, integers }) => {
  const [input, repeats] = [shape(0), integers(1)];
  return input && repeats && input.map((size, axis) => size * (repeats[axis] ?? 1));
};

/** Of the queries, with the width of the values: heads have an axis of their own, or lie side by side. */
const attention: Rule = ({ node, shape }) => {
  const [query, value] = [shape(0), shape(2)];
  if (!query || !value) return null;
  const width = value.at(-1) ?? 1;
  const repeats = query.length === 4 ? 1 : intAttribute(node, 'q_num_heads', 1) / intAttribute(node, 'kv_num_heads', 1);
  return query.with(-1, width * repeats);
};

/** [directions …] of ONNX' recurrent layers: all states, and the last. */
function recurrent({ shape }: ShapeContext): readonly (Shape | null)[] {
  const [x, kernel] = [shape(0), shape(2)];
  if (!x || !kernel) return [];
  const [directions = 1, , hidden = 1] = kernel;
  const [length = 1, batch = 1] = x;
  const last = [directions, batch, hidden];
  return [[length, directions, batch, hidden], last, last];
}

function split({ node, shape, integers, isGiven }: ShapeContext): readonly (Shape | null)[] {
  const [input, given] = [shape(0), integers(1) ?? intsAttribute(node, 'split')];
  if (!input || (isGiven(1) && !given)) return [];
  const axis = at(intAttribute(node, 'axis', 0), input.length);
  const each = Math.ceil((input[axis] ?? 1) / node.outputs.length);
  return node.outputs.map((_, i) => input.with(axis, given?.[i] ?? Math.min(each, (input[axis] ?? 1) - i * each)));
}

const depthToSpace: Rule = ({ node, shape }) => {
  const [[n = 1, c = 1, h = 1, w = 1], block] = [shape(0) ?? [], intAttribute(node, 'blocksize', 1)];
  return shape(0) && (node.op === 'DepthToSpace' ? [n, c / block ** 2, h * block, w * block] : [n, c * block ** 2, h / block, w / block]);
};

const rules: ReadonlyMap<string, Rule> = new Map(Object.entries({
  MatMul: product, Gemm: gemm, Conv: convolution, ConvTranspose: transposed, MaxPool: pool, AveragePool: pool, LpPool: pool,
  GlobalAveragePool: globalPool, GlobalMaxPool: globalPool, GlobalLpPool: globalPool, Reshape: reshaped, Flatten: flattened, Squeeze: squeezed,
  Unsqueeze: widened, Concat: joined, Slice: sliced, Gather: gathered, Pad: padded, Resize: resized, Expand: expanded, Tile: tiled,
  Transpose: ({ node, shape }: ShapeContext) => { const input = shape(0); return input && permuted(node, input); },
  ConstantOfShape: ({ integers }: ShapeContext) => integers(0), Where: broadcastAll, DepthToSpace: depthToSpace, SpaceToDepth: depthToSpace,
  Shape: ({ node, shape }: ShapeContext) => {
    const axes = shape(0)?.slice(intAttribute(node, 'start', 0), intAttribute(node, 'end', Infinity));
    return axes ? [axes.length] : null;
  },
  Attention: attention,
  ...Object.fromEntries(['Mean', 'Sum', 'Max', 'Min', 'Prod', 'L1', 'L2', 'LogSum', 'LogSumExp', 'SumSquare'].map((name) => [`Reduce${name}`, reduced])),
  ArgMax: reduced, ArgMin: reduced,
  ...Object.fromEntries([
    'Softmax', 'LogSoftmax', 'InstanceNormalization', 'LayerNormalization', 'GroupNormalization', 'RMSNormalization', 'LRN',
    'LpNormalization', 'MeanVarianceNormalization', 'Dropout', 'Identity', 'Cast', 'CastLike', 'Clip', 'Trilu', 'QuantizeLinear', 'DequantizeLinear', 'CumSum',
    'ScatterND', 'ScatterElements', 'ReverseSequence', 'Not', 'IsNaN', 'Hardmax', 'EyeLike', 'RotaryEmbedding', 'Abs', 'Ceil', 'Cos', 'Cosh', 'Erf', 'Exp',
    'Floor', 'Gelu', 'Log', 'Mish', 'Neg', 'Reciprocal', 'Round', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Sqrt', 'Swish', 'Tan', 'PRelu',
  ].map((op) => [op, same])),
}));

const several: ReadonlyMap<string, (context: ShapeContext) => readonly (Shape | null)[]> = new Map(Object.entries({
  LSTM: recurrent, GRU: recurrent, RNN: recurrent, Split: split,
  // The statistics of a batch are those of its channels.
  BatchNormalization: ({ node, shape }: ShapeContext) => node.outputs.map((_, i) => shape(Math.min(i, 1))),
}));

const comparing = new Set(['Pow', 'Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Xor', 'Mod', 'BitwiseAnd', 'BitwiseOr']);

/** Of each output; null of one that is not known. */
export function shapesOf(context: ShapeContext): readonly (Shape | null)[] {
  const { node } = context;
  if (node.domain !== '' && node.domain !== 'com.microsoft') return [];
  const many = several.get(node.op);
  if (many) return many(context);
  const rule = rules.get(node.op);
  if (rule) return [rule(context)];
  const spec = specOf(node);
  if (spec?.broadcasts || comparing.has(node.op)) return [broadcastAll(context)];
  return spec?.activation ? [same(context)] : [];
}
