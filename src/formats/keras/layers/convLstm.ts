// Convolutional LSTM layers (Shi et al. 2015, arXiv 1506.04214, eq. 3 without peepholes), one step after the other in a Scan.

import type { GraphBuilder } from '../../../core/graph/builder';
import { activate } from '../activations';
import type { Image, Window } from '../image';
import { fromImage, paddingOf, readPadding, windowed } from '../image';
import { LayerScope } from '../scope';
import type { Shape, Signal } from '../signal';
import { channelsFirst, signalOf } from '../signal';
import type { DescribeLayer } from './table';

/** Input, forget, cell and output gate, as their kernels lie side by side. */
const gateCount = 4;

export const convLstm = (rank: number): DescribeLayer => (layer, [signal]) => {
  const { fields } = layer;
  if (signal.shape.length !== rank + 3) throw layer.refuse(`takes inputs of rank ${rank + 3}, and is given one of rank ${signal.shape.length}`);
  const cell = layer.inner('cell', fields);
  const filters = fields.integer('filters', undefined, 1);
  const window: Window = {
    kernel: fields.integers('kernel_size', rank), strides: fields.integers('strides', rank, 1), dilations: fields.integers('dilation_rate', rank, 1),
      padding: readPadding(layer),
  };
  const [batch = null, time = null] = signal.shape;
  const isFirst = fields.string('data_format', 'channels_last') === 'channels_first';
  const channels = layer.size(signal, isFirst ? 2 : -1);
  const kernel = cell.weight('kernel', [...window.kernel, channels, gateCount * filters], cell.usualKernel);
  const recurrent = cell.weight('recurrent_kernel', [...window.kernel, filters, gateCount * filters], 'orthogonal', { field: 'recurrent_initializer' });
  const bias = fields.boolean('use_bias', true) ? cell.weight('bias', [gateCount * filters], 'zeros', { unitForget: true }) : null;
  if (time === null) throw layer.refuse('is called on a sequence of open length', 'Give the network an input shape with a length.');
  // [time, batch, channels, …]
  const value = layer.plain(signal);
  const inner = Array.from({ length: rank }, (_, i) => i);
  const order = layer.transpose(value, isFirst ? [1, 0, ...inner.map((i) => i + 2), rank + 2] : [1, 0, rank + 2, ...inner.map((i) => i + 2)]);
  const image = imageSizes(signal.shape, isFirst);
  const spatial = windowed(layer, image, window);
  const gates = gatesOf(cell, { kernel, recurrent, bias, rank });
  const zero = zeroState(layer, order, filters, spatial);
  const [hidden, , sequence] = scan(layer, { order, zero, gates, window, image, spatial, rank });
  const asFrame = (value: string): Signal => fromImage(layer, { value, batch, channels: filters, spatial });
  const isSequence = fields.boolean('return_sequences', false);
  const output = isSequence ? asSequence(layer, sequence ?? '', { value: '', batch, channels: filters, spatial }, time) : asFrame(hidden ?? '');
  return output;
};

/** The spatial sizes of a frame. */
const imageSizes = (shape: Shape, isFirst: boolean): Shape => (isFirst ? shape.slice(3) : shape.slice(2, -1));

interface Gate { readonly kernel: string; readonly recurrent: string; readonly bias: readonly string[] }

/** Kernels and biases of each gate, as ONNX takes them. */
function gatesOf(layer: LayerScope, { kernel, recurrent, bias, rank }: {
  readonly kernel: string; readonly recurrent: string; readonly bias: string | null; readonly rank: number;
}): readonly Gate[] {
  const turn = [rank + 1, rank, ...Array.from({ length: rank }, (_, i) => i)];
  const parts = (value: string, axis: number): readonly string[] => layer.addMany('Split', [value], gateCount, { axis, num_outputs: gateCount });
  const [kernels, recurrents, biases] = [parts(kernel, rank + 1), parts(recurrent, rank + 1), bias === null ? [] : parts(bias, 0)];
  return kernels.map((part, i) => ({
    kernel: layer.transpose(part, turn), recurrent: layer.transpose(recurrents[i] ?? '', turn), bias: biases[i] === undefined ? [] : [biases[i]],
  }));
}

function fromInput(layer: LayerScope, value: string, { kernel, bias }: Gate, window: Window, image: Shape): string {
  const { kernel: kernel_shape, strides, dilations } = window;
  return layer.add('Conv', [value, kernel, ...bias], { kernel_shape, strides, dilations, ...paddingOf(image, window) });
}

/** Zeros of [batch, filters, …], whatever the batch is. */
function zeroState(layer: LayerScope, order: string, filters: number, spatial: Shape): string {
  const batch = layer.add('Slice', [layer.add('Shape', [order]), layer.ints([1]), layer.ints([2]), layer.ints([0])]);
  const sizes = spatial.map((size, i) => layer.size({ shape: [size], dtype: 'float32', plain: '', first: null }, 0, `its frames along axis ${i}`));
  return layer.add('Expand', [layer.scalar(0), layer.add('Concat', [batch, layer.ints([filters, ...sizes])], { axis: 0 })]);
}

interface Scanned {
  readonly order: string;
  readonly zero: string;
  readonly gates: readonly Gate[];
  readonly window: Window;
  readonly image: Shape;
  readonly spatial: Shape;
  readonly rank: number;
}

/** Last hidden state, last cell state, and all hidden states. */
function scan(layer: LayerScope, { order, zero, gates, window, image, spatial, rank }: Scanned): readonly string[] {
  const { building } = layer;
  const body: GraphBuilder = building.builder.inner(`${layer.path}/step`);
  const inner = new LayerScope({ ...building, builder: body, turned: new Map() }, layer.fields, layer.layers, layer.owner);
  const shape = Array.from({ length: rank + 2 }, (_, i) => `${layer.path}/${i}`);
  const [h = '', c = '', x = ''] = ['h', 'c', 'x'].map((stem) => body.input(stem, 'float32', shape));
  const ones = window.kernel.map(() => 1);
  const same: Window = { kernel: window.kernel, strides: ones, dilations: ones, padding: 'same' };
  const sums = gates.map((gate) => inner.add('Add', [
    fromInput(inner, x, gate, window, image), inner.add('Conv', [h, gate.recurrent], { kernel_shape: window.kernel, ...paddingOf(spatial, same) })]));
  const by = (value: string, field: string, otherwise: string): string => (
    activate(inner, channelsFirst(value, shape.map(() => null)), field, otherwise).first ?? value);
  const gated = (i: number): string => by(sums[i] ?? '', 'recurrent_activation', building.dialect.generation === 3 ? 'sigmoid' : 'hard_sigmoid');
  const [i, f, o] = [gated(0), gated(1), gated(3)];
  const candidate = by(sums[2] ?? '', 'activation', 'tanh');
  const cell = inner.add('Add', [inner.add('Mul', [f, c]), inner.add('Mul', [i, candidate])]);
  const hidden = inner.add('Mul', [o, by(cell, 'activation', 'tanh')]);
  for (const value of [hidden, cell, inner.add('Identity', [hidden])]) body.output(value, 'float32');
  return layer.addMany('Scan', [zero, zero, order], 3, { body: { kind: 'graph', value: body.build() }, num_scan_inputs: 1 });
}

/** [time, batch, channels, …] as Keras has it. */
function asSequence(layer: LayerScope, sequence: string, { batch, channels, spatial }: Image, time: number): Signal {
  const rank = spatial.length;
  const isFirst = layer.fields.string('data_format', 'channels_last') === 'channels_first';
  const inner = Array.from({ length: rank }, (_, i) => i + 3);
  const value = layer.transpose(sequence, isFirst ? [1, 0, 2, ...inner] : [1, 0, ...inner, 2]);
  return signalOf(value, isFirst ? [batch, time, channels, ...spatial] : [batch, time, ...spatial, channels]);
}
