// Windows that move over the spatial axes of a signal: convolutions and pools.

import type { LayerScope } from './scope';
import type { Signal } from './signal';
import { spatialOf } from './signal';
import { wholesOf, wordOf } from './written';

export interface Window {
  readonly spatial: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Of each axis; a number is put at either end. */
  readonly padding: 'same' | 'valid' | readonly number[];
}

/** `otherwise`: where the layer says nothing. */
export function readWindow(
  layer: LayerScope, signal: Signal, kernel: readonly number[], otherwise: { readonly strides: readonly number[]; readonly padding: 'same' | 'valid' },
): Window {
  const spatial = spatialOf(signal.shape);
  const rank = spatial.length;
  const written = layer.written?.find('padding');
  const padding = !written ? otherwise.padding : written.value.kind === 'string' ? wordOf(written, ['same', 'valid'], 'padding') : wholesOf(written, rank, 0);
  const alike = (value: number): readonly number[] => spatial.map(() => value);
  return {
    spatial, kernel, padding,
    strides: layer.written?.wholes('stride', rank, otherwise.strides) ?? otherwise.strides,
    dilations: layer.written?.wholes('dilation', rank, alike(1)) ?? alike(1),
  };
}

/** How far the window of an axis reaches. */
export const reachOf = ({ kernel, dilations }: Window, axis: number): number => ((kernel[axis] ?? 1) - 1) * (dilations[axis] ?? 1) + 1;

interface Side { readonly begin: number; readonly end: number; readonly size: number }

/**
 * Padding and output of every axis. "same" gives ⌈size / stride⌉, and of an odd sum puts more at the end, as ONNX' SAME_UPPER; else it is
 * ⌊(size + padding − reach) / stride⌋ + 1 (Dumoulin & Visin 2016, arXiv 1603.07285, relationship 6).
 */
export function sidesOf(layer: LayerScope, window: Window): readonly Side[] {
  const { spatial, strides, padding } = window;
  return spatial.map((size, axis): Side => {
    const [stride, reach] = [strides[axis] ?? 1, reachOf(window, axis)];
    if (padding === 'same') {
      const out = Math.ceil(size / stride);
      const total = Math.max(0, (out - 1) * stride + reach - size);
      return { begin: Math.floor(total / 2), end: total - Math.floor(total / 2), size: out };
    }
    const pad = padding === 'valid' ? 0 : padding[axis] ?? 0;
    const out = Math.floor((size + 2 * pad - reach) / stride) + 1;
    if (out >= 1) return { begin: pad, end: pad, size: out };
    throw layer.refuse(`has a window of ${reach} over an axis of ${size}, which leaves nothing`, 'Make the window smaller, or take "padding": "same".');
  });
}

/** Begins, then ends, as ONNX takes them. */
export const padsOf = (sides: readonly Side[]): readonly number[] => [...sides.map(({ begin }) => begin), ...sides.map(({ end }) => end)];
