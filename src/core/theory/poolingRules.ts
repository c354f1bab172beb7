// Averages and maxima over windows, whose elements are independent but for what they have in common.

import { elementCount } from '../graph/dtype';
import { intAttribute, intsAttribute } from '../graph/graph';
import { erf } from '../ops/erf';
import type { Activation } from '../ops/spec';
import { expectation } from '../ops/quadrature';
import type { Backward } from './gradient';
import { pooled, through } from './borders';
import { copied, reshaped, scaled, withAcross } from './gradient';
import type { MomentContext, MomentRule } from './rule';
import { ratio } from './rule';
import type { Signal } from './signal';
import { average, correlationOf, eachMoment, nothing, numberOf, scaleAndShift, varianceOf, withProfile } from './signal';
import { windowAxes } from './taps';

const windowOf = ({ node }: MomentContext): number => (intsAttribute(node, 'kernel_shape') ?? []).reduce((product, size) => product * size, 1);

/** Elements that become one; NaN where shapes do not tell. */
const takenTogether = (context: MomentContext): number => ratio(context, context.node.inputs[0] ?? '', context.node.outputs[0] ?? '', NaN);

/** ⟨x⟩ over k: Var ⟨x⟩ is what they share, and of the rest a k-th. Every element gets 1/k of the gradients of the windows it is in. */
const averagePool: MomentRule = {
  ops: ['AveragePool'],
  data: 1,
  forward: (context) => withProfile(average(context.x(0), windowOf(context)), pooledProfile(context)),
  backward: (context) => {
    const window = windowOf(context);
    const share = ratio(context, context.node.outputs[0] ?? '', context.node.inputs[0] ?? '', 1 / window);
    const inputs = elementCount(context.shape(context.node.inputs[0] ?? '')?.slice(2) ?? []);
    if (inputs < 2) return scaled(share / window, 1 / window ** 2);
    // Elements of a window get the same: Σ g over the positions is kept, and with it the sum of all products of two.
    const outputs = share * inputs;
    const spread = (own: number, other: number): readonly [number, number] => (
      [own * share / window, (outputs * (own + (outputs - 1) * other) - inputs * own * share / window) / (inputs * (inputs - 1))]);
    return spreadOut(context, ({ second, local, across }) => {
      const [[own, both], [same, other]] = [spread(second, local), spread(across?.same ?? 0, across?.other ?? 0)];
      return withAcross({ second: own, local: both }, across && { same, other });
    });
  },
};

function windowsOf({ node, shape }: MomentContext): ReturnType<typeof windowAxes> | null {
  const [windows, input, output] = [intsAttribute(node, 'kernel_shape'), shape(node.inputs[0] ?? ''), shape(node.outputs[0] ?? '')];
  return windows && input && output ? windowAxes(node, windows, input, output) : null;
}

function pooledProfile(context: MomentContext): Signal['profile'] {
  const axes = windowsOf(context);
  return axes ? pooled(axes, context.x(0).profile) : undefined;
}

/** Each place gets of what comes to the windows that it is in. */
function spreadOut(context: MomentContext, backward: Backward): Backward {
  const axes = windowsOf(context);
  return (gradient) => reshaped(backward(gradient), axes && gradient.profile ? through(axes, gradient.profile, 'back').profile : null);
}

/** Over all positions, or over the axes that a reduction takes: as many as the value has fewer elements behind it. */
const means: MomentRule = {
  ops: ['GlobalAveragePool', 'ReduceMean'],
  data: 1,
  forward: (context) => {
    const count = takenTogether(context);
    return Number.isNaN(count) ? { why: 'over how many it averages is not known' } : average(context.x(0), count);
  },
  backward: (context) => shared(context, 1),
};

/** All that was taken together gets the same, each `share` of it over how many they are. */
function shared(context: MomentContext, power: 0 | 1): Backward | null {
  const count = takenTogether(context);
  if (Number.isNaN(count)) return null;
  const share = 1 / count ** (2 * power);
  return ({ second, across }) => (
    withAcross({ second: second * share, local: second * share }, across && { same: across.same * share, other: across.same * share }));
}

const sum: MomentRule = {
  ops: ['ReduceSum'],
  data: 1,
  forward: (context) => {
    const count = takenTogether(context);
    if (Number.isNaN(count)) return { why: 'over how many it adds up is not known' };
    return scaleAndShift(average(context.x(0), count), numberOf(count), nothing);
  },
  backward: (context) => shared(context, 0),
};

/** How many it looks for the largest among; NaN where that is not known. */
const amongOf = (context: MomentContext): number => (
  context.node.op === 'MaxPool' ? windowOf(context) : takenTogether(context));

/** One element of each window gets its gradient: the largest, where a function that bent it is steeper than elsewhere. */
const maxima: MomentRule = {
  ops: ['MaxPool', 'GlobalMaxPool', 'ReduceMax'],
  data: 1,
  forward: (context) => {
    const count = amongOf(context);
    return Number.isNaN(count) ? { why: 'over how many it looks for the largest is not known' }
      : withProfile(maximum(context.x(0), count), pooledProfile(context));
  },
  backward: (context) => {
    const [count, signal] = [amongOf(context), context.x(0)];
    if (Number.isNaN(count)) return null;
    const chosen = copied(ratio(context, context.node.outputs[0] ?? '', context.node.inputs[0] ?? '', 1 / count));
    const steeper = scaled(steepness(signal, count), 1);
    return spreadOut(context, (gradient) => steeper(chosen(gradient)));
  },
};

/** Of what is averaged once more, a few points of the normal density are enough. */
const coarse = Array.from({ length: 33 }, (_, i) => {
  const z = (i - 16) * 0.375;
  return { z, weight: 0.375 * Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI) };
});

const smooth: Activation = { f: (x) => x, df: () => 1, kinks: [] };

interface Spread {
  readonly f: (x: number) => number;
  /** E g over what all of a window share. */
  readonly over: (g: (at: number) => number) => number;
  /** E g of the largest of n, of density n φ Φⁿ⁻¹, around what they share (David & Nagaraja 2003, section 2.1). */
  readonly largest: (g: (x: number) => number, at: number) => number;
}

/** A rising f takes the largest of n to the largest f: both are f of the maximum of normal ones. */
function spreadOf(signal: Signal, count: number): Spread {
  const { activation, from } = signal.bent ?? { activation: null, from: signal };
  const deviation = Math.sqrt(varianceOf(from));
  const shared = deviation * Math.sqrt(Math.max(0, correlationOf(from, from.local)));
  const own = Math.sqrt(Math.max(0, deviation ** 2 - shared ** 2));
  return {
    f: activation?.f ?? ((x) => x),
    over: (g) => (shared === 0 ? g(from.mean) : coarse.reduce((sum, { z, weight }) => sum + weight * g(from.mean + shared * z), 0)),
    largest: (g, at) => expectation(smooth, 1, (z) => g(at + own * z) * count * cumulative(z) ** (count - 1)),
  };
}

function maximum(signal: Signal, count: number): Signal {
  const { over, largest, f } = spreadOf(signal, count);
  const mean = over((at) => largest(f, at));
  const second = over((at) => largest((x) => f(x) ** 2, at));
  const local = over((at) => largest(f, at) ** 2);
  // Of samples in the measure in which they had something in common before.
  const share = signal.local === signal.mean ** 2 ? 0 : (signal.common - signal.mean ** 2) / (signal.local - signal.mean ** 2);
  const common = mean ** 2 + (local - mean ** 2) * Math.min(1, Math.max(0, share));
  return { mean, second, local, common, apart: common };
}

/** E f′² of the largest over E f′² of any. */
function steepness(signal: Signal, count: number): number {
  if (!signal.bent) return 1;
  const { df } = signal.bent.activation;
  const { over, largest } = spreadOf(signal, count);
  const squared = (x: number): number => df(x) ** 2;
  const any = spreadOf(signal, 1);
  return over((at) => largest(squared, at)) / any.over((at) => any.largest(squared, at));
}

const cumulative = (z: number): number => (1 + erf(z / Math.SQRT2)) / 2;

/** Where this share of the elements is known, the others are taken for such: as a class token of which nothing is known, beside the places of an image. */
const mostOf = 0.75;

/** Of each input that is known, how many elements it has along the axis; and of all. */
function joined({ node, shape, isKnown }: MomentContext): { readonly known: readonly (readonly [number, number])[]; readonly share: number } {
  const sizes = node.inputs.map((input) => shape(input)?.at(intAttribute(node, 'axis', 0)) ?? 1);
  const known = node.inputs.flatMap((input, i) => (isKnown(input) ? [[i, sizes[i] ?? 1] as const] : []));
  const total = (list: readonly number[]): number => list.reduce((sum, size) => sum + size, 0);
  return { known, share: total(known.map(([, size]) => size)) / total(sizes) };
}

/** Several populations in one: weighed by their elements. */
const concat: MomentRule = {
  ops: ['Concat'],
  data: null,
  tolerates: (context) => joined(context).share >= mostOf,
  forward: (context) => {
    const { known } = joined(context);
    const all = known.reduce((total, [, size]) => total + size, 0);
    return eachMoment((of) => known.reduce((total, [i, size]) => total + of(context.x(i)) * size, 0) / all);
  },
  backward: () => scaled(1),
};

export const poolingRules: readonly MomentRule[] = [averagePool, means, sum, maxima, concat];
