import type { Node } from '../graph/graph';
import { stringAttribute } from '../graph/graph';
import { offsetsOf, windowSlice } from './convolution';
import type { Window } from './convolution';
import type { OperatorSpec, RuleContext } from './spec';

/**
 * Resize interpolates along one axis after the other, each time by a matrix: Y[o] = Σ_i R[i, o] X[i]. So dX[i] = Σ_o R[i, o] dY[o], and R is
 * what the same node makes of an identity matrix, whatever its mode. (A policy for the aspect ratio is taken for the sizes it leads to.)
 */
function ofResize(r: RuleContext): string {
  const { node, m, x, y, dy, has, ints, shapeOf } = r;
  const input = shapeOf(x('X'));
  const output = shapeOf(y('Y'));
  const named = ints('axes')?.map((axis) => (axis < 0 ? axis + input.length : axis)) ?? [...input.keys()];
  // A scale just above 1 keeps a length and moves elements all the same; of a batch and its channels nobody asks that.
  const mayMove = (axis: number): boolean => input[axis] !== output[axis] || isCropped(node) || (has('scales') && axis > 1);
  return named.filter(mayMove).reduce((value, axis) => {
    const [from = 1, to = 1] = [input[axis], output[axis]];
    const interpolation = m.reshape(interpolationOf(r, named.indexOf(axis), named.length, from, to), [from, to]);
    const done = named.slice(0, named.indexOf(axis));
    const shape = output.map((size, other) => (done.includes(other) ? input[other] ?? size : size));
    const [before, after] = [product(shape.slice(0, axis)), product(shape.slice(axis + 1))];
    const moved = after === 1
      ? m.matmul(m.reshape(value, [before, to]), m.swap(interpolation, 2))
      : m.matmul(interpolation, m.reshape(value, [before, to, after]));
    return m.reshape(moved, shape.map((size, other) => (other === axis ? from : size)));
  }, dy('Y'));
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/**
 * [from, 1, 1, to]: the node on an identity matrix [from, 1, 1, from], resized along its last axis as it resizes X along the one at that place
 * of its lists. The axis of one element is doubled and halved again, because ONNX Runtime copies what keeps its whole shape, whatever the scale.
 */
function interpolationOf({ node, m, x, has }: RuleContext, place: number, count: number, from: number, to: number): string {
  const ignored = ['axes', 'extrapolation_value', 'keep_aspect_ratio_policy'];
  const attributes = Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !ignored.includes(name)));
  const identity = m.reshape(m.graph.add('EyeLike', [m.zeros([from, from])]), [from, 1, 1, from]);
  const pick = (value: string, at: number): string => m.slice(value, [0], [at], [at + 1], [1]);
  const lead = (...values: readonly number[]): string => m.graph.constant('float32', [3], values);
  const roi = has('roi') && isCropped(node)
    ? m.concat([lead(0, 0, 0), pick(x('roi'), place), lead(1, 1, 1), pick(x('roi'), count + place)], 0)
    : '';
  const target = has('scales') ? [m.concat([lead(1, 1, 2), pick(x('scales'), place)], 0)] : ['', m.graph.ints([from, 1, 2, to])];
  return m.slice(m.graph.add('Resize', [identity, roi, ...target], attributes), [2], [0], [1], [1]);
}

const isCropped = (node: Node): boolean => stringAttribute(node, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize';

/**
 * Y[n, c, s·o + d·k − p] = Σ X[n, c·k, o] over the blocks o and their elements k that meet there, so dX[n, c·k, o] is dY seen through the window:
 * dȲ[n, c, s·o + d·k], dY zero-padded.
 */
function ofBlocks({ m, x, dy, y, ints, constant, shapeOf }: RuleContext): string {
  const [N = 1, C = 1, ...image] = shapeOf(y('output'));
  const kernel = constant('block_shape');
  const ones = kernel.map(() => 1);
  const pads = ints('pads') ?? [...ones, ...ones].map(() => 0);
  const window: Window = {
    kernel, strides: ints('strides') ?? ones, dilations: ints('dilations') ?? ones,
    padBegin: pads.slice(0, kernel.length), padEnd: pads.slice(kernel.length),
  };
  const positions = image.map((length, i) => {
    const room = length + (window.padBegin[i] ?? 0) + (window.padEnd[i] ?? 0) - (window.dilations[i] ?? 1) * ((kernel[i] ?? 1) - 1) - 1;
    return Math.floor(room / (window.strides[i] ?? 1)) + 1;
  });
  const padded = m.pad(dy('output'), [0, 0, ...window.padBegin, 0, 0, ...window.padEnd]);
  const seen = offsetsOf(kernel).map((offset) => m.reshape(windowSlice(m, padded, window, offset, positions), [N, C, 1, product(positions)]));
  return m.reshape(m.concat(seen, 2), shapeOf(x('input')));
}

export const resampling: readonly OperatorSpec[] = [
  {
    op: 'Resize',
    inputs: ['X', 'roi', 'scales', 'sizes'],
    outputs: ['Y'],
    gradient: { X: (r) => ofResize(r), roi: 'non-differentiable', scales: 'non-differentiable', sizes: 'non-differentiable' },
  },
  {
    op: 'Col2Im',
    inputs: ['input', 'image_shape', 'block_shape'],
    outputs: ['output'],
    gradient: { input: (r) => ofBlocks(r), image_shape: 'non-differentiable', block_shape: 'non-differentiable' },
  },
];
