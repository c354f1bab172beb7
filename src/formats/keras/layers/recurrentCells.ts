// Recurrent cells of Keras run along time by the operators of ONNX: kernels stay [in, gates · units] in the file and are taken apart in the graph.

import { say } from '../../../protocol/words';
import { hardSigmoidSlope } from '../activations';
import { isObject } from '../fields';
import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { signalOf } from '../signal';
import { runMasked } from './maskedCells';

export interface Steps {
  /** [batch, time, in] */
  readonly input: Signal;
  /** Of each state [batch, units]; empty where they are zeros. */
  readonly states: readonly Signal[];
  readonly backwards: boolean;
  /** Whether the steps come in the order of time, or in that in which they were taken. */
  readonly inTime: boolean;
  /** Whether what is said at steps that do not count is zero, or what was said before. */
  readonly zeroed?: boolean;
}

export interface Stepped {
  /** [batch, time, units] */
  readonly sequence: Signal;
  readonly states: readonly Signal[];
}

interface CellKind {
  readonly op: 'LSTM' | 'GRU' | 'RNN';
  readonly gates: number;
  /** Keras' gates in the order of ONNX. */
  readonly order: readonly number[];
}

/** LSTM: i, f, c, o in Keras, i, o, f, c in ONNX. GRU: z, r, h in both. */
const kinds: Readonly<Record<string, CellKind>> = {
  LSTM: { op: 'LSTM', gates: 4, order: [0, 3, 1, 2] }, GRU: { op: 'GRU', gates: 3, order: [0, 1, 2] }, SimpleRNN: { op: 'RNN', gates: 1, order: [0] },
};

export const isCell = (className: string): boolean => cellName(className) !== null;

/** "LSTM" of "LSTM", "LSTMCell", "CuDNNLSTM", "LSTMV1". */
function cellName(className: string): string | null {
  const name = className.replace(/^CuDNN/, '').replace(/(V\d)$/, '').replace(/Cell$/, '');
  return Object.hasOwn(kinds, name) ? name : null;
}

/** ONNX' names of activations that its recurrent operators take, with α and β. */
function gateFunction(layer: LayerScope, field: string, otherwise: string): { readonly name: string; readonly alpha: number; readonly beta: number } | null {
  const raw = layer.fields.raw(field) ?? otherwise;
  const name = typeof raw === 'string' ? raw : isObject(raw) && typeof raw.class_name === 'string' ? raw.class_name : '';
  const known = functions[name];
  if (name === 'hard_sigmoid') return { name: 'HardSigmoid', alpha: hardSigmoidSlope(layer), beta: 0.5 };
  return known ? { name: known, alpha: name === 'linear' ? 1 : name === 'elu' ? 1 : 0, beta: 0 } : null;
}

const functions: Readonly<Record<string, string>> = {
  tanh: 'Tanh', sigmoid: 'Sigmoid', relu: 'Relu', elu: 'Elu', softsign: 'Softsign', softplus: 'Softplus', linear: 'Affine',
};

interface Gates { readonly names: readonly string[]; readonly alphas: readonly number[]; readonly betas: readonly number[] }

/** Of the gates, and of what goes into the state and comes out of it. */
function gatesOf(layer: LayerScope, { op }: CellKind): Gates {
  // TensorFlow.js and Keras 1 took the hard sigmoid for gates where nothing else is said.
  const { library, generation } = layer.building.dialect;
  const gate = library === 'tfjs' || generation === 1 ? 'hard_sigmoid' : 'sigmoid';
  const [recurrent, activation] = [gateFunction(layer, 'recurrent_activation', gate), gateFunction(layer, 'activation', 'tanh')];
  const wanted = op === 'LSTM' ? [recurrent, activation, activation] : op === 'GRU' ? [recurrent, activation] : [activation];
  const found = wanted.flatMap((each) => each ?? []);
  if (found.length < wanted.length) {
    throw layer.refuse(say('has an activation that recurrent operators of ONNX do not take'),
      say('Those are {0} and hard_sigmoid.', Object.keys(functions).join(', ')));
  }
  return { names: found.map(({ name }) => name), alphas: found.map(({ alpha }) => alpha), betas: found.map(({ beta }) => beta) };
}

/** Runs a cell along time; variables are those of `cell`, which is the layer itself before Keras 3 saved them apart. */
export function runCell(layer: LayerScope, cell: LayerScope, className: string, { input, states, backwards, inTime, zeroed = false }: Steps): Stepped {
  const kind = kinds[cellName(className) ?? ''];
  if (!kind) {
    throw layer.refuse(say('has a cell "{0}", which is not one of Keras', className), say('Its variables are not known.'));
  }
  const units = cell.fields.integer('units', undefined, 1);
  const { op, gates } = kind;
  const kernel = cell.weight('kernel', [layer.size(input, -1), gates * units], cell.usualKernel);
  const recurrent = cell.weight('recurrent_kernel', [units, gates * units], 'orthogonal', { field: 'recurrent_initializer' });
  const after = op === 'GRU' && cell.fields.boolean('reset_after', layer.building.dialect.generation === 3 || className.startsWith("CuDNN"));
  const bias = biasInputs(cell, kind, units, after, className.startsWith("CuDNN"));
  const weights = [kernel, recurrent].map((matrix) => turnedGates(cell, matrix, kind));
  const initial = states.map((state) => cell.add('Unsqueeze', [layer.plain(state), cell.ints([0])]));
  const [batch = null, time = null] = input.shape;
  // Given states, Keras 3 hands a layer no mask: it looks for an argument "sequences_mask", which none has (keras.src.layers.layer, __call__).
  const mask = states.length > 0 && layer.building.dialect.generation === 3 ? undefined : input.mask;
  const { names, alphas, betas } = gatesOf(cell, kind);
  const attributes = {
    hidden_size: units, direction: backwards && mask === undefined ? 'reverse' : 'forward', activations: { kind: 'strings', value: names },
    activation_alpha: { kind: 'floats', value: alphas }, activation_beta: { kind: 'floats', value: betas }, ...(op === 'GRU' ? { linear_before_reset: after ? 1
      : 0 } : {}),
  } as const;
  const steps = layer.transpose(layer.plain(input), [1, 0, 2]);
  const squeezed = (value: string): Signal => signalOf(layer.add('Squeeze', [value, layer.ints([0])]), [batch, units]);
  const masked = (sequence: string): Signal => (
    { ...signalOf(sequence, [batch, time, units]), ...(input.mask === undefined ? {} : { mask: input.mask }) });
  if (mask !== undefined) {
    const written = runMasked(cell, { op, attributes, weights: [...weights, bias ?? ''], steps: layer.plain(input), mask, initial, backwards, zeroed });
    return { sequence: masked(backwards && !inTime ? reversed(layer, written.sequence) : written.sequence), states: written.states.map(squeezed) };
  }
  // Inputs: X, W, R, B, sequence_lens, initial_h, initial_c.
  const inputs = [steps, ...weights, bias ?? '', '', ...initial];
  const outputs = cell.addMany(op, inputs, op === 'LSTM' ? 3 : 2, attributes);
  const [all = '', ...last] = outputs;
  const turned = layer.transpose(layer.add('Squeeze', [all, layer.ints([1])]), [1, 0, 2]);
  const sequence = backwards && !inTime ? reversed(layer, turned) : turned;
  return {
    sequence: masked(sequence),
    states: last.map(squeezed),
  };
}

/** The steps the other way round: from the last to the first (ONNX Slice with a step of −1). */
function reversed(layer: LayerScope, value: string): string {
  return layer.add('Slice', [value, layer.ints([-1]), layer.ints([-(2 ** 31)]), layer.ints([1]), layer.ints([-1])]);
}

/** [in, gates · units] as [1, gates · units, in], gate by gate in the order of ONNX. */
function turnedGates(layer: LayerScope, matrix: string, { gates, order }: CellKind): string {
  if (gates === 1) return layer.add('Unsqueeze', [layer.transpose(matrix, [1, 0]), layer.ints([0])]);
  const parts = layer.addMany('Split', [matrix], gates, { axis: 1, num_outputs: gates });
  const turned = order.map((gate) => layer.transpose(parts[gate] ?? '', [1, 0]));
  return layer.add('Unsqueeze', [layer.add('Concat', turned, { axis: 0 }), layer.ints([0])]);
}

/** [1, 2 · gates · units]: the bias of the input, and that of the state, which is zeros but for a GRU that resets after the product. */
function biasInputs(layer: LayerScope, { op, gates, order }: CellKind, units: number, resetsAfter: boolean, isFused: boolean): string | null {
  if (!layer.fields.boolean('use_bias', true)) return null;
  if (resetsAfter) return layer.reshape(layer.weight('bias', [2, gates * units], 'zeros'), [1, 2 * gates * units]);
  // CuDNN adds both of an LSTM, and stores both.
  const isDouble = isFused && op === 'LSTM';
  const bias = layer.weight('bias', [(isDouble ? 2 : 1) * gates * units], 'zeros', { unitForget: op === 'LSTM' && !isDouble });
  const parts = gates === 1 ? [bias] : layer.addMany('Split', [bias], (isDouble ? 2 : 1) * gates, { axis: 0, num_outputs: (isDouble ? 2 : 1) * gates });
  const own = order.map((gate) => parts[gate] ?? '');
  const second = isDouble ? order.map((gate) => parts[gates + gate] ?? '') : [layer.vector(Array.from({ length: gates * units }, () => 0))];
  return layer.add('Unsqueeze', [layer.add('Concat', [...own, ...second], { axis: 0 }), layer.ints([0])]);
}
