// Where a signal comes from, in words: the last thing on its way that made its scale another.

import type { GraphIndex } from '../graph/order';
import type { Layer } from '../layers/layer';
import { activationValue } from '../layers/layer';
import { storedSource } from '../layers/source';

/** Operators that hand a signal on with the scale it has. */
const passing = new Set(['Identity', 'Reshape', 'Flatten', 'Transpose', 'Squeeze', 'Unsqueeze', 'Cast', 'Slice', 'Split', 'Expand', 'Pad', 'Gather']);
const named = new Map(Object.entries({
  MaxPool: 'a max pooling', GlobalMaxPool: 'a max pooling', ReduceMax: 'a maximum', AveragePool: 'an average pooling', GlobalAveragePool: 'a mean over places',
  ReduceMean: 'a mean', Concat: 'a concatenation', Dropout: 'a dropout', LayerNormalization: 'a norm', BatchNormalization: 'a norm',
  InstanceNormalization: 'a norm', GroupNormalization: 'a norm', RMSNormalization: 'a norm', Softmax: 'a softmax',
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

export function originOf(index: GraphIndex, layers: readonly Layer[], of: string): string {
  const made = madeBy(layers);
  let value = of;
  for (let step = 0; step < farthest; step++) {
    const node = index.producer.get(value);
    if (!node) return 'the data';
    const layer = made.get(value);
    if (layer) return layer.activation?.name ?? layer.name;
    const computed = node.inputs.filter((input) => input !== '' && !storedSource(index, input));
    const [first] = computed;
    if (!passing.has(node.op) || first === undefined) return nameOf(node.op, computed.length);
    value = first;
  }
  return 'what is before it';
}

function nameOf(op: string, computed: number): string {
  if (computed > 1 && (op === 'Add' || op === 'Sum')) return `a sum of ${computed} signals`;
  if (computed > 1 && op === 'Mul') return 'a gate';
  return named.get(op) ?? op;
}
