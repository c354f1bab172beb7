// Convolutions, whose rank is that of what they are given; kernels as ONNX has them: [out, in / groups, ...window].

import type { LayerScope } from '../scope';
import type { Signal } from '../signal';
import { channelsFirst, channelsOf, spatialOf, withChannels } from '../signal';
import type { Window } from '../window';
import { padsOf, readWindow, reachOf, sidesOf } from '../window';
import { wholeOf } from '../written';
import { activate } from './activations';
import { mainSize } from './dense';
import type { LayerTable, LayerType } from './table';

/** The smallest window that has a middle and a neighbour on every side (Simonyan & Zisserman 2015, section 2.1). */
const usualKernel = 3;

function windowOf(layer: LayerScope, signal: Signal): Window {
  layer.needs(signal, [2, 3, 4], 'a sequence, an image or a volume', 'Give the network such an input, or put a "reshape" before it.');
  const alike = (value: number): readonly number[] => spatialOf(signal.shape).map(() => value);
  const kernel = layer.written?.wholes('kernel', signal.shape.length - 1, alike(usualKernel)) ?? alike(usualKernel);
  return readWindow(layer, signal, kernel, { strides: alike(1), padding: 'same' });
}

const biasOf = (layer: LayerScope, filters: number): readonly string[] => (layer.written?.flag('bias', true) ?? true ? [layer.weight('bias', [filters])] : []);

function convolved(layer: LayerScope, signal: Signal, filters: number, groups: number): Signal {
  const window = windowOf(layer, signal);
  const channels = channelsOf(signal.shape);
  if (channels % groups !== 0 || filters % groups !== 0) {
    throw layer.refuse(`has ${groups} groups, which do not divide ${channels} channels into ${filters}`, 'Choose a number that divides both.');
  }
  const sides = sidesOf(layer, window);
  const kernel = layer.weight('kernel', [filters, channels / groups, ...window.kernel]);
  const attributes = { kernel_shape: window.kernel, strides: window.strides, dilations: window.dilations, group: groups, pads: padsOf(sides) };
  const value = layer.add('Conv', [layer.first(signal), kernel, ...biasOf(layer, filters)], attributes);
  return activate(layer, channelsFirst(value, withChannels(filters, sides.map(({ size }) => size))));
}

function convolution(layer: LayerScope, signal: Signal): Signal {
  return convolved(layer, signal, mainSize(layer), layer.written?.whole('groups', 1) ?? 1);
}

/** Every channel by itself, made so many of. */
function depthwise(layer: LayerScope, signal: Signal): Signal {
  const multiplier = layer.main ? wholeOf(layer.main) : 1;
  return convolved(layer, signal, channelsOf(signal.shape) * multiplier, channelsOf(signal.shape));
}

/** The gradient of a convolution with respect to its input (Dumoulin & Visin 2016, section 4): "same" gives size · stride. */
function transposed(layer: LayerScope, signal: Signal): Signal {
  const window = windowOf(layer, signal);
  const [filters, groups, channels] = [mainSize(layer), layer.written?.whole('groups', 1) ?? 1, channelsOf(signal.shape)];
  if (channels % groups !== 0 || filters % groups !== 0) {
    throw layer.refuse(`has ${groups} groups, which do not divide ${channels} channels into ${filters}`, 'Choose a number that divides both.');
  }
  const { padding, strides, spatial } = window;
  const sides = spatial.map((size, axis) => {
    const [stride, reach] = [strides[axis] ?? 1, reachOf(window, axis)];
    const full = (size - 1) * stride + reach;
    const surplus = padding === 'same' ? reach - stride : padding === 'valid' ? 0 : 2 * (padding[axis] ?? 0);
    const cut = Math.max(0, surplus);
    if (full - surplus < 1) throw layer.refuse(`cuts ${surplus} of ${full}, which leaves nothing`, 'Give it less padding.');
    return { begin: Math.floor(cut / 2), end: cut - Math.floor(cut / 2), more: Math.max(0, -surplus), size: full - surplus };
  });
  const kernel = layer.weight('kernel', [channels, filters / groups, ...window.kernel]);
  const attributes = {
    kernel_shape: window.kernel, strides, dilations: window.dilations, group: groups, pads: padsOf(sides), output_padding: sides.map(({ more }) => more),
  };
  const value = layer.add('ConvTranspose', [layer.first(signal), kernel, ...biasOf(layer, filters)], attributes);
  return activate(layer, channelsFirst(value, withChannels(filters, sides.map(({ size }) => size))));
}

const convolutionOf = (what: string, example: string, isComplete: boolean, more: readonly string[], build: LayerType['build']): LayerType => ({
  what, example, isComplete, options: ['kernel', 'stride', 'padding', 'dilation', 'bias', 'activation', ...more], roles: ['kernel', 'bias'], build,
});

export const convolutionLayers: LayerTable = {
  'conv': convolutionOf('a convolution', '32', false, ['groups'], convolution),
  'depthwise-conv': convolutionOf('a depthwise convolution', '1', true, [], depthwise),
  'transposed-conv': convolutionOf('a transposed convolution', '32', false, ['groups'], transposed),
};
