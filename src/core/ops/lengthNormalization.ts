import { intAttribute } from '../graph/graph';
import type { OperatorSpec, RuleContext } from './spec';

/** Normalisations by a length instead of a spread: nothing is subtracted. */

/** Σ over a window of that odd number of channels around each, of [N, C, …], as an average that counts its zero padding. */
function sumOverChannels({ m }: RuleContext, value: string, shape: readonly number[], size: number): string {
  const [N = 1, C = 1, ...rest] = shape;
  const reach = (size - 1) / 2;
  const rows = m.reshape(value, [N, 1, C, rest.reduce((all, length) => all * length, 1)]);
  const mean = m.graph.add('AveragePool', [rows], { kernel_shape: [size, 1], pads: [reach, 0, reach, 0], count_include_pad: 1 });
  return m.reshape(m.scale(mean, size), shape);
}

/**
 * S = b + α/n Σ X² over a window of n channels, Y = X S^−β (Krizhevsky et al. 2012, section 3.3). ONNX Runtime takes an odd n only, with
 * which a channel is in the windows of those in its own:
 *   dX = dY S^−β − 2αβ/n · X Σ dY X S^−β−1
 */
const LRN: OperatorSpec = {
  op: 'LRN',
  inputs: ['X'],
  outputs: ['Y'],
  gradient: {
    X: (r) => {
      const { m, node, x, dy, float, shapeOf } = r;
      const shape = shapeOf(x('X'));
      const size = intAttribute(node, 'size', 1);
      const [alpha, beta] = [float('alpha', 1e-4), float('beta', 0.75)];
      const S = m.plus(m.scale(sumOverChannels(r, m.square(x('X')), shape, size), alpha / size), float('bias', 1));
      const direct = m.mul(dy('Y'), m.pow(S, m.constant(-beta)));
      const shared = sumOverChannels(r, m.div(m.mul(direct, x('X')), S), shape, size);
      return m.sub(direct, m.mul(m.scale(x('X'), (2 * alpha * beta) / size), shared));
    },
  },
};

/** Y = X / ‖X‖ along an axis, dX = (dY − ∂‖X‖/∂X · Σ dY Y) / ‖X‖, where ∂‖X‖/∂X is Y for the norm of order 2 and sgn X for that of order 1. */
const LpNormalization: OperatorSpec = {
  op: 'LpNormalization',
  inputs: ['input'],
  outputs: ['output'],
  gradient: {
    input: ({ m, x, y, dy, int }) => {
      const axes = [int('axis', -1)];
      const order = int('p', 2);
      const norm = m.reduce(order === 1 ? 'ReduceL1' : 'ReduceL2', x('input'), axes, true);
      const slope = order === 1 ? m.sign(x('input')) : y('output');
      return m.div(m.sub(dy('output'), m.mul(slope, m.sum(m.mul(dy('output'), y('output')), axes))), norm);
    },
  },
};

export const lengthNormalizations: readonly OperatorSpec[] = [LRN, LpNormalization];
