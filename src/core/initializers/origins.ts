// Where a signal comes from, in words: the last thing on its way that made its scale another.

import type { GraphIndex } from '../graph/order';
import type { Layer } from '../layers/layer';
import { activationValue } from '../layers/layer';
import { storedSource } from '../layers/source';
import { say } from '../../protocol/words';

/** Operators that hand a signal on with the scale it has. */
const passing = new Set(['Identity', 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Cast', 'Slice', 'Split', 'Expand', 'Pad', 'Gather']);
const named = new Map(Object.entries({
  MaxPool: say('a max pooling'), GlobalMaxPool: say('a max pooling'), ReduceMax: say('a maximum'), AveragePool: say('an average pooling'),
  GlobalAveragePool: say('a mean over places'),
  ReduceMean: say('a mean'), Concat: say('a concatenation'), Dropout: say('a dropout'), LayerNormalization: say('a norm'), BatchNormalization: say('a norm'),
  InstanceNormalization: say('a norm'), GroupNormalization: say('a norm'), RMSNormalization: say('a norm'), Softmax: say('a softmax'),
}));
/** A signal is followed back through at most this many. */
const farthest = 16;

const known = new WeakMap<readonly Layer[], ReadonlyMap<string, Layer>>();

/** Layers with a kernel, by what they make. */
function madeBy(layers: readonly Layer[]): ReadonlyMap<string, Layer> {
  const found = known.get(layers) ?? new Map(layers.flatMap((layer) => (
    layer.weights.some(({ role }) => role === 'kernel') ? [[activationValue(layer), layer] as const] : [])));
  known.set(layers, found);
  return found;
}

/** Where nothing made the signal another. */
export const theData = say('the data');

export function originOf(index: GraphIndex, layers: readonly Layer[], of: string): string {
  const made = madeBy(layers);
  let value = of;
  for (let step = 0; step < farthest; step++) {
    const node = index.producer.get(value);
    if (!node) return theData;
    const layer = made.get(value);
    if (layer) return layer.activation?.name ?? layer.name;
    const computed = node.inputs.filter((input) => input !== '' && !storedSource(index, input));
    const [first] = computed;
    if (!passing.has(node.op) || first === undefined) return nameOf(node.op, computed.length);
    value = first;
  }
  return say('what is before it');
}

function nameOf(op: string, computed: number): string {
  if (computed > 1 && (op === 'Add' || op === 'Sum')) return say('a sum of {0} signals', computed);
  if (computed > 1 && op === 'Mul') return say('a gate');
  return named.get(op) ?? op;
}
