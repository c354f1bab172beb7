import { float } from '../../../src/core/graph/builder';
import type { AttributeLiteral } from '../../../src/core/graph/builder';
import { elementCount } from '../../../src/core/graph/dtype';
import type { Attribute } from '../../../src/core/graph/graph';
import { lengths, noise, sample } from './sample';
import type { Fill, Sample } from './sample';

interface Options {
  readonly T?: number;
  readonly B?: number;
  readonly direction?: 'forward' | 'reverse' | 'bidirectional';
  /** Which optional inputs there are. */
  readonly bias?: boolean;
  readonly lens?: readonly number[];
  readonly initial?: boolean;
  readonly peepholes?: boolean;
  readonly activations?: readonly string[];
  readonly alpha?: readonly number[];
  readonly beta?: readonly number[];
  readonly attributes?: Readonly<Record<string, AttributeLiteral>>;
  /** What pre-activations are near to, by small weights: that keeps them away from kinks. */
  readonly near?: readonly number[];
  readonly outputs?: number;
  readonly unused?: readonly number[];
  readonly absent?: readonly number[];
}

const gates = { RNN: 1, GRU: 3, LSTM: 4 } as const;
type Op = keyof typeof gates;
const [inputSize, hidden] = [3, 2];

const floats = (value: readonly number[]): Attribute => ({ kind: 'floats', value });
const strings = (value: readonly string[]): Attribute => ({ kind: 'strings', value });

/** Biases of W are numbers of the list in turn, those of R are 0. */
const biasesNear = (shape: readonly number[], near: readonly number[]): Fill => () => {
  const half = (shape[1] ?? 2) / 2;
  const values = Array.from({ length: elementCount(shape) }, (_, i) => (i % (2 * half) < half ? near[i % near.length] ?? 0 : 0));
  return { dtype: 'float32', shape, stored: false, values };
};

function recurrent(op: Op, name: string, options: Options = {}): Sample {
  const { T = 4, B = 3, direction = 'forward', bias = true, lens, initial = true, near, activations, alpha, beta } = options;
  const D = direction === 'bidirectional' ? 2 : 1;
  const rows = gates[op] * hidden;
  const scale = near ? 1 / 32 : 0.5;
  const state = noise([D, B, hidden], near ? 0.25 : 1);
  const inputs = {
    X: noise([T, B, inputSize]), W: noise([D, rows, inputSize], scale), R: noise([D, rows, hidden], scale),
    B: near ? biasesNear([D, 2 * rows], near) : bias ? noise([D, 2 * rows], 0.5) : null,
    sequence_lens: lens ? lengths(lens) : null,
    initial_h: initial ? state : null,
    ...(op === 'LSTM' ? { initial_c: initial ? state : null, P: options.peepholes ? noise([D, 3 * hidden], 0.5) : null } : {}),
  };
  const attributes = {
    hidden_size: hidden, ...(direction === 'forward' ? {} : { direction }), ...(activations ? { activations: strings(activations) } : {}),
    ...(alpha ? { activation_alpha: floats(alpha) } : {}), ...(beta ? { activation_beta: floats(beta) } : {}), ...options.attributes,
  };
  const { outputs = op === 'LSTM' ? 3 : 2, unused = [], absent } = options;
  return sample(op, name, inputs, attributes, { outputs, unused, ...(absent ? { absent } : {}) });
}

/** What all three have in common. */
function common(op: Op): readonly Sample[] {
  const last = op === 'LSTM' ? 2 : 1;
  return [
    recurrent(op, 'all inputs, all outputs'),
    recurrent(op, 'X, W and R alone, Y alone', { bias: false, initial: false, outputs: 1 }),
    recurrent(op, 'no Y', { absent: [0] }),
    recurrent(op, 'Y that nothing uses', { unused: [0] }),
    recurrent(op, 'last states that nothing uses', { unused: Array.from({ length: last }, (_, i) => i + 1) }),
    recurrent(op, 'one step', { T: 1 }),
    recurrent(op, 'one sample', { B: 1, T: 6 }),
    recurrent(op, 'reverse', { direction: 'reverse' }),
    recurrent(op, 'reverse, one step', { direction: 'reverse', T: 1, initial: false }),
    recurrent(op, 'bidirectional', { direction: 'bidirectional' }),
    recurrent(op, 'bidirectional, X, W and R alone, last states alone', { direction: 'bidirectional', bias: false, initial: false, absent: [0] }),
    recurrent(op, 'lengths', { lens: [4, 1, 3] }),
    recurrent(op, 'lengths, reverse', { lens: [2, 4, 1], direction: 'reverse' }),
    recurrent(op, 'lengths, reverse, no initial states', { lens: [2, 4, 1], direction: 'reverse', initial: false }),
    recurrent(op, 'lengths, bidirectional, all shorter', { lens: [3, 1, 2], direction: 'bidirectional' }),
    recurrent(op, 'lengths, no Y', { lens: [1, 4, 2], direction: 'bidirectional', absent: [0] }),
    recurrent(op, 'clip', { near: [0.25, 1, -1, -0.25, 0.25], attributes: { clip: float(0.625) } }),
    recurrent(op, 'clip, no bias', { bias: false, attributes: { clip: float(6) } }),
  ];
}

export const recurrentSamples: readonly Sample[] = [
  ...common('RNN'),
  recurrent('RNN', 'Sigmoid', { activations: ['Sigmoid'] }),
  recurrent('RNN', 'Softplus', { activations: ['Softplus'] }),
  recurrent('RNN', 'Softsign', { activations: ['Softsign'], near: [1, -1] }),
  recurrent('RNN', 'Relu', { activations: ['Relu'], near: [1, -1] }),
  recurrent('RNN', 'LeakyRelu', { activations: ['LeakyRelu'], alpha: [0.25], near: [1, -1] }),
  recurrent('RNN', 'ThresholdedRelu', { activations: ['ThresholdedRelu'], alpha: [0.5], near: [1.25, -0.25] }),
  recurrent('RNN', 'Elu', { activations: ['Elu'], alpha: [0.5], near: [1, -1] }),
  recurrent('RNN', 'HardSigmoid', { activations: ['HardSigmoid'], alpha: [0.25], beta: [0.375], near: [1, 4, -3] }),
  recurrent('RNN', 'ScaledTanh', { activations: ['ScaledTanh'], alpha: [1.5], beta: [0.75] }),
  recurrent('RNN', 'Affine', { activations: ['Affine'], alpha: [0.75], beta: [0.25] }),
  recurrent('RNN', 'Affine, lengths, clip', { activations: ['Affine'], alpha: [0.75], beta: [0.25], lens: [4, 2, 3], attributes: { clip: float(8) } }),
  recurrent('RNN', 'an activation per direction', {
    direction: 'bidirectional', activations: ['ScaledTanh', 'HardSigmoid'], alpha: [1.5, 0.125], beta: [0.75, 0.5],
  }),
  recurrent('RNN', 'defaults of alpha and beta', { activations: ['Elu', 'HardSigmoid'], direction: 'bidirectional', near: [1, -1] }),

  ...common('LSTM'),
  recurrent('LSTM', 'no last c', { outputs: 2 }),
  recurrent('LSTM', 'last c alone', { absent: [0, 1] }),
  recurrent('LSTM', 'peepholes', { peepholes: true }),
  recurrent('LSTM', 'peepholes alone', { peepholes: true, bias: false, initial: false, outputs: 1 }),
  recurrent('LSTM', 'peepholes, bidirectional, lengths', { peepholes: true, direction: 'bidirectional', lens: [2, 4, 3] }),
  recurrent('LSTM', 'peepholes, clip', { peepholes: true, attributes: { clip: float(8) } }),
  recurrent('LSTM', 'input_forget', { attributes: { input_forget: 1 } }),
  recurrent('LSTM', 'input_forget, peepholes, reverse', { peepholes: true, direction: 'reverse', attributes: { input_forget: 1 } }),
  recurrent('LSTM', 'input_forget, clip', { near: [0.25, 1, -1], attributes: { input_forget: 1, clip: float(0.625) } }),
  recurrent('LSTM', 'HardSigmoid, Relu, Softsign', {
    activations: ['HardSigmoid', 'Relu', 'Softsign'], alpha: [0.25], beta: [0.375], near: [1, 0.75, -1], initial: false,
  }),
  recurrent('LSTM', 'Softplus, LeakyRelu, Elu', { activations: ['Softplus', 'LeakyRelu', 'Elu'], alpha: [0.25, 0.75], near: [1, -1], initial: false }),
  recurrent('LSTM', 'Affine, ThresholdedRelu, Affine', {
    activations: ['Affine', 'ThresholdedRelu', 'Affine'], alpha: [0.5, 0.25, 0.75], beta: [0.25, 0.125], near: [1.25, -0.75], initial: false,
  }),
  recurrent('LSTM', 'ScaledTanh, Softsign, Softplus', { activations: ['ScaledTanh', 'Softsign', 'Softplus'], alpha: [1.5], beta: [0.75], near: [1, -1] }),
  recurrent('LSTM', 'activations per direction', {
    direction: 'bidirectional', activations: ['Sigmoid', 'ScaledTanh', 'Tanh', 'Sigmoid', 'Sigmoid', 'Affine'], alpha: [1.5, 0.5], beta: [0.5, 0.25],
  }),
  recurrent('LSTM', 'activations per direction, peepholes, lengths', {
    direction: 'bidirectional', activations: ['Softplus', 'Tanh', 'Sigmoid', 'ScaledTanh', 'Softplus', 'Tanh'], alpha: [0.5], beta: [1.5],
    peepholes: true, lens: [3, 4, 1],
  }),

  ...common('GRU'),
  ...common('GRU').map((each) => ({ ...each, name: `linear before reset, ${each.name}`, attributes: { ...each.attributes, linear_before_reset: 1 } })),
  ...[0, 1].flatMap((linear) => {
    const attributes = { linear_before_reset: linear };
    const title = linear === 1 ? 'linear before reset, ' : '';
    return [
      recurrent('GRU', `${title}HardSigmoid, Relu`, { activations: ['HardSigmoid', 'Relu'], alpha: [0.25], beta: [0.375], near: [1, -1], attributes }),
      recurrent('GRU', `${title}Softplus, Elu`, { activations: ['Softplus', 'Elu'], alpha: [0.5], near: [0.75, -0.75], attributes }),
      recurrent('GRU', `${title}ScaledTanh, Affine`, { activations: ['ScaledTanh', 'Affine'], alpha: [1.5, 0.5], beta: [0.75, 0.25], attributes }),
      recurrent('GRU', `${title}activations per direction`, {
        direction: 'bidirectional', activations: ['Sigmoid', 'ScaledTanh', 'Tanh', 'Sigmoid'], alpha: [1.5], beta: [0.5], lens: [2, 4, 1], attributes,
      }),
    ];
  }),
];
