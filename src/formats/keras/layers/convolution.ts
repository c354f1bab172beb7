// Convolutions of Keras: kernels stay [...window, in, out] in the file, and the graph turns them into what ONNX takes.

import { say } from '../../../protocol/words';
import { activate } from '../activations';
import type { Image, Window } from '../image';
import { fromImage, imageOf, paddingOf, readPadding, windowed } from '../image';
import type { LayerScope } from '../scope';
import type { Shape, Signal } from '../signal';
import type { LayerTable } from './table';

function readWindow(layer: LayerScope, rank: number): Window {
  const { fields } = layer;
  return {
    kernel: fields.integers('kernel_size', rank), strides: fields.integers('strides', rank, 1), dilations: fields.integers('dilation_rate', rank, 1),
    padding: readPadding(layer, rank === 1),
  };
}

/** [...window, a, b] → [b, a, ...window] */
const outermost = (rank: number): readonly number[] => [rank + 1, rank, ...Array.from({ length: rank }, (_, i) => i)];
/** [...window, a, b] → [a, b, ...window] */
const inOrder = (rank: number): readonly number[] => [rank, rank + 1, ...Array.from({ length: rank }, (_, i) => i)];

function biasOf(layer: LayerScope, count: number): readonly string[] {
  return layer.fields.boolean('use_bias', true) ? [layer.weight('bias', [count], 'zeros')] : [];
}

function convolved(layer: LayerScope, image: Image, kernel: string, bias: readonly string[], window: Window, group: number, channels: number): Image {
  const { kernel: kernel_shape, strides, dilations } = window;
  const attributes = { kernel_shape, strides, dilations, group, ...paddingOf(image.spatial, window) };
  const value = layer.add('Conv', [image.value, kernel, ...bias], attributes);
  return { ...image, value, channels, spatial: windowed(layer, image.spatial, window) };
}

const convolution = (rank: number) => (layer: LayerScope, [signal]: readonly [Signal, ...Signal[]]): Signal => {
  const { fields } = layer;
  const image = imageOf(layer, signal, rank);
  const [filters, groups, window] = [fields.integer('filters', undefined, 1), fields.integer('groups', 1, 1), readWindow(layer, rank)];
  const channels = channelsOf(layer, image);
  if (channels % groups !== 0 || filters % groups !== 0) {
    throw layer.refuse(say('has {0} groups for {1} channels and {2} filters, which they do not divide', groups, channels, filters));
  }
  const kernel = layer.weight('kernel', [...window.kernel, channels / groups, filters], layer.usualKernel);
  const bias = biasOf(layer, filters);
  const result = convolved(layer, image, layer.transpose(kernel, outermost(rank)), bias, window, groups, filters);
  return activate(layer, fromImage(layer, result));
};

function channelsOf(layer: LayerScope, { channels }: Image): number {
  if (channels !== null) return channels;
  throw layer.refuse(say('needs to know how many channels its input has'), say('Give the network an input shape, and save it again.'));
}

/** [...window, channels, multiplier], whose outputs are in the order of channels, each with its multiples, as a grouped kernel [outputs, 1, ...window]. */
function depthwiseKernel(layer: LayerScope, name: string, { kernel: window }: Window, channels: number, multiplier: number,
  otherwise: string): string {
  const kernel = layer.weight(name, [...window, channels, multiplier], otherwise, { field: 'depthwise_initializer' });
  return layer.reshape(layer.transpose(kernel, inOrder(window.length)), [channels * multiplier, 1, ...window]);
}

/** A kernel of one stride for all axes: strides that differ are refused by TensorFlow. */
const depthwise = (rank: number) => (layer: LayerScope, [signal]: readonly [Signal, ...Signal[]]): Signal => {
  const image = imageOf(layer, signal, rank);
  const [channels, multiplier, window] = [channelsOf(layer, image), layer.fields.integer('depth_multiplier', 1, 1), readWindow(layer, rank)];
  const name = layer.building.dialect.generation === 3 ? 'kernel' : 'depthwise_kernel';
  const kernel = depthwiseKernel(layer, name, window, channels, multiplier, layer.usualKernel);
  const result = convolved(layer, image, kernel, biasOf(layer, channels * multiplier), window, channels, channels * multiplier);
  return activate(layer, fromImage(layer, result));
};

const separable = (rank: number) => (layer: LayerScope, [signal]: readonly [Signal, ...Signal[]]): Signal => {
  const { fields } = layer;
  const image = imageOf(layer, signal, rank);
  const [channels, multiplier, filters] = [channelsOf(layer, image), fields.integer('depth_multiplier', 1, 1), fields.integer('filters', undefined, 1)];
  const window = readWindow(layer, rank);
  const depthwiseStep = depthwiseKernel(layer, 'depthwise_kernel', window, channels, multiplier, 'glorot_uniform');
  const ones = Array.from({ length: rank }, () => 1);
  // TensorFlow.js draws both kernels by what is said of the first (SeparableConv's constructor, tfjs-layers/src/layers/convolutional.ts).
  const field = layer.building.dialect.library === 'tfjs' ? 'depthwise_initializer' : 'pointwise_initializer';
  const pointwise = layer.weight('pointwise_kernel', [...ones, channels * multiplier, filters], 'glorot_uniform', { field });
  const bias = biasOf(layer, filters);
  const spread = convolved(layer, image, depthwiseStep, [], window, channels, channels * multiplier);
  const point: Window = { kernel: ones, strides: ones, dilations: ones, padding: 'valid' };
  const result = convolved(layer, spread, layer.transpose(pointwise, outermost(rank)), bias, point, 1, filters);
  return activate(layer, fromImage(layer, result));
};

/**
 * The convolution whose gradient it is: an output of size o is that of which a convolution would make the input, with o = i·s for "same" and
 * i·s + max(reach − s, 0) for "valid", or as output_padding says (keras.src.backend.common.backend_utils).
 */
const transposed = (rank: number) => (layer: LayerScope, [signal]: readonly [Signal, ...Signal[]]): Signal => {
  const { fields } = layer;
  const image = imageOf(layer, signal, rank);
  const [channels, filters, window] = [channelsOf(layer, image), fields.integer('filters', undefined, 1), readWindow(layer, rank)];
  const kernel = layer.weight('kernel', [...window.kernel, filters, channels], layer.usualKernel);
  const bias = biasOf(layer, filters);
  const given = fields.has('output_padding') ? fields.integers('output_padding', rank, 0, 0) : null;
  const sides = window.kernel.map((size, i) => transposedSide({ ...window, size: (size - 1) * (window.dilations[i] ?? 1) + 1, stride: window.strides[i] ?? 1,
    extra: given?.[i] ?? null }));
  const attributes = {
    kernel_shape: window.kernel, strides: window.strides, dilations: window.dilations,
    pads: [...sides.map(({ begin }) => begin), ...sides.map(({ end }) => end)], output_padding: sides.map(({ more }) => more),
  };
  const value = layer.add('ConvTranspose', [image.value, layer.transpose(kernel, outermost(rank)), ...bias], attributes);
  const spatial: Shape = image.spatial.map((size, i) => (size === null ? null : size * (window.strides[i] ?? 1) + (sides[i]?.growth ?? 0)));
  return activate(layer, fromImage(layer, { ...image, value, channels: filters, spatial }));
};

interface Side { readonly padding: Window['padding']; readonly size: number; readonly stride: number; readonly extra: number | null }

/** Pads of one axis: an output of (i − 1)·s + reach is cut at both ends to i·s + growth, or made longer behind. */
function transposedSide({ padding, size, stride,
  extra }: Side): { readonly begin: number; readonly end: number; readonly more: number; readonly growth: number } {
  // With output_padding (i − 1)·s + reach − 2 pads + output_padding, where the pads of "same" are ⌊reach / 2⌋.
  const growth = extra !== null ? size - stride - 2 * (padding === 'same' ? Math.floor(size / 2) : 0) + extra
    : padding === 'same' ? 0 : Math.max(size - stride, 0);
  const surplus = size - stride - growth;
  const begin = padding === 'same' ? Math.max(0, Math.floor(surplus / 2)) : 0;
  const end = surplus - begin;
  return { begin, end: Math.max(0, end), more: Math.max(0, -end), growth };
}

export const convolutionLayers: LayerTable = {
  Conv1D: convolution(1), Conv2D: convolution(2), Conv3D: convolution(3),
  DepthwiseConv1D: depthwise(1), DepthwiseConv2D: depthwise(2), SeparableConv1D: separable(1), SeparableConv2D: separable(2),
  Conv1DTranspose: transposed(1), Conv2DTranspose: transposed(2), Conv3DTranspose: transposed(3),
};
