// Convolutions (tf.nn): kernels stay [...window, in, out] in the file, and the graph turns them into what ONNX takes.

import type { Window } from '../../keras/image';
import { paddingOf } from '../../keras/image';
import type { Shape } from '../../keras/signal';
import type { Operation, Rule, Rules } from '../operation';
import { described } from '../operation';
import type { Divided, Pair, Signal } from '../signal';
import { channelsFirst, signalOf, valuesOf } from '../signal';
import { fused } from './fused';

/** A signal with its channels behind the batch, as windows move over it. */
export interface Image {
  readonly value: string;
  readonly batch: number | null;
  readonly channels: number | null;
  readonly spatial: Shape;
}

const isNchw = (operation: Operation): boolean => operation.attributes.text('data_format', 'NHWC').startsWith('NC');

export function imageOf(operation: Operation, signal: Signal, rank: number): Image {
  const shape = signal.shape ?? Array.from({ length: rank + 2 }, () => null);
  if (shape.length !== rank + 2) throw operation.refuse(`is given ${described(shape)} where one of ${rank + 2} axes was expected`);
  const [batch = null] = shape;
  if (isNchw(operation)) return { value: operation.plain(signal), batch, channels: shape[1] ?? null, spatial: shape.slice(2) };
  return { value: operation.first(signal, rank + 2), batch, channels: shape.at(-1) ?? null, spatial: shape.slice(1, -1) };
}

export function fromImage(operation: Operation, { value, batch, channels, spatial }: Image): Signal {
  return isNchw(operation) ? signalOf(value, [batch, channels, ...spatial]) : channelsFirst(value, [batch, ...spatial, channels]);
}

/** The entries of an attribute with one for every axis that are those of the spatial axes, whichever way round the signal is. */
export function alongSpace(operation: Operation, name: string, rank: number): readonly number[] {
  const all = operation.attributes.wholes(name);
  if (all.length === 0) return Array.from({ length: rank }, () => 1);
  const own = isNchw(operation) ? all.slice(2) : all.slice(1, -1);
  if (all.length === rank + 2 && own.every((each) => Number.isSafeInteger(each) && each >= 1)) return own;
  throw operation.refuse(`has ${name} [${all.slice(0, 8).join(', ')}] where ${rank + 2} whole numbers from 1 on were expected`);
}

export interface Moved { readonly attributes: Readonly<Record<string, string | readonly number[]>>; readonly spatial: Shape }

/** How a window moves: its pads, strides and dilations as ONNX takes them, and the sizes behind it (TensorFlow, "Notes on padding"). */
export function moved(operation: Operation, spatial: Shape, kernel: readonly number[]): Moved {
  const rank = kernel.length;
  const [strides, dilations] = [alongSpace(operation, 'strides', rank), alongSpace(operation, 'dilations', rank)];
  const padding = operation.attributes.text('padding', 'VALID');
  const base = { kernel_shape: kernel, strides, ...(dilations.some((each) => each > 1) ? { dilations } : {}) };
  if (padding === 'EXPLICIT') return explicit(operation, spatial, kernel, base);
  if (padding !== 'SAME' && padding !== 'VALID') {
    throw operation.refuse(`has the padding ${JSON.stringify(padding.slice(0, 40))} where SAME, VALID or EXPLICIT was expected`);
  }
  const window: Window = { kernel, strides, dilations, padding: padding === 'SAME' ? 'same' : 'valid' };
  const sizes = spatial.map((size, i) => {
    if (size === null) return null;
    const inside = padding === 'SAME' ? size : size - reach(kernel[i], dilations[i]) + 1;
    return Math.max(0, Math.ceil(inside / (strides[i] ?? 1)));
  });
  return { attributes: { ...base, ...paddingOf(spatial, window) }, spatial: sizes };
}

const reach = (kernel = 1, dilation = 1): number => (kernel - 1) * dilation + 1;

type Base = Readonly<Record<string, readonly number[]>> & { readonly strides: readonly number[]; readonly dilations?: readonly number[] };

function explicit(operation: Operation, spatial: Shape, kernel: readonly number[], base: Base): Moved {
  const all = operation.attributes.wholes('explicit_paddings');
  const rank = kernel.length;
  const own = isNchw(operation) ? all.slice(4) : all.slice(2, -2);
  if (all.length !== 2 * (rank + 2) || own.some((each) => each < 0)) {
    throw operation.refuse(`has ${all.length} explicit paddings where ${2 * (rank + 2)} whole numbers from 0 on were expected`);
  }
  const [begins, ends] = [0, 1].map((side) => own.filter((_, i) => i % 2 === side));
  const sizes = spatial.map((size, i) => (size === null ? null : Math.max(0, Math.floor((size + (begins?.[i] ?? 0) + (ends?.[i] ?? 0)
    - reach(kernel[i], base.dilations?.[i])) / (base.strides[i] ?? 1)) + 1)));
  return { attributes: { ...base, pads: [...begins ?? [], ...ends ?? []] }, spatial: sizes };
}

/** [...window, a, b] → [b, a, ...window] */
const outermost = (rank: number): readonly number[] => [rank + 1, rank, ...Array.from({ length: rank }, (_, i) => i)];
/** [...window, a, b] → [a, b, ...window] */
const inOrder = (rank: number): readonly number[] => [rank, rank + 1, ...Array.from({ length: rank }, (_, i) => i)];

interface Kernel { readonly window: readonly number[]; readonly a: number; readonly b: number }

/** The sizes of a kernel; null where they are open. */
function kernelOf(operation: Operation, { shape }: Signal, rank: number): Kernel | null {
  if (shape && shape.length !== rank + 2) throw operation.refuse(`has a kernel of ${shape.length} axes where ${rank + 2} were expected`);
  const sizes = shape?.filter((size) => size !== null && size > 0);
  if (!sizes || sizes.length !== shape?.length) return null;
  const [a = 1, b = 1] = sizes.slice(-2).map(Number);
  return { window: sizes.slice(0, -2).map(Number), a, b };
}

const convolution = (rank: number): Rule => (operation) => {
  const [image, stored] = [imageOf(operation, operation.input(0), rank), operation.input(1)];
  const kernel = kernelOf(operation, stored, rank);
  if (!kernel) return null;
  // Of fewer channels than the image has, the kernel is one of groups.
  const group = image.channels !== null && image.channels % kernel.a === 0 ? image.channels / kernel.a : 1;
  if (image.channels !== null && image.channels % kernel.a !== 0) {
    throw operation.refuse(`has a kernel for ${kernel.a} channels and is given ${image.channels}`);
  }
  const turned = operation.transpose(operation.plain(stored), outermost(rank));
  return convolved(operation, image, { turned, window: kernel.window, group, channels: kernel.b });
};

interface Turned {
  /** As ONNX takes it. */
  readonly turned: string;
  readonly window: readonly number[];
  readonly group: number;
  readonly channels: number;
}

function convolved(operation: Operation, image: Image, kernel: Turned): Signal | null {
  const way = moved(operation, image.spatial, kernel.window);
  const made = by(operation, image, kernel, way);
  const { divided } = operation.input(0);
  const isPlain = operation.attributes.text('padding', 'VALID') === 'VALID' && way.attributes.dilations === undefined
    && alongSpace(operation, 'strides', kernel.window.length).every((stride) => stride === 1);
  if (!made || !divided || !isPlain || divided.block.length !== kernel.window.length || isNchw(operation)) return made;
  return { ...made, undivided: { block: divided.block, make: (crops) => dilated(operation, divided, kernel, crops) } };
}

/** With blocks for dilations, and as much less around the images as is cut off behind it. */
function dilated(operation: Operation, { whole, block, pairs }: Divided, kernel: Turned, crops: readonly Pair[]): Signal | null {
  const [begins, ends] = [0, 1].map((side) => pairs.map((pair, i) => (pair[side] ?? 0) - (crops[i]?.[side] ?? 0)));
  const pads = [...begins ?? [], ...ends ?? []];
  if (pads.some((pad) => pad < 0)) return null;
  const image = imageOf(operation, whole, block.length);
  const spatial = image.spatial.map((size, i) => (size === null ? null : size + (begins?.[i] ?? 0) + (ends?.[i] ?? 0) - reach(kernel.window[i], block[i]) + 1));
  const strides = block.map(() => 1);
  return by(operation, image, kernel, { attributes: { kernel_shape: kernel.window, strides, dilations: block, pads }, spatial });
}

function by(operation: Operation, image: Image, { turned, group, channels }: Turned, { attributes, spatial }: Moved): Signal | null {
  const own = { ...attributes, ...(group > 1 ? { group } : {}) };
  return fused(operation, (bias) => withBias(operation, bias, (rest) => (
    fromImage(operation, { ...image, value: operation.add('Conv', [image.value, turned, ...rest], own), channels, spatial }))));
}

/** A vector, in however many axes an addition had it, is the bias of the convolution; what else was fused is added behind it. */
function withBias(operation: Operation, bias: Signal | null, convolved: (rest: readonly string[]) => Signal): Signal {
  if (!bias) return convolved([]);
  if (bias.shape?.slice(0, -1).every((size) => size === 1)) return convolved([operation.plain(bias.shape.length === 1 ? bias : operation.flat(bias))]);
  return operation.together([convolved([]), bias], (a = '', b = '') => operation.add('Add', [a, b]), 'float32');
}

/** The outputs are in the order of channels, each with its multiples. */
const depthwise: Rule = (operation) => {
  const [image, stored] = [imageOf(operation, operation.input(0), 2), operation.input(1)];
  const kernel = kernelOf(operation, stored, 2);
  if (!kernel) return null;
  const channels = kernel.a * kernel.b;
  const turned = operation.add('Reshape', [operation.transpose(operation.plain(stored), inOrder(2)), operation.ints([channels, 1, ...kernel.window])]);
  return convolved(operation, image, { turned, window: kernel.window, group: kernel.a, channels });
};

/**
 * The convolution whose gradient it is: its output, of n′ = input_sizes, is what that convolution makes n of. ONNX has (n − 1) s + reach − pads, and
 * of the pads that convolution has ⌊p / 2⌋ before.
 */
const transposed = (rank: number): Rule => (operation) => {
  const [sizes, stored] = [operation.input(0), operation.input(1)];
  const [image, kernel] = [imageOf(operation, operation.input(2), rank), kernelOf(operation, stored, rank)];
  if (!kernel || operation.attributes.text('padding', 'VALID') === 'EXPLICIT') return null;
  const [strides, dilations] = [alongSpace(operation, 'strides', rank), alongSpace(operation, 'dilations', rank)];
  const isSame = operation.attributes.text('padding', 'VALID') === 'SAME';
  const wanted = isNchw(operation) ? sizes.known?.slice(2) : sizes.known?.slice(1, -1);
  const sides = kernel.window.map((size, i) => {
    const [stride, full, length] = [strides[i] ?? 1, reach(size, dilations[i]), image.spatial[i] ?? null];
    const given = wanted?.[i] ?? null;
    // Where a size is open: what the convolution makes n of without a rest.
    const surplus = given !== null && length !== null ? (length - 1) * stride + full - given : isSame ? full - stride : Math.min(0, full - stride);
    const begin = isSame ? Math.floor(Math.max(0, surplus) / 2) : 0;
    return { begin, end: Math.max(0, surplus) - begin, more: Math.max(0, -surplus), size: given };
  });
  const attributes = {
    kernel_shape: kernel.window, strides, ...(dilations.some((each) => each > 1) ? { dilations } : {}),
    pads: [...sides.map(({ begin }) => begin), ...sides.map(({ end }) => end)], output_padding: sides.map(({ more }) => more),
  };
  const value = operation.add('ConvTranspose', [image.value, operation.transpose(operation.plain(stored), outermost(rank))], attributes);
  return fromImage(operation, { ...image, value, channels: kernel.a, spatial: sides.map(({ size }) => size) });
};

/** A single row of pixels, as TF.js has it: [batch, steps, in] by [window, in, out]. */
const conv1d: Rule = (operation) => {
  const [x, stored] = [operation.input(0), operation.input(1)];
  const kernel = kernelOf(operation, stored, 1);
  if (!kernel) return null;
  const image = imageOf(operation, x, 1);
  const [stride, dilation] = [operation.attributes.whole('stride', 1), operation.attributes.whole('dilation', 1)];
  if (stride < 1 || dilation < 1) throw operation.refuse(`has a stride of ${stride} and a dilation of ${dilation} where whole numbers from 1 on were expected`);
  const isSame = operation.attributes.text('padding', 'VALID') === 'SAME';
  const window: Window = { kernel: kernel.window, strides: [stride], dilations: [dilation], padding: isSame ? 'same' : 'valid' };
  const value = operation.add('Conv', [image.value, operation.transpose(operation.plain(stored), outermost(1))],
    { kernel_shape: kernel.window, strides: [stride], dilations: [dilation], ...paddingOf(image.spatial, window) });
  const spatial = image.spatial.map((size) => (size === null ? null
    : Math.max(0, Math.ceil((isSame ? size : size - reach(kernel.window[0], dilation) + 1) / stride))));
  return fromImage(operation, { ...image, value, channels: kernel.b, spatial });
};

const pool = (op: 'MaxPool' | 'AveragePool', rank: number): Rule => (operation) => {
  const ksize = operation.attributes.wholes('ksize');
  const outer = isNchw(operation) ? ksize.slice(0, 2) : [ksize.at(0), ksize.at(-1)];
  // Over the batch or the channels nobody pools.
  if (outer.some((size) => size !== 1)) return null;
  const image = imageOf(operation, operation.input(0), rank);
  const { attributes, spatial } = moved(operation, image.spatial, alongSpace(operation, 'ksize', rank));
  return fromImage(operation, { ...image, value: operation.add(op, [image.value], attributes), spatial });
};

/** γ (x − μ) / √(σ² + ε) + β along the channels; what follows are the statistics it was given. */
const batchNorm: Rule = (operation) => {
  const x = operation.input(0);
  const rank = x.shape?.length ?? 4;
  const image = imageOf(operation, x, rank - 2);
  const parameters = [1, 2, 3, 4].map((position) => operation.input(position));
  // In training the statistics are those of the batch, and nothing is given in their place.
  if (parameters.some(({ shape }) => shape?.[0] === 0) || valuesOf(operation.input(3))?.length === 0) return null;
  const value = operation.add('BatchNormalization', [image.value, ...parameters.map((each) => operation.plain(each))],
    { epsilon: { kind: 'float', value: operation.attributes.number('epsilon', 1e-4) } });
  return [fromImage(operation, { ...image, value }), operation.input(3), operation.input(4)];
};

export const convolutions: Rules = {
  Conv1D: conv1d, Conv2D: convolution(2), _FusedConv2D: convolution(2), Conv3D: convolution(3),
  DepthwiseConv2d: depthwise, DepthwiseConv2dNative: depthwise, FusedDepthwiseConv2dNative: depthwise, Conv2DBackpropInput: transposed(2),
  Conv3DBackpropInputV2: transposed(3),
  MaxPool: pool('MaxPool', 2), AvgPool: pool('AveragePool', 2), MaxPool3D: pool('MaxPool', 3), AvgPool3D: pool('AveragePool', 3),
  FusedBatchNorm: batchNorm, FusedBatchNormV2: batchNorm, FusedBatchNormV3: batchNorm,
};
