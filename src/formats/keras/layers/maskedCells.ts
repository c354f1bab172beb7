// Recurrent cells over sequences of which some steps do not count: these leave the state as it was (keras.src.backend.tensorflow.rnn).

import type { AttributeLiteral } from '../../../core/graph/builder';
import { LayerScope } from '../scope';

interface MaskedSteps {
  readonly op: 'LSTM' | 'GRU' | 'RNN';
  readonly attributes: Readonly<Record<string, AttributeLiteral>>;
  /** W, R and B, as the operator takes them. */
  readonly weights: readonly string[];
  /** [time, batch, in] */
  readonly steps: string;
  /** [batch, time] */
  readonly mask: string;
  /** [1, batch, units] each; none where they are zeros. */
  readonly initial: readonly string[];
  readonly units: number;
  readonly backwards: boolean;
  readonly inTime: boolean;
  readonly zeroed: boolean;
}

/** The operator on one step after the other, in a Scan that keeps the state where the mask is false. */
export function runMasked(layer: LayerScope, { op, attributes, weights, steps, mask, initial, units, backwards, inTime, zeroed }: MaskedSteps): {
  /** [time, batch, units] */
  readonly sequence: string;
  /** [1, batch, units] each */
  readonly states: readonly string[];
} {
  const { building } = layer;
  const count = op === 'LSTM' ? 2 : 1;
  const body = building.builder.inner(`${layer.path}/step`);
  const inner = new LayerScope({ ...building, builder: body, turned: new Map() }, layer.fields, layer.layers, layer.owner);
  const state = [1, `${layer.path}/batch`, units];
  const before = Array.from({ length: count }, (_, i) => body.input(`state${i}`, 'float32', state));
  const x = body.input('x', 'float32', [`${layer.path}/batch`, `${layer.path}/in`]);
  const counts = body.input('counts', 'bool', [`${layer.path}/batch`, 1]);
  // Inputs: X, W, R, B, sequence_lens, initial_h, initial_c.
  const outputs = inner.addMany(op, [inner.add('Unsqueeze', [x, inner.ints([0])]), ...weights, '', ...before], count + 1, attributes);
  const after = before.map((each, i) => inner.add('Where', [counts, outputs[i + 1] ?? '', each]));
  const said = zeroed ? inner.add('Where', [counts, outputs[1] ?? '', inner.scalar(0)]) : after[0] ?? '';
  for (const value of [...after, inner.add('Squeeze', [said, inner.ints([0])])]) body.output(value, 'float32');
  const way = (isBack: boolean): number => (isBack ? 1 : 0);
  const scan = {
    body: { kind: 'graph', value: body.build() }, num_scan_inputs: 2, scan_input_directions: [way(backwards), way(backwards)],
    scan_output_directions: [way(backwards && inTime)],
  } as const;
  const first = initial.length === count ? initial : before.map(() => zeros(layer, steps, units));
  const perStep = layer.add('Unsqueeze', [layer.transpose(mask, [1, 0]), layer.ints([-1])]);
  const all = layer.addMany('Scan', [...first, steps, perStep], count + 1, scan);
  return { states: all.slice(0, count), sequence: all[count] ?? '' };
}

/** [1, batch, units], whatever the batch is. */
function zeros(layer: LayerScope, steps: string, units: number): string {
  const batch = layer.add('Slice', [layer.add('Shape', [steps]), layer.ints([1]), layer.ints([2]), layer.ints([0])]);
  return layer.add('Expand', [layer.scalar(0), layer.add('Concat', [layer.ints([1]), batch, layer.ints([units])], { axis: 0 })]);
}
