// What is put around images, and how they are taken apart into blocks and made larger.

import type { Shape } from '../../keras/signal';
import type { Operation, Part, Rule, Rules } from '../operation';
import type { Pair, Signal } from '../signal';
import { axisFirst, channelsFirst, isFirst, signalOf, valuesOf } from '../signal';
import type { Image } from './convolution';
import { fromImage, imageOf } from './convolution';

/** [rank, 2] as pairs of what is put before and behind each axis. */
function pairsOf(operation: Operation, position: number): readonly Pair[] | null {
  const values = operation.list(position);
  if (!values) return null;
  if (values.length % 2 !== 0 || values.some((each) => each < 0)) {
    throw operation.refuse(`has paddings [${values.slice(0, 12).join(', ')}] where pairs of whole numbers from 0 on were expected`);
  }
  return Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i] ?? 0, values[2 * i + 1] ?? 0]);
}

function padded(operation: Operation, x: Signal, pairs: readonly Pair[], rest: readonly string[], mode: string): Signal {
  const rank = pairs.length;
  if (x.shape && x.shape.length !== rank) throw operation.refuse(`has ${rank} pairs of paddings for a signal of ${x.shape.length} axes`);
  const shape = x.shape?.map((size, i) => (size === null ? null : size + (pairs[i]?.[0] ?? 0) + (pairs[i]?.[1] ?? 0))) ?? null;
  const turned = isFirst(x);
  const own = turned ? pairs.map((_, i) => pairs.find((_each, axis) => axisFirst(axis, rank) === i) ?? [0, 0]) : pairs;
  const pads = operation.ints([...own.map(([before]) => before), ...own.map(([, after]) => after)]);
  const value = operation.add('Pad', [turned ? operation.first(x) : operation.plain(x), pads, ...rest], { mode });
  return turned ? channelsFirst(value, shape, x.dtype) : signalOf(value, shape, x.dtype);
}

const pad: Rule = (operation) => {
  const x = operation.input(0);
  const pairs = pairsOf(operation, 1);
  const rest = operation.inputs.length > 2 ? [operation.plain(operation.input(2))] : [];
  if (pairs) return padded(operation, x, pairs, rest, 'constant');
  // [rank, 2] as ONNX has it: all that is before, then all that is behind.
  const pads = operation.add('Reshape', [operation.add('Transpose', [operation.plain(operation.input(1))], { perm: [1, 0] }), operation.ints([-1])]);
  return signalOf(operation.add('Pad', [operation.plain(x), pads, ...rest]), x.shape?.map(() => null) ?? null, x.dtype);
};

/** Around the border without it (REFLECT) or with it (SYMMETRIC), which of one element is the border itself. */
const mirrorPad: Rule = (operation) => {
  const pairs = pairsOf(operation, 1);
  if (!pairs) return null;
  if (operation.attributes.text('mode', 'REFLECT') === 'REFLECT') return padded(operation, operation.input(0), pairs, [], 'reflect');
  return pairs.flat().every((each) => each <= 1) ? padded(operation, operation.input(0), pairs, [], 'edge') : null;
};

/** Blocks of pixels as channels, row by row of a block, and back. */
const blocks = (op: 'SpaceToDepth' | 'DepthToSpace'): Rule => (operation) => {
  const size = operation.attributes.whole('block_size', 0);
  if (!Number.isSafeInteger(size) || size < 1 || size > 2 ** 15) throw operation.refuse(`has blocks of ${size} where a whole number from 1 on was expected`);
  const image = imageOf(operation, operation.input(0), 2);
  const isDeeper = op === 'SpaceToDepth';
  const times = (each: number | null, by: number): number | null => (each === null ? null : each * by);
  const value = operation.add(op, [image.value], { blocksize: size, ...(isDeeper ? {} : { mode: 'DCR' }) });
  const channels = times(image.channels, isDeeper ? size ** 2 : 1 / size ** 2);
  return fromImage(operation, { ...image, value, channels, spatial: image.spatial.map((each) => times(each, isDeeper ? 1 / size : size)) });
};

/** Sizes as they are, and the same by a factor, where they are open too. */
const product = (operation: Operation, size: Part, by: number, op: 'Mul' | 'Div'): Part => {
  if (typeof size === 'number') return op === 'Mul' ? size * by : size / by;
  return operation.add(op, [size, operation.ints([by])]);
};

const openShape = (parts: readonly Part[]): Shape => parts.map((part) => (typeof part === 'number' ? part : null));

interface Blocks { readonly block: readonly number[]; readonly pairs: readonly Pair[] }

function blocksOf(operation: Operation): Blocks | null {
  const [block, pairs] = [operation.list(1), pairsOf(operation, 2)];
  const rank = operation.input(0).shape?.length;
  if (!block || !pairs || rank === undefined) return null;
  if (block.length !== pairs.length || block.length >= rank || block.some((size) => size < 1)) {
    throw operation.refuse(`has blocks of [${block.slice(0, 12).join(', ')}] and ${pairs.length} pairs for a signal of ${rank} axes`);
  }
  return { block, pairs };
}

const indices = (count: number, from: number, step = 1): readonly number[] => Array.from({ length: count }, (_, i) => from + i * step);

/** [n, s…, rest…] → [Π b · n, s / b…, rest…]: every b-th pixel is an image of its own. */
const spaceToBatch: Rule = (operation) => {
  const given = blocksOf(operation);
  if (!given) return null;
  const { block, pairs } = given;
  const none: Pair = [0, 0];
  const x = padded(operation, operation.input(0), indices(rankOf(operation), 0).map((axis) => pairs[axis - 1] ?? none), [], 'constant');
  const [sizes, n] = [indices(rankOf(operation), 0).map((axis) => operation.size(x, axis)), block.length];
  const inner = block.flatMap((size, i) => [product(operation, sizes[i + 1] ?? 1, size, 'Div'), size]);
  const apart = operation.reshape(operation.plain(x), [sizes[0] ?? 1, ...inner, ...sizes.slice(n + 1)]);
  const turned = operation.transpose(apart, [...indices(n, 2, 2), 0, ...indices(n, 1, 2), ...indices(sizes.length - n - 1, 2 * n + 1)]);
  const shape = [product(operation, sizes[0] ?? 1, block.reduce((a, b) => a * b, 1), 'Mul'), ...inner.filter((_, i) => i % 2 === 0), ...sizes.slice(n + 1)];
  return { ...signalOf(operation.reshape(turned, shape), openShape(shape), x.dtype), divided: { whole: operation.input(0), ...given } };
};

/** The way back, and what is cut off at the ends. Around a convolution, both are a way of writing one with a dilation (tf.nn.with_space_to_batch). */
const batchToSpace: Rule = (operation) => {
  const given = blocksOf(operation);
  if (!given) return null;
  const x = operation.input(0);
  const undivided = x.undivided?.block.join() === given.block.join() ? x.undivided.make(given.pairs) : null;
  if (undivided) return undivided;
  const { block, pairs } = given;
  const [sizes, n] = [indices(rankOf(operation), 0).map((axis) => operation.size(x, axis)), block.length];
  const batch = product(operation, sizes[0] ?? 1, block.reduce((a, b) => a * b, 1), 'Div');
  const apart = operation.reshape(operation.plain(x), [...block, batch, ...sizes.slice(1)]);
  const spread = indices(n, 0).flatMap((i) => [n + 1 + i, i]);
  const turned = operation.transpose(apart, [n, ...spread, ...indices(sizes.length - n - 1, 2 * n + 1)]);
  const larger = block.map((size, i) => product(operation, sizes[i + 1] ?? 1, size, 'Mul'));
  const whole = operation.reshape(turned, [batch, ...larger, ...sizes.slice(n + 1)]);
  const shape = openShape([batch, ...larger, ...sizes.slice(n + 1)]);
  if (pairs.flat().every((each) => each === 0)) return signalOf(whole, shape, x.dtype);
  const ends = pairs.map(([, after]) => (after === 0 ? 2 ** 31 - 1 : -after));
  const by = [pairs.map(([before]) => before), ends, indices(n, 1)].map((each) => operation.ints(each));
  const cropped = shape.map((size, i) => (size === null ? null : size - (pairs[i - 1]?.[0] ?? 0) - (pairs[i - 1]?.[1] ?? 0)));
  return signalOf(operation.add('Slice', [whole, ...by]), cropped, x.dtype);
};

const rankOf = (operation: Operation): number => operation.input(0).shape?.length ?? 0;

/** Where TensorFlow looks for the pixels of a larger image (tensorflow/core/util/image_resizer_state.h), in the words of ONNX Resize-18. */
const resize = (isNearest: boolean): Rule => (operation) => {
  const { attributes } = operation;
  const [image, size] = [imageOf(operation, operation.input(0), 2), operation.input(1)];
  const [aligned, half] = [attributes.flag('align_corners'), attributes.flag('half_pixel_centers')];
  const mode = isNearest ? { mode: 'nearest', nearest_mode: aligned || half ? 'round_prefer_ceil' : 'floor' } : { mode: 'linear' };
  const transformation = aligned ? 'align_corners' : half ? 'half_pixel' : 'asymmetric';
  const known = valuesOf(size);
  if (known && (known.length !== 2 || known.some((each) => each < 1))) {
    throw operation.refuse(`makes images of [${known.slice(0, 8).join(', ')}] where two whole numbers from 1 on were expected`);
  }
  const sizes = known ? operation.ints(known) : operation.plain(size);
  const value = operation.add('Resize', [image.value, '', '', sizes],
    { ...mode, coordinate_transformation_mode: transformation, axes: [2, 3] });
  const larger: Image = { ...image, value, spatial: known ?? size.known ?? [null, null] };
  return fromImage(operation, larger);
};

export const space: Rules = {
  Pad: pad, PadV2: pad, MirrorPad: mirrorPad, SpaceToDepth: blocks('SpaceToDepth'), DepthToSpace: blocks('DepthToSpace'), SpaceToBatchND: spaceToBatch,
  BatchToSpaceND: batchToSpace, ResizeBilinear: resize(false), ResizeNearestNeighbor: resize(true),
};
