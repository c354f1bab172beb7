// What the gradient of a weight is, operator by operator: which elements meet, and how often.

import { elementCount } from '../graph/dtype';
import { floatAttribute, intAttribute, stringAttribute } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { Activation } from '../ops/spec';
import { inCommon, through } from './borders';
import { besideActivation, besideOwn } from './besideActivation';
import { standardised } from './normRules';
import { inputKernelGradient } from './recurrentGradient';
import type { Signal } from './signal';
import { bend, constantSignal, one } from './signal';
import { meetings, windowAxes } from './taps';
import type { Products, Uses, Weighing } from './weighing';
import { atEach, summed } from './weighing';

type WeightRule = (weighing: Weighing) => number | null;

const outputOf = ({ context: { node, shape } }: Weighing): readonly number[] | null => shape(node.outputs.find((output) => output !== '') ?? '');

/**
 * The variance over the elements of a kernel of so many units, each of which has `inputs` of them: E g² less the square of their mean, in which units have
 * nothing in common, and the elements of one what the inputs have, m².
 */
function overKernel(weighing: Weighing, x: Signal, uses: Uses, units: number, alpha = 1): number {
  const { count, gradient } = weighing;
  const whole = summed(gradient, besideOwn(weighing, x, alpha), uses);
  if (gradient.balanced) return whole;
  const squared = x.mean ** 2;
  const alike = summed(gradient, { second: squared, common: squared, local: squared, apart: squared }, uses);
  const inputs = count / units;
  return whole - (alike * (1 - 1 / inputs) + whole / inputs) / units;
}

/** Of one whose elements have nothing in common. */
const overElements = ({ count, gradient }: Weighing, x: Products, uses: Uses): number => summed(gradient, x, uses) * (1 - 1 / count);

/** Places of a value that has so many; null where samples do not divide them. */
function usesOf(places: number, { samples }: Weighing): Uses | null {
  const positions = places / samples;
  return Number.isInteger(positions) && positions > 0 ? atEach(samples, positions) : null;
}

/** y = x W: each row of x is a place. */
const matrix: WeightRule = (weighing) => {
  const { context: { node, shape, x, kernel }, position } = weighing;
  const read = 1 - position;
  const [sizes, output] = [shape(node.inputs[read] ?? ''), outputOf(weighing)];
  if (!sizes || !output || !kernel || read < 0) return null;
  const isTurned = node.op === 'Gemm' && intAttribute(node, read === 0 ? 'transA' : 'transB', 0) === 1;
  const inner = sizes.at((read === 0) === isTurned ? -2 : -1) ?? 1;
  const rows = elementCount(sizes) / inner;
  const uses = usesOf(rows, weighing);
  const alpha = node.op === 'Gemm' ? floatAttribute(node, 'alpha', 1) : 1;
  return uses && alpha ** 2 * overKernel(weighing, x(read), uses, elementCount(output) / rows, alpha);
};

/** Letters of x that the kernel has not are places. */
const sumOfProducts: WeightRule = (weighing) => {
  const { context: { node, shape, x }, position } = weighing;
  const terms = stringAttribute(node, 'equation', '').replaceAll(' ', '').split('->')[0]?.split(',') ?? [];
  const [weight = '', read = ''] = [terms[position], terms[1 - position]];
  const [sizes, output] = [shape(node.inputs[1 - position] ?? ''), outputOf(weighing)];
  if (!sizes || !output || terms.length !== 2 || read.includes('.') || weight.includes('.') || read.length !== sizes.length) return null;
  const places = sizes.reduce((product, size, axis) => (weight.includes(read[axis] ?? '') ? product : product * size), 1);
  const uses = usesOf(places, weighing);
  return uses && overKernel(weighing, x(1 - position), uses, elementCount(output) / places);
};

/** Each tap of a window meets the image at the positions of the window at which it is inside: y(p) = Σ w_k x(p + k), and back where it is transposed. */
const convolution: WeightRule = (weighing) => {
  const { context: { node, shape, x }, position, gradient } = weighing;
  const [input, kernel, output] = [shape(node.inputs[0] ?? ''), shape(node.inputs[1] ?? ''), outputOf(weighing)];
  if (!input || !output || input.length !== kernel?.length || position !== 1) return null;
  const isTurned = node.op !== 'Conv';
  const axes = windowAxes(node, kernel.slice(2), ...(isTurned ? [output, input] as const : [input, output] as const));
  const { taps, met, squared } = meetings(axes);
  // Inside an image both are larger than at its border.
  const weighed = isTurned ? null : through(axes, x(0).profile, 'forward');
  const once = weighed ? weighed.met * inCommon(weighed.profile, gradient.profile) : met;
  return overKernel(weighing, x(0), { samples: input[0] ?? 1, once: once / taps, pairs: (squared - met) / taps }, output[1] ?? 1);
};

/** Rows of a table are looked up by indices that are drawn alike: of V rows each by a place with probability 1/V, by two places with 1/V². */
const table: WeightRule = (weighing) => {
  const { index, context: { node, shape }, count, gradient, samples } = weighing;
  const [sizes, indices] = [shape(node.inputs[0] ?? ''), shape(node.inputs[1] ?? '')];
  if (!sizes || !indices || intAttribute(node, 'axis', 0) !== 0 || !isFed(index, node.inputs[1] ?? '')) return null;
  const [rows, uses] = [sizes[0] ?? 1, usesOf(elementCount(indices), weighing)];
  if (!uses) return null;
  const twice = summed(gradient, ones, uses) / rows ** 2;
  return (twice + samples * uses.once * gradient.second * (1 / rows - 1 / rows ** 2)) * (1 - 1 / count);
};

/** As the engine feeds them: an input of the network, or what it is cast to, is drawn from the rows. */
function isFed({ graph, producer }: GraphIndex, indices: string): boolean {
  const made = producer.get(indices);
  const value = made?.op === 'Cast' ? made.inputs[0] ?? '' : indices;
  return graph.inputs.some(({ name }) => name === value);
}

/** y = γ x̂ + β: so much of the output as γ has elements is a place. */
const scale: WeightRule = (weighing) => elementwise(weighing, standardised(weighing.context));
const factor: WeightRule = (weighing) => elementwise(weighing, weighing.context.x(1 - weighing.position));

function elementwise(weighing: Weighing, x: Signal | null): number | null {
  const output = outputOf(weighing);
  const uses = output && usesOf(elementCount(output) / weighing.count, weighing);
  const met = x && besideActivation(weighing, x);
  return uses && met ? overElements(weighing, met, uses) : null;
}

const ones: Signal = constantSignal(one);
/** A table that is added, as of positions. */
const addend: WeightRule = (weighing) => {
  const output = outputOf(weighing);
  const uses = output && usesOf(elementCount(output) / weighing.count, weighing);
  return uses && overElements(weighing, ones, uses);
};

const negative: Activation = { f: (x) => Math.min(0, x), df: (x) => (x < 0 ? 1 : 0), kinks: [0] };

/** a min(x, 0): what of x is negative. */
const slope: WeightRule = (weighing) => {
  const output = outputOf(weighing);
  const uses = output && usesOf(elementCount(output) / weighing.count, weighing);
  return uses && overElements(weighing, bend(weighing.context.x(0), negative), uses);
};

const recurrent: WeightRule = ({ context, position }) => (position === 1 ? inputKernelGradient(context) : null);

export const weightRules: ReadonlyMap<string, WeightRule> = new Map<string, WeightRule>([
  ['MatMul', matrix], ['Gemm', matrix], ['Einsum', sumOfProducts], ['Conv', convolution], ['ConvTranspose', convolution], ['Gather', table],
  ['Mul', factor], ['Add', addend], ['PRelu', slope], ['RNN', recurrent], ['GRU', recurrent], ['LSTM', recurrent],
  ...['BatchNormalization', 'InstanceNormalization', 'LayerNormalization', 'GroupNormalization', 'RMSNormalization', 'SimplifiedLayerNormalization']
    .map((op) => [op, scale] as const),
]);
