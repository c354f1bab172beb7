// One literal per optimiser: what it remembers of a weight from step to step, the numbers each step needs, and its update as nodes of a graph.

import type { OptimizerKind } from '../../protocol/training';
import type { Algebra } from '../ops/algebra';

type Value = string;

/** What an update is written in: values of the graph, all of the weight's shape but for the numbers, which are scalars. */
export interface UpdateContext {
  readonly m: Algebra;
  readonly weight: Value;
  readonly gradient: Value;
  /** What is remembered, in the order of `slots`. */
  readonly slots: readonly Value[];
  /** Numbers of this step, in the order of `numbers`. */
  readonly numbers: readonly Value[];
}

export interface Updated {
  readonly weight: Value;
  readonly slots: readonly Value[];
}

export interface Optimizer {
  readonly title: string;
  /** What is remembered of each weight, zero before the first step. */
  readonly slots: readonly string[];
  /** Of a step, the first being 1, at a learning rate; in double precision, since 1 − 0.999 is not exact in single. */
  numbers(rate: number, step: number): readonly number[];
  update(context: UpdateContext): Updated;
  /** Where none is given and none is found: what libraries start from. */
  readonly usualRate: number;
  /** The largest that a range test tries. */
  readonly largestRate: number;
}

/** μ of momentum: the usual one (Sutskever et al. 2013, section 2). */
const momentum = 0.9;
/** β₁, β₂ and ε of Adam (Kingma & Ba 2015, algorithm 1), and λ of AdamW as PyTorch has it. */
const [beta1, beta2, epsilon, decay] = [0.9, 0.999, 1e-8, 0.01];

/**
 * m ← β₁ m + (1 − β₁) g, v ← β₂ v + (1 − β₂) g²; w ← w − η / (1 − β₁ᵗ) · m / (√v / √(1 − β₂ᵗ) + ε) (Kingma & Ba 2015, algorithm 1). Remembered are
 * M = m / (1 − β₁) and V = v / (1 − β₂), and the step is M / (√V · a + b): ten passes over the weights instead of thirteen.
 */
function adam({ m, weight, gradient, slots: [first = '', second = ''], numbers: [scale = '', shift = ''] }: UpdateContext): Updated {
  const mean = m.add(m.scale(first, beta1), gradient);
  const square = m.add(m.scale(second, beta2), m.square(gradient));
  const step = m.div(mean, m.add(m.mul(m.sqrt(square), scale), shift));
  return { weight: m.sub(weight, step), slots: [mean, square] };
}

/** a and b above. */
function adamNumbers(rate: number, step: number): readonly number[] {
  const pace = (rate * (1 - beta1)) / (1 - beta1 ** step);
  return [Math.sqrt((1 - beta2) / (1 - beta2 ** step)) / pace, epsilon / pace];
}

export const optimizers: Readonly<Record<OptimizerKind, Optimizer>> = {
  sgd: {
    title: 'SGD', slots: [], usualRate: 0.1, largestRate: 10,
    numbers: (rate) => [rate],
    /** w ← w − η g */
    update: ({ m, weight, gradient, numbers: [rate = ''] }) => ({ weight: m.sub(weight, m.mul(gradient, rate)), slots: [] }),
  },
  momentum: {
    title: 'SGD with momentum 0.9', slots: ['velocity'], usualRate: 0.01, largestRate: 10,
    numbers: (rate) => [rate],
    /** v ← μ v + g; w ← w − η v (Sutskever et al. 2013, eq. 1–2, with the rate outside of the velocity, as PyTorch has it) */
    update({ m, weight, gradient, slots: [velocity = ''], numbers: [rate = ''] }) {
      const next = m.add(m.scale(velocity, momentum), gradient);
      return { weight: m.sub(weight, m.mul(next, rate)), slots: [next] };
    },
  },
  adam: { title: 'Adam', slots: ['mean', 'square'], usualRate: 1e-3, largestRate: 1, numbers: adamNumbers, update: adam },
  adamw: {
    title: 'AdamW', slots: ['mean', 'square'], usualRate: 1e-3, largestRate: 1,
    numbers: (rate, step) => [...adamNumbers(rate, step), 1 - rate * decay],
    /** w ← (1 − η λ) w before the step of Adam (Loshchilov & Hutter 2019, algorithm 2) */
    update: (context) => adam({ ...context, weight: context.m.mul(context.weight, context.numbers[2] ?? '') }),
  },
};
