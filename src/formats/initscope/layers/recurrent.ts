// Recurrent layers along the steps of a sequence, with weights as ONNX has them: W [directions, gates · units, in], gates i o f c, or z r h.

import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { signalOf } from '../signal';
import { mainSize } from './dense';
import type { LayerTable, LayerType } from './table';

interface Cell {
  readonly op: 'LSTM' | 'GRU' | 'RNN';
  readonly gates: number;
}

const returned = ['all', 'last'] as const;
const cellActivations = { tanh: 'Tanh', relu: 'Relu' } as const;

const recurrent = ({ op, gates }: Cell) => (layer: LayerScope, signal: Signal): Signal => {
  layer.needs(signal, [2], 'a sequence', 'Give the network an input {"shape": [length, features]}, or put an "embedding" before it.');
  const { written } = layer;
  const [length = 1, features = 1] = signal.shape;
  const units = mainSize(layer);
  const isBidirectional = written?.flag('bidirectional', false) ?? false;
  const directions = isBidirectional ? 2 : 1;
  const kernel = layer.weight('kernel', [directions, gates * units, features]);
  const state = layer.weight('recurrent', [directions, gates * units, units]);
  // ONNX has two biases, that of the input and that of the state, one behind the other.
  const bias = written?.flag('bias', true) ?? true ? [layer.weight('bias', [directions, 2 * gates * units])] : [];
  const named = op === 'RNN' ? written?.word('activation', ['tanh', 'relu'], 'activation of a recurrent layer', 'tanh') ?? 'tanh' : null;
  const [steps = '', last = ''] = layer.addMany(op, [layer.transpose(layer.plain(signal), [1, 0, 2]), kernel, state, ...bias], 2, {
    hidden_size: units, direction: isBidirectional ? 'bidirectional' : 'forward',
    ...(named ? { activations: { kind: 'strings', value: Array.from({ length: directions }, () => cellActivations[named]) } } : {}),
    // The reset gate behind the product, as cuDNN and PyTorch have it.
    ...(op === 'GRU' ? { linear_before_reset: 1 } : {}),
  });
  const isLast = written?.word('returns', returned, 'choice', 'all') === 'last';
  if (isLast) return signalOf(joined(layer, last, [1, 0, 2], directions, [units]), [directions * units]);
  return signalOf(joined(layer, steps, [2, 0, 1, 3], directions, [length, units]), [length, directions * units]);
};

/** Directions beside each other: of [length, directions, batch, units], or of the states [directions, batch, units]. */
function joined(layer: LayerScope, value: string, perm: readonly number[], directions: number, sizes: readonly number[]): string {
  const axis = perm.length === 4 ? 1 : 0;
  if (directions > 1) return layer.reshape(layer.transpose(value, perm), [...sizes.slice(0, -1), directions * (sizes.at(-1) ?? 1)]);
  const squeezed = layer.add('Squeeze', [value, layer.ints([axis])]);
  return perm.length === 4 ? layer.transpose(squeezed, [1, 0, 2]) : squeezed;
}

const layerOf = (what: string, cell: Cell, more: readonly string[] = []): LayerType => ({
  what, example: '64', isComplete: false, options: ['bidirectional', 'returns', 'bias', ...more], roles: ['kernel', 'recurrent', 'bias'],
  build: recurrent(cell),
});

export const recurrentLayers: LayerTable = {
  lstm: layerOf('an LSTM', { op: 'LSTM', gates: 4 }), gru: layerOf('a GRU', { op: 'GRU', gates: 3 }),
  rnn: layerOf('a recurrent layer', { op: 'RNN', gates: 1 }, ['activation']),
};
