// Products: of a signal with a stored kernel, and of two signals, as attention multiplies them.

import { elementCount } from '../graph/dtype';
import { floatAttribute, intAttribute } from '../graph/graph';
import type { Fans } from '../ops/spec';
import type { MomentContext, MomentRule } from './rule';
import type { Backward } from './gradient';
import { through } from './borders';
import { reshaped, scaled, withAcross } from './gradient';
import { add, constantSignal, weigh, withProfile } from './signal';
import { squaredOfTriangle, squaredWeights } from './softmaxWeight';
import { meetings, windowAxes } from './taps';

/** y = W x + b: fan_in products are added up, and fan_out gradients (He et al. 2015, eqs. 6 and 14). */
const kernels: MomentRule = {
  ops: ['Gemm', 'MatMul', 'Conv', 'ConvTranspose', 'FusedMatMul', 'FusedGemm', 'Einsum'],
  data: 2,
  forward: (context) => {
    const { node, kernel, stored, x } = context;
    if (!kernel) return node.op === 'MatMul' ? ofSignals(context) : { why: 'it is a product of two signals' };
    const factor = node.op === 'Gemm' ? floatAttribute(node, 'alpha', 1) : 1;
    const moments = { mean: kernel.moments.mean * factor, second: kernel.moments.second * factor ** 2 };
    const [read, windows] = [x(stored(0) ? 1 : 0), windowsOf(context)];
    // Only taps that meet the image count, which at its borders are fewer.
    const met = windows && through(windows.axes, read.profile, 'forward');
    const share = windows && met ? met.met / (windows.taps * windows.places.output) : 1;
    const product = withProfile(weigh(read, moments, kernel.fans.fanIn * share), met?.profile);
    const bias = node.op === 'Gemm' || node.op.startsWith('Conv') ? stored(2) : null;
    const beta = node.op === 'Gemm' ? floatAttribute(node, 'beta', 1) : 1;
    return bias ? add(product, constantSignal(beta === 1 ? bias : { mean: bias.mean * beta, second: bias.second * beta ** 2 })) : product;
  },
  backward: (context, position) => {
    const { node, kernel } = context;
    if (!kernel) return backThroughSignals(context, position);
    const factor = node.op === 'Gemm' ? floatAttribute(node, 'alpha', 1) : 1;
    const weight = kernel.moments.second * factor ** 2;
    const windows = windowsOf(context);
    if (!windows) return scaled(fanOutOf(context, kernel.fans) * weight);
    const { axes, units, places: { input } } = windows;
    // Of two positions that a stride passes by neither gets anything.
    const { met: all, squared } = meetings(axes);
    const ofPairs = input > 1 ? units * (squared - all) / (input * (input - 1)) : 0;
    return (gradient) => {
      const { met, profile } = through(axes, gradient.profile, 'back');
      const fanOut = units * (met / input);
      return reshaped(scaled(fanOut * weight, ofPairs * weight, fanOut * weight)(gradient), profile);
    };
  },
};

/** Parts that lie in one kernel, as of a query, a key and a value, each send a gradient back. */
function fanOutOf({ node, stored, shape }: MomentContext, { fanIn, fanOut }: Fans): number {
  if (node.op !== 'Gemm' && node.op !== 'MatMul') return fanOut;
  const sizes = [0, 1].map((position) => stored(position) && shape(node.inputs[position] ?? '')).find((each) => each?.length === 2);
  return sizes ? Math.max(fanOut, sizes.reduce((all, size) => all * size, 1) / fanIn) : fanOut;
}

interface Windows {
  readonly axes: ReturnType<typeof windowAxes>;
  /** Taps of a window; units and places of what goes in, and of what comes out. */
  readonly taps: number;
  readonly units: number;
  readonly places: { readonly input: number; readonly output: number };
}

/** Of a convolution whose shapes are known; null of all else. */
function windowsOf({ node, shape }: MomentContext): Windows | null {
  if (node.op !== 'Conv') return null;
  const [input, output, kernel] = [shape(node.inputs[0] ?? ''), shape(node.outputs[0] ?? ''), shape(node.inputs[1] ?? '')];
  if (!input || !output || input.length !== kernel?.length) return null;
  const windows = kernel.slice(2);
  return {
    axes: windowAxes(node, windows, input, output), taps: elementCount(windows), units: (kernel[0] ?? 1) / intAttribute(node, 'group', 1),
    places: { input: elementCount(input.slice(2)), output: elementCount(output.slice(2)) },
  };
}

/**
 * a · b of two signals over n independent products. The weights of a softmax add up to 1: of what is averaged by them a share of Σ p² is left, and what its
 * positions have in common.
 */
function ofSignals({ node, x, shape }: MomentContext): ReturnType<MomentRule['forward']> {
  const [a, b] = [x(0), x(1)];
  if (a.softmax) {
    const own = b.second - b.local;
    const alike = b.common - b.apart;
    return {
      mean: b.mean, second: b.local + own * a.softmax.squared, local: b.local + own * a.softmax.overlap,
      common: b.apart + alike * a.softmax.squared, apart: b.apart + alike * a.softmax.overlap,
    };
  }
  const length = shape(node.inputs[0] ?? '')?.at(-1);
  if (length === undefined) return { why: 'the length of what is multiplied is not known' };
  const between = length * (length - 1) * (a.mean * b.mean) ** 2;
  const of = (first: number, second: number): number => length * first * second + between;
  return {
    mean: length * a.mean * b.mean, second: of(a.second, b.second), common: of(a.common, b.common), local: of(a.local, b.local),
    apart: of(a.apart, b.apart), row: of(a.second, b.local),
  };
}

/** Σ 1/i: of rows that see i tokens each, the gradient is 1/i of that of the first, so that they have n / Σ 1/i on average. */
const harmonic = (count: number): number => Math.log(count) + 0.5772156649 + 1 / (2 * count);

/** Rows of scores get gradients that add up to zero: what all keys have in common has no part in that of a query. */
function backThroughSignals(context: MomentContext, position: number): Backward | null {
  const { node, x, shape, fanInBehind, isHiddenBehind } = context;
  const [rows, columns] = [shape(node.outputs[0] ?? '')?.at(-2), shape(node.outputs[0] ?? '')?.at(-1)];
  const [a, b] = [x(0), x(1)];
  if (rows === undefined || columns === undefined) return null;
  const { softmax } = a;
  if (softmax) {
    if (position === 0) return scaled(columns * (b.second - b.local));
    // g_j = Σ_i p_ij g_i over the rows.
    const [own, other] = [rows * softmax.squared / softmax.length, rows * (rows - 1) * softmax.overlap / softmax.length];
    const apart = rows * (1 - softmax.squared) / Math.max(1, softmax.length * (softmax.length - 1));
    return ({ second, local, across }) => withAcross({ second: own * second + other * local, local: apart * second + other * local },
      across && { same: own * across.same + other * across.other, other: apart * across.same + other * across.other });
  }
  if (position === 0) {
    // Keys and values are made of the same n tokens of width d: Σ_j k_j v_jᵀ = W_k (Σ_j x_j x_jᵀ) W_vᵀ, where E (Σ x xᵀ)² = n (n + d − 1) of centred ones.
    const [width, tokens] = [fanInBehind(node.inputs[1] ?? ''), isHiddenBehind(node.outputs[0] ?? '') ? columns / harmonic(columns) : columns];
    return scaled(columns * (b.second - b.local) * (width === null ? 1 : 1 + (tokens - 1) / width));
  }
  // Σ_i s_ij q_i: rows that get the same gradient add up in the measure in which queries are alike. Those of a row add up to zero, and so do those of
  // the keys.
  const among = (own: number): number => (columns === 1 ? 0 : -own / (columns - 1));
  return ({ second, local, across }) => {
    const own = rows * (a.second * second + (rows - 1) * a.local * local);
    const same = across && rows * (a.common * across.same + (rows - 1) * a.apart * across.other);
    return withAcross({ second: own, local: among(own) }, same === undefined ? undefined : { same, other: among(same) });
  };
}

/** p = softmax(s): the gradient p_j (g_j − Σ p g) has the mean square (Σ p² − 2 Σ p³ + (Σ p²)²) / L, and Σ p³ is (Σ p²)² both for equal weights and for one. */
const softmax: MomentRule = {
  ops: ['Softmax'],
  data: 1,
  forward: ({ node, x, shape }) => {
    const sizes = shape(node.inputs[0] ?? '');
    const length = sizes?.at(intAttribute(node, 'axis', -1));
    if (length === undefined) return { why: 'how many scores a row has is not known' };
    const { mean, second, row = mean ** 2, causal = false } = x(0);
    const variance = Math.max(0, second - row);
    const squared = causal ? squaredOfTriangle(length, variance) : squaredWeights(length, variance);
    const [same, overlap] = [1 / length ** 2, (causal ? 2 : 1) / length];
    return { mean: 1 / length, second: squared / length, common: same, local: same, apart: same, softmax: { length, squared, overlap } };
  },
  backward: (_, __, { softmax: of }) => (
    of ? scaled(of.squared * (1 - of.squared) / of.length, of.overlap * Math.max(0, 1 - of.overlap) / of.length) : null),
};

/** A row of a table for each index: unit variance of the table is unit variance of what is looked up. */
export const lookUp: MomentRule = {
  ops: [],
  data: 0,
  forward: ({ stored }) => {
    const table = stored(0);
    return table ? { ...table, common: table.mean ** 2, local: table.mean ** 2, apart: table.mean ** 2 } : { why: 'nothing is known of the table' };
  },
  backward: () => null,
};

/** log p: of about equally likely answers it is the score, less what all share. */
const logSoftmax: MomentRule = {
  ops: ['LogSoftmax'],
  data: 1,
  forward: ({ x }) => x(0),
  backward: () => scaled(1),
};

export const productRules: readonly MomentRule[] = [kernels, softmax, logSoftmax];
