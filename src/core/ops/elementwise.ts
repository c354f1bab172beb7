import { dtypeOf } from '../graph/dtype';
import { intAttribute } from '../graph/graph';
import type { OperatorSpec, Rule } from './spec';

/** C = f(A, B) with broadcasting; the driver sums each gradient to its input's shape. */
function binary(op: string, A: Rule, B: Rule): OperatorSpec {
  return { op, inputs: ['A', 'B'], outputs: ['C'], broadcasts: true, gradient: { A, B } };
}

/** Y = f(X), element by element. */
function unary(op: string, X: Rule): OperatorSpec {
  return { op, inputs: ['X'], outputs: ['Y'], gradient: { X } };
}

/** C = Σ inputs, or another symmetric function of any number of broadcast inputs. */
function variadic(op: string, inputs: Rule): OperatorSpec {
  return { op, inputs: ['inputs'], outputs: ['C'], variadic: 'inputs', broadcasts: true, gradient: { inputs } };
}

/** dX_i = dC where X_i is the selected extreme. Ties share nothing: each tied input gets the whole cotangent, as no kink has one gradient. */
const ofExtreme: Rule = ({ m, dy, y, node, position }) => m.masked(m.equal(node.inputs[position] ?? '', y('C')), dy('C'));

export const elementwise: readonly OperatorSpec[] = [
  // C = A + B
  binary('Add', ({ dy }) => dy('C'), ({ dy }) => dy('C')),
  // C = A − B
  binary('Sub', ({ dy }) => dy('C'), ({ dy, m }) => m.neg(dy('C'))),
  // C = A · B
  binary('Mul', ({ dy, x, m }) => m.mul(dy('C'), x('B')), ({ dy, x, m }) => m.mul(dy('C'), x('A'))),
  // C = A / B, dB = −dC · C / B
  binary('Div', ({ dy, x, m }) => m.div(dy('C'), x('B')), ({ dy, x, y, m }) => m.neg(m.div(m.mul(dy('C'), y('C')), x('B')))),
  // C = A^B, dA = dC · B · A^(B−1), dB = dC · C · ln A. Of all binary operators, Pow alone takes operands of two types: B may be an integer.
  binary(
    'Pow',
    ({ dy, x, m }) => {
      const exponent = m.cast(x('B'), 'float32');
      return m.mul(dy('C'), m.mul(exponent, m.pow(x('A'), m.plus(exponent, -1))));
    },
    ({ dy, x, y, m }) => m.mul(dy('C'), m.mul(y('C'), m.log(x('A')))),
  ),
  // C = A − B trunc(A / B), the remainder with the sign of A; of floats there is no other. The whole number is (A − C) / B.
  binary('Mod', ({ dy }) => dy('C'), ({ dy, x, y, m }) => m.mul(dy('C'), m.div(m.sub(y('C'), x('A')), x('B')))),
  variadic('Sum', ({ dy }) => dy('C')),
  variadic('Max', ofExtreme),
  variadic('Min', ofExtreme),
  // C = Σ X_i / n
  variadic('Mean', ({ dy, node, m }) => m.scale(dy('C'), 1 / node.inputs.length)),

  unary('Neg', ({ dy, m }) => m.neg(dy('Y'))),
  unary('Abs', ({ dy, x, m }) => m.mul(dy('Y'), m.sign(x('X')))),
  unary('Exp', ({ dy, y, m }) => m.mul(dy('Y'), y('Y'))),
  unary('Log', ({ dy, x, m }) => m.div(dy('Y'), x('X'))),
  // dX = dY / (2 Y)
  unary('Sqrt', ({ dy, y, m }) => m.div(m.scale(dy('Y'), 0.5), y('Y'))),
  // dX = −dY · Y²
  unary('Reciprocal', ({ dy, y, m }) => m.neg(m.mul(dy('Y'), m.square(y('Y'))))),
  // dX = dY · 2/√π · exp(−X²)
  unary('Erf', ({ dy, x, m }) => m.mul(m.scale(dy('Y'), 2 / Math.sqrt(Math.PI)), m.exp(m.neg(m.square(x('X')))))),
  unary('Identity', ({ dy }) => dy('Y')),
  // A cast between float types; everything runs in float32, and the driver asks for no gradient of other types.
  { op: 'Cast', inputs: ['X'], outputs: ['Y'], gradient: { X: ({ dy }) => dy('Y') }, outputType: (node) => dtypeOf(intAttribute(node, 'to', 0)) },
  {
    op: 'CastLike',
    inputs: ['input', 'target_type'],
    outputs: ['output'],
    typedBy: 'target_type',
    gradient: { input: ({ dy }) => dy('output'), target_type: 'non-differentiable' },
  },
  // Y = X · mask / (1 − ratio) in training mode, else X
  {
    op: 'Dropout',
    inputs: ['data', 'ratio', 'training_mode'],
    outputs: ['output', 'mask'],
    outputType: (_, output) => (output === 1 ? 'bool' : undefined),
    gradient: {
      data: ({ m, x, y, dy, has, constant }) => {
        if (!has('training_mode') || constant('training_mode')[0] !== 1) return dy('output');
        const kept = has('ratio') ? m.complement(x('ratio')) : m.constant(0.5);
        return m.masked(y('mask'), m.div(dy('output'), kept));
      },
      ratio: 'non-differentiable',
      training_mode: 'non-differentiable',
    },
  },
  // Y = condition ? X : Z
  {
    op: 'Where',
    inputs: ['condition', 'X', 'Z'],
    outputs: ['Y'],
    typedBy: 'X',
    broadcasts: true,
    gradient: {
      condition: 'non-differentiable',
      X: ({ dy, x, m }) => m.masked(x('condition'), dy('Y')),
      Z: ({ dy, x, m }) => m.where(x('condition'), m.constant(0), dy('Y')),
    },
  },
];
