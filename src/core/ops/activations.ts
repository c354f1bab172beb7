import { floatAttribute, stringAttribute } from '../graph/graph';
import type { Node } from '../graph/graph';
import { erf } from './erf';
import type { Activation, OperatorSpec, Rule } from './spec';

/** Y = f(X): the rule, and the same function as scalars for quadrature. */
function activation(op: string, X: Rule, scalar: (node: Node) => Activation): OperatorSpec {
  return { op, inputs: ['X'], outputs: ['Y'], gradient: { X }, activation: scalar };
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
const smooth = (f: (x: number) => number, df: (x: number) => number): Activation => ({ f, df, kinks: [] });

/** SELU's constants (Klambauer et al. 2017, arXiv 1706.02515, eq. 14), as the ONNX specification defaults them. */
const seluAlpha = 1.6732632423543772;
const seluGamma = 1.0507009873554805;
/** Tanh approximation of GELU (Hendrycks & Gimpel 2016, arXiv 1606.08415, section 2). */
const geluCubic = 0.044715;
const geluScale = Math.sqrt(2 / Math.PI);

export const activations: readonly OperatorSpec[] = [
  // f = max(0, x), f' = [y > 0]
  activation('Relu', ({ dy, y, m }) => m.masked(m.greater(y('Y'), m.constant(0)), dy('Y')), () => ({
    f: (x) => Math.max(0, x), df: (x) => (x > 0 ? 1 : 0), kinks: [0],
  })),
  // f = x < 0 ? αx : x
  activation(
    'LeakyRelu',
    ({ dy, x, m, float }) => m.where(m.less(x('X'), m.constant(0)), m.scale(dy('Y'), float('alpha', 0.01)), dy('Y')),
    (node) => leaky(floatAttribute(node, 'alpha', 0.01)),
  ),
  // f = x < 0 ? α(eˣ − 1) : x, f' = x < 0 ? αeˣ : 1
  activation(
    'Elu',
    ({ dy, x, m, float }) => m.where(m.less(x('X'), m.constant(0)), m.mul(dy('Y'), m.scale(m.exp(x('X')), float('alpha', 1))), dy('Y')),
    (node) => {
      const alpha = floatAttribute(node, 'alpha', 1);
      return { f: (x) => (x < 0 ? alpha * Math.expm1(x) : x), df: (x) => (x < 0 ? alpha * Math.exp(x) : 1), kinks: [0] };
    },
  ),
  // f = max(0, x) + min(0, α(e^{x/α} − 1)), f' = x < 0 ? e^{x/α} : 1 (Barron 2017, arXiv 1704.07483)
  activation(
    'Celu',
    ({ dy, x, m, float }) => m.where(m.less(x('X'), m.constant(0)), m.mul(dy('Y'), m.exp(m.scale(x('X'), 1 / float('alpha', 1)))), dy('Y')),
    (node) => {
      const alpha = floatAttribute(node, 'alpha', 1);
      return { f: (x) => (x < 0 ? alpha * Math.expm1(x / alpha) : x), df: (x) => (x < 0 ? Math.exp(x / alpha) : 1), kinks: [0] };
    },
  ),
  // f = γ(x ≤ 0 ? α(eˣ − 1) : x), f' = γ(x ≤ 0 ? αeˣ : 1)
  activation(
    'Selu',
    ({ dy, x, m, float }) => {
      const gamma = float('gamma', seluGamma);
      const negative = m.scale(m.exp(x('X')), gamma * float('alpha', seluAlpha));
      return m.mul(dy('Y'), m.where(m.greater(x('X'), m.constant(0)), m.constant(gamma), negative));
    },
    (node) => {
      const gamma = floatAttribute(node, 'gamma', seluGamma);
      const alpha = floatAttribute(node, 'alpha', seluAlpha);
      return { f: (x) => gamma * (x > 0 ? x : alpha * Math.expm1(x)), df: (x) => gamma * (x > 0 ? 1 : alpha * Math.exp(x)), kinks: [0] };
    },
  ),
  // f' = y(1 − y)
  activation('Sigmoid', ({ dy, y, m }) => m.mul(dy('Y'), m.mul(y('Y'), m.complement(y('Y')))),
    () => smooth(logistic, (x) => logistic(x) * logistic(-x))),
  // f' = 1 − y²
  activation('Tanh', ({ dy, y, m }) => m.mul(dy('Y'), m.complement(m.square(y('Y')))),
    () => smooth(Math.tanh, (x) => 1 - Math.tanh(x) ** 2)),
  // f = ln(1 + eˣ), f' = σ(x)
  activation('Softplus', ({ dy, x, m }) => m.mul(dy('Y'), m.sigmoid(x('X'))),
    () => smooth((x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))), logistic)),
  // f = x / (1 + |x|), f' = 1 / (1 + |x|)²
  activation('Softsign', ({ dy, x, m }) => m.div(dy('Y'), m.square(m.plus(m.abs(x('X')), 1))),
    () => ({ f: (x) => x / (1 + Math.abs(x)), df: (x) => 1 / (1 + Math.abs(x)) ** 2, kinks: [0] })),
  // f = clip(αx + β, 0, 1), f' = α where 0 < y < 1
  activation(
    'HardSigmoid',
    ({ dy, y, m, float }) => m.masked(inside(m, y('Y'), 0, 1), m.scale(dy('Y'), float('alpha', 0.2))),
    (node) => {
      const alpha = floatAttribute(node, 'alpha', 0.2);
      const beta = floatAttribute(node, 'beta', 0.5);
      const kinks = [-beta / alpha, (1 - beta) / alpha];
      const linear = (x: number): boolean => alpha * x + beta > 0 && alpha * x + beta < 1;
      return { f: (x) => Math.min(1, Math.max(0, alpha * x + beta)), df: (x) => (linear(x) ? alpha : 0), kinks };
    },
  ),
  // f = x · clip(x/6 + ½, 0, 1), f' = x ≤ −3 ? 0 : x ≥ 3 ? 1 : x/3 + ½
  activation(
    'HardSwish',
    ({ dy, x, m }) => {
      const middle = m.plus(m.scale(x('X'), 1 / 3), 0.5);
      const upper = m.where(m.less(x('X'), m.constant(3)), middle, m.constant(1));
      return m.mul(dy('Y'), m.masked(m.greater(x('X'), m.constant(-3)), upper));
    },
    () => ({ f: (x) => x * Math.min(1, Math.max(0, x / 6 + 0.5)), df: (x) => (x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5), kinks: [-3, 3] }),
  ),
  // f = xΦ(x), f' = Φ(x) + xφ(x); or its tanh approximation t = tanh(√(2/π)(x + 0.044715x³)), f = x(1 + t)/2
  activation('Gelu', (r) => r.m.mul(r.dy('Y'), r.string('approximate', 'none') === 'tanh' ? tanhGeluSlope(r) : erfGeluSlope(r)),
    (node) => (stringAttribute(node, 'approximate', 'none') === 'tanh' ? tanhGelu : erfGelu)),
  // f = x · tanh(ln(1 + eˣ)), f' = t + xσ(x)(1 − t²)
  activation(
    'Mish',
    ({ dy, x, m }) => {
      const t = m.tanh(m.graph.add('Softplus', [x('X')]));
      return m.mul(dy('Y'), m.add(t, m.mul(m.mul(x('X'), m.sigmoid(x('X'))), m.complement(m.square(t)))));
    },
    () => {
      const t = (x: number): number => Math.tanh(Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))));
      return smooth((x) => x * t(x), (x) => t(x) + x * logistic(x) * (1 - t(x) ** 2));
    },
  ),
  // f = x > α ? x : 0; it jumps at α, so that it is no activation whose moments could be integrated
  {
    op: 'ThresholdedRelu',
    inputs: ['X'],
    outputs: ['Y'],
    gradient: { X: ({ dy, x, m, float }) => m.masked(m.greater(x('X'), m.constant(float('alpha', 1))), dy('Y')) },
  },
  // f = x < −λ ? x + b : x > λ ? x − b : 0; it jumps at ±λ unless b is λ
  {
    op: 'Shrink',
    inputs: ['input'],
    outputs: ['output'],
    gradient: { input: ({ dy, x, m, float }) => m.masked(m.greater(m.abs(x('input')), m.constant(float('lambd', 0.5))), dy('output')) },
  },
  // Y = max(0, X) + slope · min(0, X), the slope broadcast to X
  {
    op: 'PRelu',
    inputs: ['X', 'slope'],
    outputs: ['Y'],
    broadcasts: true,
    parameters: { slope: { role: 'slope' } },
    gradient: {
      X: ({ dy, x, m }) => m.where(m.less(x('X'), m.constant(0)), m.mul(dy('Y'), x('slope')), dy('Y')),
      slope: ({ dy, x, m }) => m.masked(m.less(x('X'), m.constant(0)), m.mul(dy('Y'), x('X'))),
    },
    // Where the slope is a tensor, PyTorch's initial value stands for it (torch.nn.PReLU, init=0.25).
    activation: (_, scalarInput) => leaky(scalarInput('slope') ?? 0.25),
  },
  // Y = min(max(X, low), high)
  {
    op: 'Clip',
    inputs: ['X', 'min', 'max'],
    outputs: ['Y'],
    gradient: {
      X: ({ dy, x, y, m }) => m.masked(m.equal(x('X'), y('Y')), dy('Y')),
      // Y is the bound wherever X is beyond it.
      min: ({ m, x, y, dy, shapeOf }) => ({ value: m.masked(m.less(x('X'), y('Y')), dy('Y')), shape: shapeOf(x('X')) }),
      max: ({ m, x, y, dy, shapeOf }) => ({ value: m.masked(m.greater(x('X'), y('Y')), dy('Y')), shape: shapeOf(x('X')) }),
    },
    activation: (_, scalarInput) => {
      const low = scalarInput('min') ?? -Infinity;
      const high = scalarInput('max') ?? Infinity;
      return { f: (x) => Math.min(Math.max(x, low), high), df: (x) => (x > low && x < high ? 1 : 0), kinks: [low, high].filter(Number.isFinite) };
    },
  },
];

export function leaky(alpha: number): Activation {
  return { f: (x) => (x < 0 ? alpha * x : x), df: (x) => (x < 0 ? alpha : 1), kinks: [0] };
}

type Context = Parameters<Rule>[0];

function inside(m: Context['m'], value: string, low: number, high: number): string {
  return m.and(m.greater(value, m.constant(low)), m.less(value, m.constant(high)));
}

const normalDensity = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
const normalCumulative = (x: number): number => 0.5 * (1 + erf(x / Math.SQRT2));
const erfGelu = smooth((x) => x * normalCumulative(x), (x) => normalCumulative(x) + x * normalDensity(x));

function erfGeluSlope({ m, x }: Context): string {
  const cumulative = m.scale(m.plus(m.erf(m.scale(x('X'), Math.SQRT1_2)), 1), 0.5);
  const density = m.scale(m.exp(m.scale(m.square(x('X')), -0.5)), 1 / Math.sqrt(2 * Math.PI));
  return m.add(cumulative, m.mul(x('X'), density));
}

const geluInner = (x: number): number => Math.tanh(geluScale * (x + geluCubic * x ** 3));
const tanhGelu = smooth(
  (x) => 0.5 * x * (1 + geluInner(x)),
  (x) => 0.5 * (1 + geluInner(x)) + 0.5 * x * (1 - geluInner(x) ** 2) * geluScale * (1 + 3 * geluCubic * x * x),
);

function tanhGeluSlope({ m, x }: Context): string {
  const squared = m.square(x('X'));
  const t = m.tanh(m.scale(m.mul(x('X'), m.plus(m.scale(squared, geluCubic), 1)), geluScale));
  const inner = m.plus(m.scale(squared, 3 * geluCubic), 1);
  return m.scale(m.add(m.plus(t, 1), m.mul(m.mul(x('X'), m.complement(m.square(t))), m.scale(inner, geluScale))), 0.5);
}
