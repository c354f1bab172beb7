// Convolutional LSTM layers (Shi et al. 2015, arXiv 1506.04214, eq. 3 without peepholes), one step after the other in a Scan.

import type { GraphBuilder } from '../../../core/graph/builder';
import { say } from '../../../protocol/words';
import { activate } from '../activations';
import type { Image, Window } from '../image';
import { fromImage, paddingOf, readPadding, windowed } from '../image';
import { maskNote } from '../masks';
import { LayerScope } from '../scope';
import type { Shape, Signal } from '../signal';
import { channelsFirst, signalOf } from '../signal';
import type { Stepped, Steps } from './recurrentCells';

/** Input, forget, cell and output gate, as their kernels lie side by side. */
const gateCount = 4;

/** Dimensions of the frames of "ConvLSTM2D"; null for anything else. */
export function frameRank(className: string): number | null {
  const [, rank] = /^ConvLSTM([123])D$/.exec(className) ?? [];
  return rank === undefined ? null : Number(rank);
}

/** Runs the layer along time: its sequence, and last hidden and cell state. */
export function runConvLstm(layer: LayerScope, cell: LayerScope, rank: number, { input: signal, states, backwards, inTime }: Steps): Stepped {
  const { fields } = cell;
  if (signal.shape.length !== rank + 3) {
    throw layer.refuse(say('takes inputs of rank {0}, and is given one of rank {1}', rank + 3, signal.shape.length));
  }
  if (signal.mask !== undefined) layer.note(maskNote(layer));
  const filters = fields.integer('filters', undefined, 1);
  const window: Window = {
    kernel: fields.integers('kernel_size', rank), strides: fields.integers('strides', rank, 1), dilations: fields.integers('dilation_rate', rank, 1),
      padding: readPadding(cell),
  };
  const [batch = null, time = null] = signal.shape;
  const isFirst = fields.string('data_format', 'channels_last') === 'channels_first';
  const channels = layer.size(signal, isFirst ? 2 : -1);
  const kernel = cell.weight('kernel', [...window.kernel, channels, gateCount * filters], cell.usualKernel);
  const recurrent = cell.weight('recurrent_kernel', [...window.kernel, filters, gateCount * filters], 'orthogonal', { field: 'recurrent_initializer' });
  const bias = fields.boolean('use_bias', true) ? cell.weight('bias', [gateCount * filters], 'zeros', { unitForget: true }) : null;
  if (time === null) throw layer.refuse(say('is called on a sequence of open length'), say('Give the network an input shape with a length.'));
  // [time, batch, channels, …]
  const inner = Array.from({ length: rank }, (_, i) => i);
  const order = layer.transpose(layer.plain(signal), isFirst ? [1, 0, ...inner.map((i) => i + 2), rank + 2] : [1, 0, rank + 2, ...inner.map((i) => i + 2)]);
  const image = imageSizes(signal.shape, isFirst);
  const spatial = windowed(layer, image, window);
  // Both kernels make all gates at once: [4 · filters, channels, …].
  const turn = [rank + 1, rank, ...inner];
  const kernels = { kernel: cell.transpose(kernel, turn), recurrent: cell.transpose(recurrent, turn), bias: bias === null ? [] : [bias] };
  const toFrame = [0, rank + 1, ...inner.map((i) => i + 1)];
  const given = states.map((state) => (isFirst ? layer.plain(state) : layer.transpose(layer.plain(state), toFrame)));
  const zero = given.length === 2 ? '' : zeroState(layer, order, filters, spatial);
  const initial = [0, 1].map((i) => given[i] ?? zero);
  const directions = { input: backwards, output: backwards && inTime };
  const [hidden = '', state = '', sequence = ''] = scan(layer, cell, { order, initial, kernels, window, image, spatial, rank, directions });
  const frame: Image = { value: '', batch, channels: filters, spatial };
  return {
    sequence: asSequence(layer, sequence, frame, time, isFirst),
    states: [hidden, state].map((value) => fromImage(cell, { ...frame, value })),
  };
}

/** The spatial sizes of a frame. */
const imageSizes = (shape: Shape, isFirst: boolean): Shape => (isFirst ? shape.slice(3) : shape.slice(2, -1));

interface Kernels { readonly kernel: string; readonly recurrent: string; readonly bias: readonly string[] }

function convolved(layer: LayerScope, inputs: readonly string[], window: Window, image: Shape): string {
  const { kernel: kernel_shape, strides, dilations } = window;
  return layer.add('Conv', inputs, { kernel_shape, strides, dilations, ...paddingOf(image, window) });
}

/** Zeros of [batch, filters, …], whatever the batch is. */
function zeroState(layer: LayerScope, order: string, filters: number, spatial: Shape): string {
  const batch = layer.add('Slice', [layer.add('Shape', [order]), layer.ints([1]), layer.ints([2]), layer.ints([0])]);
  const sizes = spatial.map((size, i) => layer.size({ shape: [size], dtype: 'float32', plain: '', first: null }, 0, say('its frames along axis {0}', i)));
  return layer.add('Expand', [layer.scalar(0), layer.add('Concat', [batch, layer.ints([filters, ...sizes])], { axis: 0 })]);
}

interface Scanned {
  readonly order: string;
  readonly initial: readonly string[];
  readonly kernels: Kernels;
  readonly window: Window;
  readonly image: Shape;
  readonly spatial: Shape;
  readonly rank: number;
  /** Whether the last step comes first. */
  readonly directions: { readonly input: boolean; readonly output: boolean };
}

/** Last hidden state, last cell state, and all hidden states. */
function scan(
  layer: LayerScope, cell: LayerScope, { order, initial, kernels, window, image, spatial, rank, directions }: Scanned,
): readonly string[] {
  const { building } = layer;
  const body: GraphBuilder = building.builder.inner(`${cell.path}/step`);
  const inner = new LayerScope({ ...building, builder: body, turned: new Map() }, cell.fields, cell.layers, cell.owner);
  const shape = Array.from({ length: rank + 2 }, (_, i) => `${cell.path}/${i}`);
  const [h = '', c = '', x = ''] = ['h', 'c', 'x'].map((stem) => body.input(stem, 'float32', shape));
  const ones = window.kernel.map(() => 1);
  const same: Window = { kernel: window.kernel, strides: ones, dilations: ones, padding: 'same' };
  const sum = inner.add('Add', [
    convolved(inner, [x, kernels.kernel, ...kernels.bias], window, image), convolved(inner, [h, kernels.recurrent], same, spatial)]);
  const sums = inner.addMany('Split', [sum], gateCount, { axis: 1, num_outputs: gateCount });
  const by = (value: string, field: string, otherwise: string): string => (
    activate(inner, channelsFirst(value, shape.map(() => null)), field, otherwise).first ?? value);
  const gated = (i: number): string => by(sums[i] ?? '', 'recurrent_activation', building.dialect.generation === 3 ? 'sigmoid' : 'hard_sigmoid');
  const [i, f, o] = [gated(0), gated(1), gated(3)];
  const candidate = by(sums[2] ?? '', 'activation', 'tanh');
  const kept = inner.add('Add', [inner.add('Mul', [f, c]), inner.add('Mul', [i, candidate])]);
  const hidden = inner.add('Mul', [o, by(kept, 'activation', 'tanh')]);
  for (const value of [hidden, kept, inner.add('Identity', [hidden])]) body.output(value, 'float32');
  const way = (isBack: boolean): readonly number[] => [isBack ? 1 : 0];
  const attributes = { body: { kind: 'graph', value: body.build() }, num_scan_inputs: 1 } as const;
  const ways = { scan_input_directions: way(directions.input), scan_output_directions: way(directions.output) };
  return layer.addMany('Scan', [...initial, order], 3, { ...attributes, ...ways });
}

/** [time, batch, channels, …] as Keras has it. */
function asSequence(layer: LayerScope, sequence: string, { batch, channels, spatial }: Image, time: number, isFirst: boolean): Signal {
  const rank = spatial.length;
  const inner = Array.from({ length: rank }, (_, i) => i + 3);
  const value = layer.transpose(sequence, isFirst ? [1, 0, 2, ...inner] : [1, 0, ...inner, 2]);
  return signalOf(value, isFirst ? [batch, time, channels, ...spatial] : [batch, time, ...spatial, channels]);
}
