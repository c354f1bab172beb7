import type { Algebra } from '../algebra';
import type { Call, LoweredOperator } from './lowering';

const microsoft = 'com.microsoft';
const always = (): boolean => true;
const never = (): boolean => false;

export const gelu = (m: Algebra, value: string, approximate: 'none' | 'tanh' = 'none'): string => m.graph.add('Gelu', [value], { approximate });
/** x σ(αx) (Ramachandran et al. 2017, arXiv 1710.05941) */
export const swish = (m: Algebra, value: string, alpha: number): string => m.mul(value, m.sigmoid(m.scale(value, alpha)));

/** Activations behind a bias, or without one, as ONNX Runtime's tools fuse them (its ContribOperators.md). */
export const loweredActivations: readonly LoweredOperator[] = [
  // ONNX Swish, opset 24
  { op: 'Swish', inputs: ['X'], outputs: ['Y'], shapeless: always, lower: ({ m, x, float }) => ({ Y: swish(m, x('X'), float('alpha', 1)) }) },
  {
    op: 'QuickGelu', domain: microsoft, inputs: ['X'], outputs: ['Y'], shapeless: always,
    lower: ({ m, x, float }) => ({ Y: swish(m, x('X'), float('alpha', 1.702)) }),
  },
  { op: 'Gelu', domain: microsoft, inputs: ['X'], outputs: ['Y'], shapeless: always, lower: ({ m, x }) => ({ Y: gelu(m, x('X')) }) },
  {
    op: 'FastGelu', domain: microsoft, inputs: ['X', 'bias'], outputs: ['Y'], shapeless: always,
    parameters: { bias: { role: 'bias' } },
    lower: (c) => ({ Y: gelu(c.m, biased(c, c.x('X'), 'bias'), 'tanh') }),
  },
  {
    op: 'BiasGelu', domain: microsoft, inputs: ['A', 'B'], outputs: ['C'], shapeless: always,
    parameters: { B: { role: 'bias' } },
    lower: (c) => ({ C: gelu(c.m, biased(c, c.x('A'), 'B')) }),
  },
  // The first half of X + bias, times the GELU of the second.
  {
    op: 'BiasSplitGelu', domain: microsoft, inputs: ['X', 'bias'], outputs: ['Y'], shapeless: always, kernel: never,
    parameters: { bias: { role: 'bias' } },
    lower: (c) => {
      const [left = '', right = ''] = c.m.graph.addMany('Split', [biased(c, c.x('X'), 'bias')], 2, { axis: -1, num_outputs: 2 });
      return { Y: c.m.mul(left, gelu(c.m, right)) };
    },
  },
  {
    op: 'BiasAdd', domain: microsoft, inputs: ['X', 'bias', 'skip'], outputs: ['Y'], shapeless: always, kernel: never,
    parameters: { bias: { role: 'bias' } },
    lower: (c) => ({ Y: c.m.add(biased(c, c.x('X'), 'bias'), c.x('skip')) }),
  },
];

/** The value plus an optional input. */
export function biased({ m, has, x }: Call, value: string, formal: string): string {
  return has(formal) ? m.add(value, x(formal)) : value;
}

/** The activation that a fused operator names, with its parameters in their order there. */
export function named(m: Algebra, value: string, activation: string, parameters: readonly number[]): string | null {
  const [first = 0, second = 0] = parameters;
  switch (activation) {
    case '': return value;
    case 'Relu': case 'Tanh': case 'Sigmoid': case 'Softplus': case 'Softsign': return m.graph.add(activation, [value]);
    case 'HardSwish': return m.graph.add('HardSwish', [value]);
    case 'LeakyRelu': return m.graph.add('LeakyRelu', [value], { alpha: m.float(first) });
    case 'Elu': return m.graph.add('Elu', [value], { alpha: m.float(first) });
    case 'HardSigmoid': return m.graph.add('HardSigmoid', [value], { alpha: m.float(first), beta: m.float(second) });
    case 'Clip': return m.graph.add('Clip', [value, m.constant(first), m.constant(second)]);
    default: return null;
  }
}
