// Which steps of a sequence count, on its way through a network (keras.src.layers.layer: `compute_mask`, `supports_masking`).

import { say } from '../../protocol/words';
import type { LayerScope } from './scope';
import type { Signal } from './signal';
import { signalOf } from './signal';

/** Layers that leave the steps what they are, and hand the mask of their first input on. */
const passing = new Set([
  'Activation', 'ReLU', 'LeakyReLU', 'ELU', 'PReLU', 'Softmax', 'Dense', 'Dropout', 'SpatialDropout1D', 'GaussianNoise', 'GaussianDropout', 'AlphaDropout',
  'ActivityRegularization', 'Identity', 'BatchNormalization', 'LayerNormalization', 'GroupNormalization', 'UnitNormalization', 'Rescaling', 'Normalization',
  'TimeDistributed', 'MultiHeadAttention', 'GroupQueryAttention', 'Attention', 'AdditiveAttention',
]);
/** All of their inputs have to say which steps count. */
const merging = new Set(['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum']);

/** The mask of a layer's output; null where it has none. */
export function carriedMask(layer: LayerScope, className: string, inputs: readonly Signal[]): string | null {
  const masks = inputs.map(({ mask }) => mask ?? null);
  const [first = null, ...others] = masks;
  if (passing.has(className)) return first;
  if (className === 'Bidirectional') return layer.fields.object('layer').object('config').boolean('return_sequences', false) ? first : null;
  if (className === 'Concatenate') return joined(layer, inputs);
  if (!merging.has(className) || first === null) return null;
  return others.reduce<string | null>((all, mask) => (all === null || mask === null ? null : both(layer, all, mask)), first);
}

/** A step of two sequences counts where it does in either; before Keras 3, where it does in both. */
const both = (layer: LayerScope, a: string, b: string): string => layer.add(layer.building.dialect.generation === 3 ? 'Or' : 'And', [a, b]);

/** Along the features a sequence whose mask is not known counts everywhere; along time, one mask is behind the other. */
function joined(layer: LayerScope, inputs: readonly Signal[]): string | null {
  const rank = inputs[0]?.shape.length ?? 0;
  const given = layer.fields.integer('axis', -1);
  const axis = given < 0 ? given + rank : given;
  const masks = inputs.flatMap(({ mask }) => mask ?? []);
  if (rank !== 3 || masks.length === 0) return null;
  if (axis === 2) return inputs.map((input) => input.mask ?? everywhere(layer, input)).reduce((all, mask) => both(layer, all, mask));
  return axis === 1 ? layer.add('Concat', inputs.map((input) => input.mask ?? everywhere(layer, input)), { axis: 1 }) : null;
}

/** True for every step. */
function everywhere(layer: LayerScope, signal: Signal): string {
  const sizes = layer.add('Slice', [layer.add('Shape', [layer.plain(signal)]), layer.ints([0]), layer.ints([2]), layer.ints([0])]);
  return layer.add('Expand', [layer.building.builder.constant('bool', [1, 1], [1]), sizes]);
}

/** Steps of which anything differs from a value count; the others become zeros (keras.layers.Masking). */
export function maskedBy(layer: LayerScope, signal: Signal, value: number): Signal {
  const plain = layer.plain(signal);
  const largest = layer.add('ReduceMax', [layer.add('Abs', [layer.add('Sub', [plain, layer.scalar(value)])]), layer.ints([-1])], { keepdims: 0 });
  const mask = layer.add('Greater', [largest, layer.scalar(0)]);
  return { ...signalOf(layer.add('Where', [perFeature(layer, mask), plain, layer.scalar(0)]), signal.shape), mask };
}

/** [batch, time, 1] */
export const perFeature = (layer: LayerScope, mask: string): string => layer.add('Unsqueeze', [mask, layer.ints([-1])]);

export const maskNote = (layer: LayerScope): string => (
  say('The mask that reaches {0} is not followed there: steps that an Embedding or Masking layer would have left out are run like all others.', layer.path));
