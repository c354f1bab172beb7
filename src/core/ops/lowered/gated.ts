import { say } from '../../../protocol/words';
import { swish } from './activations';
import type { Call, LoweredOperator } from './lowering';

const always = (): boolean => true;
/** ONNX Runtime for Node 1.30 knows operator sets up to 26. */
const never = (): boolean => false;

/** Operators of sets 27 and 28, which state space models and gated products came with. */
export const loweredGates: readonly LoweredOperator[] = [
  // ONNX SwiGLU, opset 28 (Shazeer 2020, arXiv 2002.05202, eq. 6)
  {
    op: 'SwiGLU', inputs: ['A', 'B'], outputs: ['Y'], shapeless: always, kernel: never,
    lower: ({ m, x, float }) => ({ Y: m.mul(swish(m, x('A'), float('alpha', 1)), x('B')) }),
  },
  // ONNX CausalConvWithState, opset 27: a depthwise convolution that looks back k − 1 steps, into the state where one is kept.
  {
    op: 'CausalConvWithState', inputs: ['input', 'weight', 'bias', 'past_state'], outputs: ['output', 'present_state'], kernel: never,
    parameters: {
      weight: {
        role: 'kernel', fans: (shape) => ({ fanIn: shape.at(-1) ?? 1, fanOut: shape.at(-1) ?? 1 }),
        units: ([channels = 1, , taps = 1]) => ({ inner: taps, count: channels }),
      },
      bias: { role: 'bias' },
    },
    refuses: ({ string }) => (/^(none|silu|swish)$/.test(activationOf(string)) ? null : say('it applies {0}, which is not known here', activationOf(string))),
    lower: (c) => {
      const { m, x, has, shape, string, gives } = c;
      const [channels = 1, , taps = 1] = shape('weight');
      const [, , length = 1] = shape('input');
      const padded = has('past_state') ? m.concat([x('past_state'), x('input')], 2) : m.pad(x('input'), [0, 0, taps - 1, 0, 0, 0]);
      const inputs = [padded, x('weight'), ...(has('bias') ? [x('bias')] : [])];
      const output = m.graph.add('Conv', inputs, { group: channels, kernel_shape: [taps] });
      return {
        output: activationOf(string) === 'none' ? output : swish(m, output, 1),
        ...(gives('present_state') ? { present_state: m.slice(padded, [2], [length], [length + taps - 1], [1]) } : {}),
      };
    },
  },
];

const activationOf = (string: Call['string']): string => string('activation', 'none').toLowerCase();
