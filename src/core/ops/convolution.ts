import type { Node } from '../graph/graph';
import { intAttribute, intsAttribute, stringAttribute } from '../graph/graph';
import type { OperatorSpec, RuleContext } from './spec';

/**
 * Y[n, m, o] = B[m] + Σ_{c, k} W[m, c, k] · X̄[n, c, s·o + d·k], where X̄ is X zero-padded, s the strides, d the dilations, and the
 * channels c are those of m's group. With that:
 *   dX̄[n, c, i] = Σ_{m, k : s·o + d·k = i} W[m, c, k] · dY[n, m, o], a transposed convolution of dY with the same W;
 *   dW[m, c, k] = Σ_{n, o} dY[n, m, o] · X̄[n, c, s·o + d·k], for each offset k a matrix product over the positions o.
 */
export const Conv: OperatorSpec = {
  op: 'Conv',
  inputs: ['X', 'W', 'B'],
  outputs: ['Y'],
  gradient: {
    X: (r) => inputGradient(r),
    W: (r) => weightGradient(r),
    B: ({ m, dy, y, shapeOf }) => m.sum(dy('Y'), shapeOf(y('Y')).flatMap((_, axis) => (axis === 1 ? [] : [axis])), false),
  },
  parameters: {
    // W is [M, C/g, k…]: an output element sums C/g · Πk products, an input element enters M/g · Πk / Πs of them.
    W: {
      role: 'kernel',
      fans: ([M = 1, channels = 1, ...kernel], node) => {
        const taps = product(kernel);
        const strides = product(intsAttribute(node, 'strides') ?? []);
        return { fanIn: channels * taps, fanOut: ((M / intAttribute(node, 'group', 1)) * taps) / strides };
      },
      units: ([M = 1, ...rest]) => ({ inner: product(rest), count: M }),
    },
    B: { role: 'bias' },
  },
};

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Everything about the window, spatial axes only. */
export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly padBegin: readonly number[];
  readonly padEnd: readonly number[];
}

/** The window of a convolution or pooling with `auto_pad` resolved (ONNX Conv specification). Shapes: [N, C, spatial…]. */
export function windowOf(node: Node, kernel: readonly number[], input: readonly number[]): Window {
  const ones = kernel.map(() => 1);
  const strides = intsAttribute(node, 'strides') ?? ones;
  const dilations = intsAttribute(node, 'dilations') ?? ones;
  const autoPad = stringAttribute(node, 'auto_pad', 'NOTSET');
  const explicit = intsAttribute(node, 'pads') ?? [...ones, ...ones].map(() => 0);
  if (autoPad === 'NOTSET' || autoPad === '') {
    return { kernel, strides, dilations, padBegin: explicit.slice(0, kernel.length), padEnd: explicit.slice(kernel.length) };
  }
  const total = kernel.map((size, i) => {
    if (autoPad === 'VALID') return 0;
    const [stride, length] = [strides[i] ?? 1, input[i + 2] ?? 1];
    return Math.max(0, (Math.ceil(length / stride) - 1) * stride + (size - 1) * (dilations[i] ?? 1) + 1 - length);
  });
  const small = total.map((pad) => Math.floor(pad / 2));
  const large = total.map((pad, i) => pad - (small[i] ?? 0));
  return { kernel, strides, dilations, padBegin: autoPad === 'SAME_LOWER' ? large : small, padEnd: autoPad === 'SAME_LOWER' ? small : large };
}

/** Positions from which on a flipped kernel is faster than ONNX Runtime's transposed convolution: 14 × 14 of an image, measured. */
const manyPositions = 15 * 15;

/**
 * Without strides dX is a convolution of dY, too, by the kernel turned about: W′[c, m, k] = W[m, c, K − 1 − k], padded by d (K − 1) − p.
 * That is how it is computed for 1 × 1 kernels and for many positions.
 */
function inputGradient(r: RuleContext): string {
  const { node, m, x, dy, y, shapeOf } = r;
  const X = shapeOf(x('X'));
  const Y = shapeOf(y('Y'));
  const window = windowOf(node, shapeOf(x('W')).slice(2), X);
  const { kernel, strides, dilations, padBegin, padEnd } = window;
  const turned = [padBegin, padEnd].map((pads) => pads.map((pad, i) => (dilations[i] ?? 1) * ((kernel[i] ?? 1) - 1) - pad));
  const isTurnable = strides.every((stride) => stride === 1) && turned.flat().every((pad) => pad >= 0);
  if (isTurnable && (product(kernel) === 1 || product(Y.slice(2)) >= manyPositions)) {
    return m.graph.add('Conv', [dy('Y'), turnedKernel(r)], { kernel_shape: kernel, dilations, pads: turned.flat(), group: intAttribute(node, 'group', 1) });
  }
  const outputPadding = window.kernel.map((size, i) => {
    const reach = (window.strides[i] ?? 1) * ((Y[i + 2] ?? 1) - 1) + (size - 1) * (window.dilations[i] ?? 1) + 1;
    return (X[i + 2] ?? 1) + (window.padBegin[i] ?? 0) + (window.padEnd[i] ?? 0) - reach;
  });
  return m.graph.add('ConvTranspose', [dy('Y'), x('W')], {
    strides: window.strides,
    dilations: window.dilations,
    pads: [...window.padBegin, ...window.padEnd],
    output_padding: outputPadding,
    group: intAttribute(node, 'group', 1),
  });
}

/** [M, C/g, k…] → [C, M/g, k…], every spatial axis reversed. */
function turnedKernel({ node, m, x, shapeOf }: RuleContext): string {
  const [M = 1, perGroup = 1, ...kernel] = shapeOf(x('W'));
  const group = intAttribute(node, 'group', 1);
  const spatial = kernel.flatMap((size, i) => (size > 1 ? [{ axis: i + 2, size }] : []));
  const backwards = spatial.length === 0 ? x('W') : m.slice(
    x('W'), spatial.map(({ axis }) => axis), spatial.map(() => -1), spatial.map(({ size }) => -size - 1), spatial.map(() => -1),
  );
  const axes = kernel.map((_, i) => i + 3);
  return m.reshape(m.transpose(m.reshape(backwards, [group, M / group, perGroup, ...kernel]), [0, 2, 1, ...axes]), [group * perGroup, M / group, ...kernel]);
}

function weightGradient({ node, m, x, dy, y, shapeOf }: RuleContext): string {
  const window = windowOf(node, shapeOf(x('W')).slice(2), shapeOf(x('X')));
  const padded = m.pad(x('X'), [0, 0, ...window.padBegin, 0, 0, ...window.padEnd]);
  return correlate(m, { rows: dy('Y'), columns: padded, shape: shapeOf(y('Y')), window, kernel: shapeOf(x('W')), group: intAttribute(node, 'group', 1) });
}

interface Correlation {
  /** [N, M, o…], and that shape. */
  readonly rows: string;
  readonly shape: readonly number[];
  /** [N, C, …], padded as far as the window reaches. */
  readonly columns: string;
  readonly window: Window;
  /** [M, C/g, k…] */
  readonly kernel: readonly number[];
  readonly group: number;
}

/** Positions up to which one large product is faster than one per offset and sample: 14 × 14 of an image, measured. */
const fewPositions = 14 * 14;

/** K[m, c, k] = Σ_{n, o} rows[n, m, o] · columns[n, c, s·o + d·k]: how the weights of a convolution are met. */
export function correlate(m: RuleContext['m'], correlation: Correlation): string {
  const { shape: [, , ...positions], group } = correlation;
  return group === 1 && product(positions) <= fewPositions ? correlateWhole(m, correlation) : correlateByOffset(m, correlation);
}

/** As one product over all (n, o), of rows [m, n·o] and, channels last, of what all offsets see, [n·o, k·c]. */
function correlateWhole(m: RuleContext['m'], { rows, columns, shape, window, kernel }: Correlation): string {
  const [N = 1, M = 1, ...positions] = shape;
  const [, C = 1, ...sizes] = kernel;
  const count = product(positions);
  const spatial = positions.map((_, i) => i + 2);
  const last = m.transpose(columns, [0, ...spatial, 1]);
  const seen = offsetsOf(sizes).map((offset) => m.reshape(windowSlice(m, last, window, offset, positions, 1), [N * count, C]));
  const matrix = m.reshape(m.transpose(rows, [1, 0, ...spatial]), [M, N * count]);
  const whole = m.reshape(m.matmul(matrix, m.concat(seen, 1)), [M, seen.length, C]);
  return m.reshape(m.transpose(whole, [0, 2, 1]), kernel);
}

/** For each offset k, and each sample, as a product over o. */
function correlateByOffset(m: RuleContext['m'], { rows, columns, shape, window, kernel, group }: Correlation): string {
  const [N = 1, M = 1, ...positions] = shape;
  const perGroup = kernel[1] ?? 1;
  const count = product(positions);
  const cotangent = m.reshape(rows, [N, group, M / group, count]);
  const taps = offsetsOf(window.kernel).map((offset) => {
    const seen = m.reshape(windowSlice(m, columns, window, offset, positions), [N, group, perGroup, count]);
    // [N, g, M/g, o] × [N, g, o, C/g]; with one channel per group the product is a plain sum.
    return perGroup === 1
      ? m.sum(m.mul(cotangent, seen), [0, 3], false)
      : m.sum(m.matmul(cotangent, m.swap(seen, 4)), [0], false);
  });
  const stacked = taps.map((tap) => m.reshape(tap, [M, perGroup, 1]));
  return m.reshape(m.concat(stacked, 2), kernel);
}

/** What a tap of the window sees, [N, C, o…], or [N, o…, C] where the spatial axes begin at 1. */
export function windowSlice(
  m: RuleContext['m'], padded: string, window: Window, offset: readonly number[], positions: readonly number[], firstAxis = 2,
): string {
  const plain = window.kernel.every((size) => size === 1) && window.strides.every((stride) => stride === 1);
  if (plain) return padded;
  const starts = offset.map((k, i) => k * (window.dilations[i] ?? 1));
  const ends = starts.map((start, i) => start + ((positions[i] ?? 1) - 1) * (window.strides[i] ?? 1) + 1);
  return m.slice(padded, offset.map((_, i) => i + firstAxis), starts, ends, window.strides);
}

/** All offsets of a kernel, the last axis fastest: the order of W's elements. */
export function offsetsOf(kernel: readonly number[]): readonly (readonly number[])[] {
  return kernel.reduce<readonly (readonly number[])[]>(
    (offsets, size) => offsets.flatMap((offset) => Array.from({ length: size }, (_, k) => [...offset, k])), [[]],
  );
}
