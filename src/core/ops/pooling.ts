import { intsAttribute } from '../graph/graph';
import { windowOf } from './convolution';
import type { OperatorSpec, RuleContext } from './spec';

/**
 * MaxPool: Y[n, c, o] = X[i*(o)] for the position of the largest element under the window, so dX[i] = Σ_{o : i*(o) = i} dY[o]. ONNX
 * gives i* as the output `Indices`, flat over the whole tensor, and ScatterElements adds where windows overlap.
 * LpPool: Y[o] = (Σ_k |X̄[s·o + d·k]|^p)^{1/p}.
 * AveragePool: Y[o] = Σ_k X̄[s·o + d·k] / count(o), so dX̄ is a transposed convolution of dY / count with a kernel of ones, channel by
 * channel.
 */
export const pooling: readonly OperatorSpec[] = [
  {
    op: 'MaxPool',
    inputs: ['X'],
    outputs: ['Y', 'Indices'],
    outputType: (_, output) => (output === 1 ? 'int64' : undefined),
    gradient: { X: (r) => r.m.scatterAdd(r.shapeOf(r.x('X')), maximumIndices(r), r.dy('Y')) },
  },
  { op: 'AveragePool', inputs: ['X'], outputs: ['Y'], gradient: { X: (r) => averageGradient(r) } },
  // Y = mean over all spatial axes
  {
    op: 'GlobalAveragePool',
    inputs: ['X'],
    outputs: ['Y'],
    gradient: {
      X: ({ m, x, dy, shapeOf }) => {
        const shape = shapeOf(x('X'));
        return m.expand(m.scale(dy('Y'), 1 / shape.slice(2).reduce((all, size) => all * size, 1)), shape);
      },
    },
  },
  { op: 'LpPool', inputs: ['X'], outputs: ['Y'], gradient: { X: (r) => throughNorm(r, (value) => spread(r, value)) } },
  // Y = (Σ |X|^p)^{1/p} over all spatial axes
  { op: 'GlobalLpPool', inputs: ['X'], outputs: ['Y'], gradient: { X: (r) => throughNorm(r, (value) => value) } },
  // Y = 0 but for X at the flat indices I
  {
    op: 'MaxUnpool',
    inputs: ['X', 'I', 'output_shape'],
    outputs: ['output'],
    gradient: {
      X: ({ m, x, dy, shapeOf }) => (
        m.reshape(m.graph.add('GatherElements', [m.reshape(dy('output'), [-1]), m.reshape(x('I'), [-1])]), shapeOf(x('X')))),
      I: 'non-differentiable',
      output_shape: 'non-differentiable',
    },
  },
  // Y = max over all spatial axes
  {
    op: 'GlobalMaxPool',
    inputs: ['X'],
    outputs: ['Y'],
    gradient: { X: ({ m, x, y, dy }) => m.masked(m.equal(x('X'), y('Y')), dy('Y')) },
  },
];

/** ONNX counts `Indices` through rows first, unless storage_order asks for columns first: then the pooling is repeated without it. */
function maximumIndices({ node, m, x, y, int }: RuleContext): string {
  if (int('storage_order', 0) === 0) return y('Indices');
  const attributes = Object.fromEntries(Object.entries(node.attributes).filter(([name]) => name !== 'storage_order'));
  return m.graph.addMany('MaxPool', [x('X')], 2, attributes)[1] ?? '';
}

/** dX = sgn X |X|^{p−1} · dY Y^{1−p}, the second factor brought to X by `bring`; 0 where Y is, which has a kink there. */
function throughNorm({ m, x, y, dy, int }: RuleContext, bring: (value: string) => string): string {
  const order = int('p', 2);
  const positive = m.greater(y('Y'), m.constant(0));
  const factor = bring(m.masked(positive, m.mul(dy('Y'), m.pow(y('Y'), m.constant(1 - order)))));
  const power = order === 2 ? x('X') : m.mul(m.sign(x('X')), m.pow(m.abs(x('X')), m.constant(order - 1)));
  return m.mul(power, factor);
}

function averageGradient(r: RuleContext): string {
  const { node, m, x, dy, y, shapeOf } = r;
  const [, , ...spatial] = shapeOf(x('X'));
  const output = shapeOf(y('Y')).slice(2);
  const kernel = intsAttribute(node, 'kernel_shape') ?? spatial.map(() => 1);
  const { strides, dilations, padBegin } = windowOf(node, kernel, shapeOf(x('X')));
  // What one real element of a window weighs, 1 / count: the average of ones is real / count, which knows of ceil_mode and count_include_pad.
  const averaged = m.graph.add('AveragePool', [m.expand(m.constant(1), [1, 1, ...spatial])], node.attributes);
  const weight = kernel.reduce((value, size, axis) => {
    const length = spatial[axis] ?? 1;
    const real = Array.from({ length: output[axis] ?? 1 }, (_, o) => {
      const start = (strides[axis] ?? 1) * o - (padBegin[axis] ?? 0);
      const taken = Array.from({ length: size }, (_tap, k) => start + k * (dilations[axis] ?? 1)).filter((i) => i >= 0 && i < length);
      return Math.max(1, taken.length);
    });
    return m.div(value, m.graph.constant('float32', [real.length, ...kernel.slice(axis + 1).map(() => 1)], real));
  }, averaged);
  return spread(r, m.mul(dy('Y'), weight));
}

/** Adds each element of a tensor of Y's shape to all elements of X under its window. */
function spread({ node, m, x, y, shapeOf }: RuleContext, value: string): string {
  const [, channels = 1, ...spatial] = shapeOf(x('X'));
  const output = shapeOf(y('Y')).slice(2);
  const kernel = intsAttribute(node, 'kernel_shape') ?? spatial.map(() => 1);
  const { strides, dilations, padBegin, padEnd } = windowOf(node, kernel, shapeOf(x('X')));
  // What the input has beyond the last window; negative where ceil_mode lets the last window reach beyond the padding.
  const rest = kernel.map((size, i) => {
    const reach = (strides[i] ?? 1) * ((output[i] ?? 1) - 1) + (size - 1) * (dilations[i] ?? 1) + 1;
    return (spatial[i] ?? 1) + (padBegin[i] ?? 0) + (padEnd[i] ?? 0) - reach;
  });
  return m.graph.add('ConvTranspose', [value, m.expand(m.constant(1), [channels, 1, ...kernel])], {
    strides,
    dilations,
    pads: [...padBegin, ...padEnd.map((pad, i) => pad - Math.min(0, rest[i] ?? 0))],
    output_padding: rest.map((size) => Math.max(0, size)),
    group: channels,
  });
}
