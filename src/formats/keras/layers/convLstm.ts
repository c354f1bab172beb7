// Convolutional LSTM layers (Shi et al. 2015, arXiv 1506.04214, eq. 3 without peepholes), one step after the other in a Scan.

import { GraphBuilder } from '../../../core/graph/builder';
import { activate } from '../activations';
import type { Image, Window } from '../image';
import { fromImage, imageOf, paddingOf, readPadding, windowed } from '../image';
import { LayerScope } from '../scope';
import type { Signal } from '../signal';
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
    kernel: fields.integers('kernel_size', rank), strides: fields.integers('strides', rank, 1), dilations: fields.integers('dilation_rate', rank, 1), padding: readPadding(layer),
  };
  const [batch = null, time = null, ...rest] = signal.shape;
  const frame = imageOf(layer, signalOf('', [batch, ...rest]), rank);
  const channels = layer.size(signalOf('', [frame.channels]), 0, 'its channels');
  const axes = Array.from({ length: rank }, (_, i) => i);
  const turned = (kernel: string): string => layer.transpose(kernel, [rank + 1, rank, ...axes]);
  const kernel = turned(cell.weight('kernel', [...window.kernel, channels, gateCount * filters], 'glorot_uniform'));
  const recurrent = turned(cell.weight('recurrent_kernel', [...window.kernel, filters, gateCount * filters], 'orthogonal'));
  const bias = fields.boolean('use_bias', true) ? [cell.weight('bias', [gateCount * filters], 'zeros', { unitForget: true })] : [];
  // All frames are convolved at once: what the state adds to them is all that has to wait.
  const frames = layer.reshape(layer.plain(signal), [null, ...rest]);
  const image = imageOf(layer, signalOf(frames, [null, ...rest]), rank);
  const drive = layer.add('Conv', [image.value, kernel, ...bias], { kernel_shape: window.kernel, strides: window.strides, dilations: window.dilations, ...paddingOf(image.spatial, window) });
  const spatial = windowed(layer, image.spatial, window);
  if (time === null) throw layer.refuse('is called on a sequence of open length', 'Give the network an input shape with a length.');
  const steps = layer.reshape(drive, [null, time, gateCount * filters, ...spatial]);
  const order = layer.transpose(steps, [1, 0, ...Array.from({ length: rank + 1 }, (_, i) => i + 2)]);
  const zero = zeroState(layer, order, filters);
  const [hidden, , sequence] = scan(layer, { order, zero, recurrent, window, spatial, filters, rank });
  const asFrame = (value: string): Signal => fromImage(layer, { value, batch, channels: filters, spatial });
  const isSequence = fields.boolean('return_sequences', false);
  const output = isSequence ? asSequence(layer, sequence ?? '', { ...image, batch, channels: filters, spatial }, time) : asFrame(hidden ?? '');
  return output;
};

/** Zeros of [batch, filters, …], by the first step, whatever the batch is. */
function zeroState(layer: LayerScope, order: string, filters: number): string {
  const first = layer.add('Squeeze', [layer.add('Slice', [order, layer.ints([0]), layer.ints([1]), layer.ints([0])]), layer.ints([0])]);
  const some = layer.add('Slice', [first, layer.ints([0]), layer.ints([filters]), layer.ints([1])]);
  return layer.add('Mul', [some, layer.scalar(0)]);
}

interface Scanned {
  readonly order: string;
  readonly zero: string;
  readonly recurrent: string;
  readonly window: Window;
  readonly spatial: Signal['shape'];
  readonly filters: number;
  readonly rank: number;
}

/** Last hidden state, last cell state, and all hidden states. */
function scan(layer: LayerScope, { order, zero, recurrent, window, spatial, rank }: Scanned): readonly string[] {
  const { building } = layer;
  const body: GraphBuilder = building.builder.inner(`${layer.path}/step`);
  body.scope = layer.path;
  const inner = new LayerScope({ ...building, builder: body, turned: new Map() }, layer.fields, layer.layers, layer.owner);
  const shape = Array.from({ length: rank + 2 }, (_, i) => `${layer.path}/${i}`);
  const [h, c, x] = ['h', 'c', 'x'].map((stem) => body.input(stem, 'float32', shape));
  const ones = window.kernel.map(() => 1);
  const same: Window = { kernel: window.kernel, strides: ones, dilations: ones, padding: 'same' };
  const fromState = inner.add('Conv', [h ?? '', recurrent], { kernel_shape: window.kernel, ...paddingOf(spatial, same) });
  const gates = inner.addMany('Split', [inner.add('Add', [x ?? '', fromState])], gateCount, { axis: 1, num_outputs: gateCount });
  const { generation } = building.dialect;
  const by = (value: string, field: string, otherwise: string): string => (
    activate(inner, channelsFirst(value, shape.map(() => null)), field, otherwise).first ?? value);
  const gate = (i: number): string => by(gates[i] ?? '', 'recurrent_activation', generation === 3 ? 'sigmoid' : 'hard_sigmoid');
  const [i, f, o] = [gate(0), gate(1), gate(3)];
  const candidate = by(gates[2] ?? '', 'activation', 'tanh');
  const cell = inner.add('Add', [inner.add('Mul', [f, c ?? '']), inner.add('Mul', [i, candidate])]);
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
