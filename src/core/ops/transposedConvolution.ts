import type { Node } from '../graph/graph';
import { intAttribute, intsAttribute, stringAttribute } from '../graph/graph';
import { correlate } from './convolution';
import type { Window } from './convolution';
import type { OperatorSpec } from './spec';

/**
 * Ȳ[n, m, s·i + d·k] = B[m] + Σ_{c, k} W[c, m, k] · X[n, c, i] over the channels c of m's group, s the strides, d the dilations; Y is Ȳ
 * without its first and last elements, the pads. It is the transpose of a convolution, so with dȲ, which is dY zero-padded:
 *   dX[n, c, i] = Σ_{m, k} W[c, m, k] · dȲ[n, m, s·i + d·k], the convolution of dY with the same W;
 *   dW[c, m, k] = Σ_{n, i} X[n, c, i] · dȲ[n, m, s·i + d·k], the convolution's own with X for cotangent.
 */
export const ConvTranspose: OperatorSpec = {
  op: 'ConvTranspose',
  inputs: ['X', 'W', 'B'],
  outputs: ['Y'],
  gradient: {
    X: ({ node, m, x, dy, y, shapeOf }) => {
      const { strides, dilations, padBegin, padEnd } = windowOf(node, shapeOf(x('W')).slice(2), shapeOf(x('X')), shapeOf(y('Y')));
      // What Y has beyond the last window, by its output padding or shape, no element of X has entered.
      const beyond = m.pad(dy('Y'), [0, 0, ...padBegin.map(() => 0), 0, 0, ...padEnd.map((pad) => Math.min(0, pad))]);
      const pads = [...padBegin, ...padEnd.map((pad) => Math.max(0, pad))];
      return m.graph.add('Conv', [beyond, x('W')], { strides, dilations, pads, group: intAttribute(node, 'group', 1) });
    },
    W: ({ node, m, x, dy, y, shapeOf }) => {
      const window = windowOf(node, shapeOf(x('W')).slice(2), shapeOf(x('X')), shapeOf(y('Y')));
      const padded = m.pad(dy('Y'), [0, 0, ...window.padBegin, 0, 0, ...window.padEnd]);
      return correlate(m, {
        rows: x('X'), columns: padded, shape: shapeOf(x('X')), window, kernel: shapeOf(x('W')), group: intAttribute(node, 'group', 1),
      });
    },
    B: ({ m, dy, y, shapeOf }) => m.sum(dy('Y'), shapeOf(y('Y')).flatMap((_, axis) => (axis === 1 ? [] : [axis])), false),
  },
  parameters: {
    // W is [C, M/g, k…]. With stride s an output element is reached by one tap in Πs: it sums C/g · Πk / Πs products, and an input element
    // enters M/g · Πk output elements.
    W: {
      role: 'kernel',
      fans: ([C = 1, outputs = 1, ...kernel], node) => ({
        fanIn: ((C / intAttribute(node, 'group', 1)) * product(kernel)) / product(intsAttribute(node, 'strides') ?? []),
        fanOut: outputs * product(kernel),
      }),
      units: ([C = 1, outputs = 1, ...kernel]) => ({ inner: product(kernel), count: C > 1 ? outputs : 1 }),
    },
    B: { role: 'bias' },
  },
};

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/**
 * The window over dY, whose pads make it as long as the windows of X reach. An output shape, and auto_pad, cut off what is too much: half of
 * it at the beginning, the odd element at the end for SAME_UPPER (ONNX ConvTranspose specification).
 */
function windowOf(node: Node, kernel: readonly number[], X: readonly number[], Y: readonly number[]): Window {
  const strides = intsAttribute(node, 'strides') ?? kernel.map(() => 1);
  const dilations = intsAttribute(node, 'dilations') ?? kernel.map(() => 1);
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  const reach = kernel.map((size, i) => (strides[i] ?? 1) * ((X[i + 2] ?? 1) - 1) + (dilations[i] ?? 1) * (size - 1) + 1);
  const padBegin = reach.map((length, i) => {
    if (autoPad === 'NOTSET' && !node.attributes.output_shape) return intsAttribute(node, 'pads')?.[i] ?? 0;
    const total = Math.max(0, length + (intsAttribute(node, 'output_padding')?.[i] ?? 0) - (Y[i + 2] ?? 1));
    return autoPad === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
  });
  return { kernel, strides, dilations, padBegin, padEnd: reach.map((length, i) => length - (padBegin[i] ?? 0) - (Y[i + 2] ?? 1)) };
}
