// Where frugally-deep has the variables of a Keras network, and in which order of axes (keras_export/convert_model.py, 0.20).

import type { Tensor } from '../../core/graph/tensor';
import { elementCount } from '../../core/graph/dtype';
import type { JsonView } from '../json/view';
import type { Variable } from '../keras/variables';
import { base64Length } from '../tensors/base64';

/** For each axis that Keras has, which one it is in the file. */
type Axes = readonly number[];

/** The class of the layer that owns a variable: "layers/model/layers/conv2d_1" → "conv2d". */
const classOf = ({ owner }: Variable): string => (/(?:^|.*\/)layers\/([^/]+)/.exec(owner)?.[1] ?? '').replace(/_\d+$/, '');

/** Filters first. */
const filtersFirst = (rank: number): Axes => Array.from({ length: rank }, (_, axis) => (axis + 1) % rank);
/** Channels, the last but one, first. */
const channelsFirst = (rank: number): Axes => Array.from({ length: rank }, (_, axis) => (axis === rank - 1 ? axis : (axis + 1) % (rank - 1)));

function axesOf(variable: Variable): Axes | null {
  const { name, shape: { length: rank } } = variable;
  const layer = classOf(variable);
  const isDepthwise = name === 'depthwise_kernel' || (layer.startsWith('depthwise_') && name === 'kernel');
  if (isDepthwise || (/^conv\dd_transpose$/.test(layer) && name === 'kernel')) return channelsFirst(rank);
  const isFilter = name === 'pointwise_kernel' || (/^conv(_lstm)?\dd$/.test(layer) && /^(recurrent_)?kernel$/.test(name));
  return isFilter ? filtersFirst(rank) : null;
}

/** "cell1_", "forward_" */
function prefixOf({ owner }: Variable): string {
  const direction = /\/(forward|backward)_layer(\/|$)/.exec(owner)?.[1];
  const cell = /\/cells\/[a-z_]*?(?:_(\d+))?$/.exec(owner);
  return direction !== undefined ? `${direction}_` : cell ? `cell${cell[1] ?? '0'}_` : '';
}

/** What a variable is called in the file. */
function keyOf(variable: Variable): string {
  const { name } = variable;
  const layer = classOf(variable);
  const own = name === 'depthwise_kernel' || (layer.startsWith('depthwise_') && name === 'kernel') ? 'slice_weights'
    : name === 'pointwise_kernel' ? 'stack_weights' : name === 'recurrent_kernel' ? 'recurrent_weights'
      : name === 'embeddings' || (name === 'kernel' && layer !== 'einsum_dense') ? 'weights' : name;
  return `${prefixOf(variable)}${own}`;
}

/** The entry of a layer: its name behind those of the models around it. A cell inside it has none of its own. */
function entryOf(entries: JsonView, { layers }: Variable): JsonView | null {
  for (let length = layers.length; length > 0; length--) {
    const found = entries.find(layers.slice(0, length).join('_'));
    if (found) return found;
  }
  return null;
}

/** What is stored, and in which order of axes, where that is another. */
export interface StoredVariable {
  readonly tensor: Tensor;
  readonly axes: Axes | null;
}

export function storedVariables(entries: JsonView, variables: readonly Variable[]): ReadonlyMap<Variable, StoredVariable> {
  const counts = new Map<string, number>();
  return new Map(variables.map((variable) => {
    const { value, shape } = variable;
    const entry = entryOf(entries, variable);
    const list = entry?.find(keyOf(variable)) ?? null;
    // Attention has a list of its arrays, in the order of its weights.
    const isListed = list !== null && entry?.find('weight_shapes') !== null;
    const position = counts.get(entry?.path ?? '') ?? 0;
    if (entry?.find('weight_shapes')) counts.set(entry.path, position + 1);
    const found = isListed || entry?.find('weight_shapes') ? entry?.find('weights')?.items()[position] ?? null : list;
    const axes = axesOf(variable);
    const stored = axes ? shape.map((_, axis) => shape[axes.indexOf(axis)] ?? 0) : shape;
    const tensor: Tensor = { id: value, dtype: 'float32', shape: stored, storage: 'text', place: null, values: null };
    return [variable, { axes, tensor: found ? placed(tensor, found) : { ...tensor, problem: `the file has no "${keyOf(variable)}" of its layer` } }] as const;
  }));
}

/** A list of pieces of base64, of which whatever stands between them is passed over; a number on its own is one. */
function placed(tensor: Tensor, view: JsonView): Tensor {
  const { file, source, value: { kind, start, end } } = view;
  const count = elementCount(tensor.shape);
  if (kind === 'number') return count === 1 ? { ...tensor, place: { file, offset: start, length: end - start, encoding: 'decimal' } } : tensor;
  const wrong = view.items().find((item) => item.value.kind !== 'string');
  if (wrong) throw wrong.wrong('a text in base64');
  const place = { file, offset: start + 1, length: end - start - 2, encoding: 'base64' } as const;
  const held = base64Length(source, place);
  return held === 4 * count ? { ...tensor, place } : { ...tensor, problem: `it stores ${held} bytes where its shape needs ${4 * count}` };
}
