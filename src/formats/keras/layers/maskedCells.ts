// Recurrent cells over sequences of which some steps do not count: these leave the state as it was (keras.src.backend.tensorflow.rnn).

import type { AttributeLiteral } from '../../../core/graph/builder';
import type { LayerScope } from '../scope';

interface MaskedSteps {
  readonly op: 'LSTM' | 'GRU' | 'RNN';
  readonly attributes: Readonly<Record<string, AttributeLiteral>>;
  /** W, R and B, as the operator takes them. */
  readonly weights: readonly string[];
  /** [batch, time, in] */
  readonly steps: string;
  /** [batch, time] */
  readonly mask: string;
  /** [1, batch, units] each; none where they are zeros. */
  readonly initial: readonly string[];
  readonly backwards: boolean;
  readonly zeroed: boolean;
}

/**
 * The operator over the steps that count alone, put together at the beginning: step t is then the k-th, where k of them count up to it, and what is said
 * there is what the k-th says.
 */
export function runMasked(layer: LayerScope, { op, attributes, weights, steps, mask, initial, backwards, zeroed }: MaskedSteps): {
  /** [batch, time, units], in the order of time */
  readonly sequence: string;
  /** [1, batch, units] each */
  readonly states: readonly string[];
} {
  const [one, last] = [layer.ints([1]), layer.ints([-1])];
  const counts = layer.add('Cast', [mask], { to: 7 });
  const others = layer.add('Sub', [one, counts]);
  const along = (values: string): string => layer.add('CumSum', [values, layer.scalar(1, 'int64')], { reverse: backwards ? 1 : 0 });
  const sofar = along(counts);
  const time = layer.add('Slice', [layer.add('Shape', [mask]), one, layer.ints([2]), layer.ints([0])]);
  // Those that count first, each kind in the order in which it is come by.
  const place = layer.add('Add', [along(layer.add('Add', [counts, others])), layer.add('Mul', [others, time])]);
  const [, order = ''] = layer.addMany('TopK', [place, time], 2, { axis: 1, largest: 0, sorted: 1 });
  const pick = (values: string, positions: string): string => layer.add('GatherND', [values, layer.add('Unsqueeze', [positions, last])], { batch_dims: 1 });
  const total = layer.add('ReduceSum', [counts, one], { keepdims: 1 });
  const taken = layer.transpose(pick(steps, order), [1, 0, 2]);
  // ONNX Runtime refuses sequences of no steps; what one makes of its first is not looked at.
  const lengths = layer.add('Cast', [layer.add('Squeeze', [layer.add('Max', [total, one]), one])], { to: 6 });
  const [all = '', ...ends] = layer.addMany(op, [taken, ...weights, lengths, ...initial], op === 'LSTM' ? 3 : 2, attributes);
  const said = layer.transpose(layer.add('Squeeze', [all, one]), [1, 0, 2]);
  const perStep = pick(said, layer.add('Max', [layer.add('Sub', [sofar, one]), layer.ints([0])]));
  // Before the first that counts it is zero, whatever state it begins with.
  const isSaid = zeroed ? mask : layer.add('Greater', [sofar, layer.ints([0])]);
  const sequence = layer.add('Where', [layer.add('Unsqueeze', [isSaid, last]), perStep, layer.scalar(0)]);
  const hasAny = layer.add('Unsqueeze', [layer.add('Greater', [total, layer.ints([0])]), layer.ints([0])]);
  return { sequence, states: ends.map((end, i) => layer.add('Where', [hasAny, end, initial[i] ?? layer.scalar(0)])) };
}
