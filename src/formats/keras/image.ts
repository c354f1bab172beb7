// Signals as convolutions and pools take them: channels behind the batch, whatever order the layer's data_format says.

import type { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { LayerScope } from './scope';
import type { Shape, Signal } from './signal';
import { channelsFirst, signalOf } from './signal';

/** [N, C, ...spatial] */
export interface Image {
  readonly value: string;
  readonly batch: number | null;
  readonly channels: number | null;
  readonly spatial: Shape;
}

const isFirst = (layer: LayerScope): boolean => layer.fields.string('data_format', 'channels_last') === 'channels_first';

/** `rank`: of the spatial axes. */
export function imageOf(layer: LayerScope, signal: Signal, rank: number): Image {
  const { shape } = signal;
  if (shape.length !== rank + 2) {
    throw layer.refuse(say('takes inputs of rank {0}, and is given [{1}]', rank + 2, shape.map((size) => size ?? '?').join(', ')));
  }
  const [batch = null] = shape;
  if (isFirst(layer)) return { value: layer.plain(signal), batch, channels: shape[1] ?? null, spatial: shape.slice(2) };
  return { value: layer.first(signal), batch, channels: shape.at(-1) ?? null, spatial: shape.slice(1, -1) };
}

export function fromImage(layer: LayerScope, { value, batch, channels, spatial }: Image): Signal {
  return isFirst(layer) ? signalOf(value, [batch, channels, ...spatial]) : channelsFirst(value, [batch, ...spatial, channels]);
}

/** Where the data of a padded window begins and ends, and how far it reaches. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padding: 'valid' | 'same' | 'causal';
}

export function readPadding(layer: LayerScope, causal = false): Window['padding'] {
  const padding = layer.fields.string('padding', 'valid').toLowerCase();
  if (padding === 'valid' || padding === 'same' || (padding === 'causal' && causal)) return padding;
  throw layer.fields.refuse('padding', causal ? '"valid", "same" or "causal"' : '"valid" or "same"');
}

const reach = (kernel: number, dilation: number): number => (kernel - 1) * dilation + 1;

/** Sizes behind a window that moves over the spatial axes (TensorFlow, "Notes on padding"): ⌈n/s⌉, or ⌈(n − reach + 1)/s⌉ without padding. */
export function windowed(layer: LayerScope, spatial: Shape, { kernel, strides, dilations, padding }: Window): Shape {
  return spatial.map((size, i) => {
    if (size === null) return null;
    const [stride, inside] = [strides[i] ?? 1, padding === 'valid' ? size - reach(kernel[i] ?? 1, dilations[i] ?? 1) + 1 : size];
    if (inside < 1) throw tooSmall(layer, size, kernel[i] ?? 1);
    return Math.ceil(inside / stride);
  });
}

function tooSmall(layer: LayerScope, size: number, kernel: number): Failure {
  return layer.refuse(say('has a window of {0} over an axis of {1}, which leaves nothing', kernel, size), say('Give the network a larger input shape.'));
}

/** Begins and ends as ONNX takes them, or `auto_pad` where a size is not known. Of an odd sum the end gets more, as TensorFlow pads. */
export function paddingOf(spatial: Shape, { kernel, strides, dilations, padding }: Window): Readonly<Record<string, string | readonly number[]>> {
  if (padding === 'valid') return {};
  const reaches = kernel.map((size, i) => reach(size, dilations[i] ?? 1));
  if (padding === 'causal') return { pads: [...reaches.map((each) => each - 1), ...reaches.map(() => 0)] };
  const totals = spatial.map((size, i) => {
    const [stride, window] = [strides[i] ?? 1, reaches[i] ?? 1];
    // With a stride of 1 it does not depend on the size.
    if (size === null) return stride === 1 ? window - 1 : null;
    return Math.max(0, (Math.ceil(size / stride) - 1) * stride + window - size);
  });
  if (totals.some((total) => total === null)) return { auto_pad: 'SAME_UPPER' };
  const begins = totals.map((total) => Math.floor((total ?? 0) / 2));
  return { pads: [...begins, ...totals.map((total, i) => (total ?? 0) - (begins[i] ?? 0))] };
}
