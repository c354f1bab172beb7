/** Models of Keras, and weights of our layout in that of Keras, for networks that both languages can say. */
import { elementCount } from '../../../../src/core/graph/dtype';
import type { Layer, LayerWeight } from '../../../../src/core/layers/layer';
import type { Json } from './networks';

export interface Floats {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export interface KerasLayer {
  readonly className: string;
  readonly name: string | null;
  readonly config: Readonly<Record<string, Json>>;
  /** Layers it reads, "" for the one before it; that one alone where nothing is said. */
  readonly from: readonly string[];
  readonly kwargs: Readonly<Record<string, Json>>;
}

/** `name`, `from` and `kwargs` stand in the configuration, too, for short. */
export function keras(className: string, { name = null, from = [''], kwargs = {}, ...config }: Readonly<Record<string, Json>> & {
  readonly name?: string | null; readonly from?: readonly string[]; readonly kwargs?: Readonly<Record<string, Json>>;
} = {}): KerasLayer {
  return { className, name, from, kwargs, config };
}

/** A functional model as Keras 3 writes it. */
export function kerasModel(shape: readonly number[], layers: readonly KerasLayer[]): Json {
  const names = layers.map(({ name }, i) => name ?? `layer${i}`);
  const tensor = (name: string): Json => ({ class_name: '__keras_tensor__', config: { shape: [], dtype: 'float32', keras_history: [name, 0, 0] } });
  const listed = layers.map(({ className, config, from, kwargs }, i): Json => {
    const read = from.map((name) => tensor(name === '' ? names[i - 1] ?? 'input' : name));
    // Attention takes query and value apart, merging layers take a list.
    const args: Json = read.length > 1 && className !== 'MultiHeadAttention' ? [read] : read;
    const name = names[i] ?? '';
    return { module: 'keras.layers', class_name: className, config: { ...config, name }, name, inbound_nodes: [{ args, kwargs }] };
  });
  const input: Json = {
    module: 'keras.layers', class_name: 'InputLayer', name: 'input', inbound_nodes: [],
    config: { batch_shape: [null, ...shape], dtype: 'float32', name: 'input' },
  };
  const config: Json = { name: 'model', layers: [input, ...listed], input_layers: [['input', 0, 0]], output_layers: [[names.at(-1) ?? '', 0, 0]] };
  return { module: 'keras.src.models.functional', class_name: 'Functional', config };
}

/** Axes of an array in another order. */
export function transposed({ shape, data }: Floats, perm: readonly number[]): Floats {
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const target = perm.map((axis) => shape[axis] ?? 1);
  const result = Float32Array.from(data, (_, i) => {
    let [rest, at] = [i, 0];
    for (let axis = target.length - 1; axis >= 0; axis--) {
      const size = target[axis] ?? 1;
      at += (rest % size) * (strides[perm[axis] ?? 0] ?? 1);
      rest = Math.floor(rest / size);
    }
    return data[at] ?? NaN;
  });
  return { shape: target, data: result };
}

/** Behind the first two axes. */
const windowAxes = ({ shape }: Floats): readonly number[] => shape.map((_, axis) => axis).slice(2);

/** [N, C, ...] as [N, ..., C] */
export const channelsLast = (array: Floats): Floats => transposed(array, [0, ...windowAxes(array), 1]);

/** Keras' gates in the order of ONNX: i, f, c, o as i, o, f, c. */
const gateOrder: Readonly<Record<string, readonly number[]>> = { LSTM: [0, 3, 1, 2], GRU: [0, 1, 2], RNN: [0] };

/** Rows of gates, as ONNX has them, in the order of Keras. */
function inKerasOrder(order: readonly number[], { shape, data }: Floats): Floats {
  const size = data.length / order.length;
  const result = new Float32Array(data.length);
  order.forEach((gate, i) => result.set(data.subarray(i * size, (i + 1) * size), gate * size));
  return { shape, data: result };
}

/** A weight of our layout as Keras stores it, in that shape. */
export function asKeras({ op }: Layer, { role }: LayerWeight, array: Floats, target: readonly number[]): Floats {
  const { shape, data } = array;
  const order = gateOrder[op];
  if (order && role !== 'bias') return transposed(inKerasOrder(order, { shape: shape.slice(1), data }), [1, 0]);
  // Keras has one bias but in a GRU: the second one is zero.
  if (order && op !== 'GRU') return inKerasOrder(order, { shape: target, data: data.subarray(0, data.length / 2) });
  if (role !== 'kernel' || !op.startsWith('Conv')) return { shape: target, data };
  const [out = 1, inner, ...window] = shape;
  const channels = target.at(-2) ?? 1;
  if (op === 'Conv' && inner === 1 && channels > 1) {
    const multiplied = { shape: [channels, out / channels, ...window], data };
    return transposed(multiplied, [...windowAxes(multiplied), 0, 1]);
  }
  return transposed(array, [...windowAxes(array), 1, 0]);
}

/** Layers of both in the order of ours: of the same operator, with as many weights, in turn. */
export function paired(own: readonly Layer[], other: readonly Layer[]): readonly Layer[] {
  const keyOf = ({ op, weights }: Layer): string => (
    [op, ...weights.flatMap(({ role, tensor }) => (role === 'bias' ? [] : [elementCount(tensor.shape)]))].join());
  const left = [...other];
  return own.map((layer) => {
    const [found] = left.splice(left.findIndex((each) => keyOf(each) === keyOf(layer)) >>> 0, 1);
    if (!found) throw new Error(`There is no ${keyOf(layer)} in the other network.`);
    return found;
  });
}
