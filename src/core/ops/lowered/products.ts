import type { Attribute, Node } from '../../graph/graph';
import { floatAttribute, intAttribute } from '../../graph/graph';
import { Conv } from '../convolution';
import type { Algebra } from '../algebra';
import type { Fans, ParameterUse } from '../spec';
import { say } from '../../../protocol/words';
import { named } from './activations';
import type { Call, LoweredOperator } from './lowering';

const microsoft = 'com.microsoft';

/** W [K, N]: an output element sums over K. α scales the sum like α² its variance, and transB swaps the axes, as in Gemm. */
const scaledFans = (shape: readonly number[], node: Node): Fans => {
  const [K, N] = intAttribute(node, 'transB', 0) === 0 ? shape.slice(-2) : shape.slice(-2).reverse();
  return { fanIn: (K ?? 1) * floatAttribute(node, 'alpha', 1) ** 2, fanOut: N ?? 1 };
};
/** Units are the last axis: […, units]. */
const columnUnits: NonNullable<ParameterUse['units']> = (shape) => ({ inner: 1, count: shape.at(-1) ?? 1 });
const kernelOfConvolution: ParameterUse = { role: 'kernel', ...Conv.parameters?.W };

/** A factor as MatMul takes it: with `trans` its last two axes change places; with `transBatch` the first axis goes behind the batch, before that. */
function factor({ m, x, shape, int }: Call, formal: string): string {
  const rank = shape(formal).length;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const batchFirst = int(`transBatch${formal}`, 0) === 1 && rank > 2 ? [...axes.slice(1, -1), 0, rank - 1] : axes;
  const isSwapped = int(`trans${formal}`, 0) === 1 && rank > 1;
  return m.transpose(x(formal), isSwapped ? [...batchFirst.slice(0, -2), ...batchFirst.slice(-2).reverse()] : batchFirst);
}

const transposes = ['transA', 'transB', 'transBatchA', 'transBatchB'];
const isPlain = (node: Node): boolean => transposes.every((name) => intAttribute(node, name, 0) === 0);

/** Y = α A' B' (ContribOperators.md, FusedMatMul). */
function fusedMatMul(op: string): LoweredOperator {
  return {
    op, domain: microsoft, inputs: ['A', 'B'], outputs: ['Y'], shapeless: isPlain,
    parameters: { B: { role: 'kernel', fans: scaledFans, units: columnUnits } },
    lower: (c) => {
      const [A, B] = isPlain(c.node) ? [c.x('A'), c.x('B')] : [factor(c, 'A'), factor(c, 'B')];
      return { Y: c.m.scale(c.m.matmul(A, B), c.float('alpha', 1)) };
    },
  };
}

/** Attributes of the operator inside a fused one. */
const inner = (node: Node, without: RegExp): Readonly<Record<string, Attribute>> => (
  Object.fromEntries(Object.entries(node.attributes).filter(([name]) => !without.test(name))));

const activationParameters = (node: Node): readonly number[] => {
  const given = node.attributes.activation_params;
  return given?.kind === 'floats' ? given.value : [];
};

function activated(m: Algebra, value: string, activation: string, parameters: readonly number[]): string {
  const result = named(m, value, activation, parameters);
  if (result === null) throw new Error(`The activation ${activation} is not known.`);
  return result;
}

const known = new Set(['', 'Relu', 'Tanh', 'Sigmoid', 'Softplus', 'Softsign', 'HardSwish', 'LeakyRelu', 'Elu', 'HardSigmoid', 'Clip']);
const refusesActivation = ({ node, string }: Call): string | null => {
  const activation = string('activation', '');
  return known.has(activation) ? null : say('{0} with the activation {1} is not known', node.op, activation);
};

/** Y = f(Conv(X, W, B) + Z) */
const FusedConv: LoweredOperator = {
  op: 'FusedConv', domain: microsoft, inputs: ['X', 'W', 'B', 'Z'], outputs: ['Y'],
  shapeless: (node) => known.has(node.attributes.activation?.kind === 'string' ? node.attributes.activation.value : ''),
  parameters: { W: kernelOfConvolution, B: { role: 'bias' } },
  refuses: refusesActivation,
  lower: ({ node, m, x, has, string }) => {
    const operands = [x('X'), x('W'), ...(has('B') ? [x('B')] : [])];
    const product = m.graph.add('Conv', operands, inner(node, /^activation/));
    return { Y: activated(m, has('Z') ? m.add(product, x('Z')) : product, string('activation', ''), activationParameters(node)) };
  },
};

/** Y = f(αA'B' + βC) */
const FusedGemm: LoweredOperator = {
  op: 'FusedGemm', domain: microsoft, inputs: ['A', 'B', 'C'], outputs: ['Y'], shapeless: FusedConv.shapeless ?? (() => false),
  parameters: { B: { role: 'kernel', fans: scaledFans }, C: { role: 'bias' } },
  refuses: refusesActivation,
  lower: ({ node, m, x, has, string, float }) => {
    const sum = m.graph.add('Gemm', [x('A'), x('B'), ...(has('C') ? [x('C')] : [])], inner(node, /^activation/));
    return { Y: activated(m, sum, string('activation', ''), [float('activation_alpha', 0.01), float('activation_beta', 0)]) };
  },
};

export const loweredProducts: readonly LoweredOperator[] = [fusedMatMul('FusedMatMul'), fusedMatMul('TransposeMatMul'), FusedConv, FusedGemm];
