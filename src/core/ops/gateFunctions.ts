import type { Node } from '../graph/graph';
import type { Algebra } from './algebra';

/** An activation of a recurrent operator: y = f(x), and f', which many tell from y alone. */
export interface GateFunction {
  readonly value: (m: Algebra, x: string) => string;
  readonly slope: (m: Algebra, y: string, x: () => string) => string;
}

interface Family {
  /** What a parameter is where the node leaves it out; absent where the function has none. */
  readonly alpha?: number;
  readonly beta?: number;
  readonly create: (alpha: number, beta: number) => GateFunction;
}

/** Where a function is linear above a point, and something else below. */
const above = (m: Algebra, x: string, bound: number, yes: string, no: string): string => m.where(m.greater(x, m.constant(bound)), yes, no);

/**
 * The activations that the specification of RNN, GRU and LSTM names, by their names in small letters. Where it defines no default of a
 * parameter, ONNX Runtime takes 0.
 */
const families: ReadonlyMap<string, Family> = new Map<string, Family>([
  ['tanh', { create: () => ({ value: (m, x) => m.tanh(x), slope: (m, y) => m.complement(m.square(y)) }) }],
  ['sigmoid', { create: () => ({ value: (m, x) => m.sigmoid(x), slope: (m, y) => m.mul(y, m.complement(y)) }) }],
  ['relu', {
    create: () => ({ value: (m, x) => m.graph.add('Relu', [x]), slope: (m, y) => above(m, y, 0, m.constant(1), m.constant(0)) }),
  }],
  // x < 0 ? αx : x
  ['leakyrelu', {
    alpha: 0.01,
    create: (alpha) => ({
      value: (m, x) => m.graph.add('LeakyRelu', [x], { alpha: m.float(alpha) }), slope: (m, _, x) => above(m, x(), 0, m.constant(1), m.constant(alpha)),
    }),
  }],
  // x > α ? x : 0
  ['thresholdedrelu', {
    alpha: 0,
    create: (alpha) => ({
      value: (m, x) => above(m, x, alpha, x, m.constant(0)), slope: (m, _, x) => above(m, x(), alpha, m.constant(1), m.constant(0)),
    }),
  }],
  // x < 0 ? α(eˣ − 1) : x
  ['elu', {
    alpha: 1,
    create: (alpha) => ({
      value: (m, x) => m.graph.add('Elu', [x], { alpha: m.float(alpha) }), slope: (m, _, x) => above(m, x(), 0, m.constant(1), m.scale(m.exp(x()), alpha)),
    }),
  }],
  // clip(αx + β, 0, 1)
  ['hardsigmoid', {
    alpha: 0.2, beta: 0.5,
    create: (alpha, beta) => ({
      value: (m, x) => m.graph.add('HardSigmoid', [x], { alpha: m.float(alpha), beta: m.float(beta) }),
      slope: (m, y) => m.masked(m.and(m.greater(y, m.constant(0)), m.less(y, m.constant(1))), m.constant(alpha)),
    }),
  }],
  // x / (1 + |x|), of slope 1 / (1 + |x|)²
  ['softsign', {
    create: () => ({ value: (m, x) => m.graph.add('Softsign', [x]), slope: (m, _, x) => m.reciprocal(m.square(m.plus(m.abs(x()), 1))) }),
  }],
  // ln(1 + eˣ)
  ['softplus', { create: () => ({ value: (m, x) => m.graph.add('Softplus', [x]), slope: (m, _, x) => m.sigmoid(x()) }) }],
  // α tanh(βx)
  ['scaledtanh', {
    alpha: 0, beta: 0,
    create: (alpha, beta) => ({
      value: (m, x) => m.scale(m.tanh(m.scale(x, beta)), alpha),
      slope: (m, _, x) => m.scale(m.complement(m.square(m.tanh(m.scale(x(), beta)))), alpha * beta),
    }),
  }],
  // αx + β
  ['affine', {
    alpha: 0, beta: 0,
    create: (alpha, beta) => ({ value: (m, x) => m.plus(m.scale(x, alpha), beta), slope: (m) => m.constant(alpha) }),
  }],
]);

/**
 * The activations of a node, direction by direction, `usual` where it names none. The values of activation_alpha and activation_beta are
 * consumed in their order, by those that have such a parameter.
 */
export function gateFunctionsOf(node: Node, usual: readonly string[], directions: number): readonly GateFunction[] {
  const { activations, activation_alpha: alpha, activation_beta: beta } = node.attributes;
  const alphas = alpha?.kind === 'floats' ? [...alpha.value] : [];
  const betas = beta?.kind === 'floats' ? [...beta.value] : [];
  const names = activations?.kind === 'strings' ? activations.value : Array.from({ length: directions }, () => usual).flat();
  const taken = (values: number[], otherwise: number | undefined): number => (otherwise === undefined ? 0 : values.shift() ?? otherwise);
  return names.map((name) => {
    const family = families.get(name.toLowerCase());
    if (!family) throw new Error(`${node.op} ${node.name}: there is no activation ${name}.`);
    return family.create(taken(alphas, family.alpha), taken(betas, family.beta));
  });
}

/** f(clip(x, −bound, bound)), whose slope is 0 where x is clipped. */
export function clipped({ value, slope }: GateFunction, bound: number): GateFunction {
  const clip = (m: Algebra, x: string): string => m.graph.add('Clip', [x, m.constant(-bound), m.constant(bound)]);
  return {
    value: (m, x) => value(m, clip(m, x)),
    slope: (m, y, x) => m.masked(m.less(m.abs(x()), m.constant(bound)), slope(m, y, () => clip(m, x()))),
  };
}
