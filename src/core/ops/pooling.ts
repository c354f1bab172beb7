import { intAttribute, intsAttribute } from '../graph/graph';
import { windowOf } from './convolution';
import type { OperatorSpec, RuleContext } from './spec';

/**
 * MaxPool: Y[n, c, o] = X[i*(o)] for the position of the largest element under the window, so dX[i] = Σ_{o : i*(o) = i} dY[o]. ONNX
 * gives i* as the output `Indices`, flat over the whole tensor, and ScatterElements adds where windows overlap.
 * AveragePool: Y[o] = Σ_k X̄[s·o + k] / count(o), so dX̄ is a transposed convolution of dY / count with a kernel of ones, channel by
 * channel. `count` is the same pooling of ones, times the window: it knows of borders and count_include_pad.
 */
export const pooling: readonly OperatorSpec[] = [
  {
    op: 'MaxPool',
    inputs: ['X'],
    outputs: ['Y', 'Indices'],
    gradient: { X: ({ m, x, y, dy, shapeOf }) => m.scatterAdd(shapeOf(x('X')), y('Indices'), dy('Y')) },
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
  // Y = max over all spatial axes
  {
    op: 'GlobalMaxPool',
    inputs: ['X'],
    outputs: ['Y'],
    gradient: { X: ({ m, x, y, dy }) => m.masked(m.equal(x('X'), y('Y')), dy('Y')) },
  },
];

function averageGradient({ node, m, x, dy, y, shapeOf }: RuleContext): string {
  const shape = shapeOf(x('X'));
  const output = shapeOf(y('Y'));
  const channels = shape[1] ?? 1;
  const kernel = intsAttribute(node, 'kernel_shape') ?? shape.slice(2).map(() => 1);
  const window = windowOf(node, kernel, shape);
  const area = kernel.reduce((all, size) => all * size, 1);
  const includesPad = intAttribute(node, 'count_include_pad', 0) === 1;
  // Share of each window that is counted, as the mean over the window including its padding.
  const ones = m.expand(m.constant(1), shape);
  const covered = m.graph.add('AveragePool', [ones], {
    kernel_shape: kernel, strides: window.strides, pads: [...window.padBegin, ...window.padEnd], count_include_pad: 1,
    ceil_mode: intAttribute(node, 'ceil_mode', 0),
  });
  const share = includesPad ? m.scale(dy('Y'), 1 / area) : m.scale(m.div(dy('Y'), covered), 1 / area);
  const outputPadding = kernel.map((size, i) => {
    const reach = (window.strides[i] ?? 1) * ((output[i + 2] ?? 1) - 1) + size;
    return (shape[i + 2] ?? 1) + (window.padBegin[i] ?? 0) + (window.padEnd[i] ?? 0) - reach;
  });
  const spread = m.graph.add('ConvTranspose', [share, m.expand(m.constant(1), [channels, 1, ...kernel])], {
    strides: window.strides,
    pads: [...window.padBegin, ...window.padEnd.map((pad, i) => pad - Math.min(0, outputPadding[i] ?? 0))],
    output_padding: outputPadding.map((pad) => Math.max(0, pad)),
    group: channels,
  });
  return spread;
}
