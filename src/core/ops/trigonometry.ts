import type { OperatorSpec, RuleContext } from './spec';

/** Trigonometric and hyperbolic functions and their inverses (NIST Digital Library of Mathematical Functions, 4.20, 4.24, 4.34 and 4.38). */

/** Y = f(X), dX = dY · f'(X) */
function unary(op: string, slope: (r: RuleContext) => string): OperatorSpec {
  return { op, inputs: ['X'], outputs: ['Y'], gradient: { X: (r) => r.m.mul(r.dy('Y'), slope(r)) } };
}

export const trigonometry: readonly OperatorSpec[] = [
  unary('Sin', ({ m, x }) => m.graph.add('Cos', [x('X')])),
  unary('Cos', ({ m, x }) => m.neg(m.graph.add('Sin', [x('X')]))),
  // 1 + tan²
  unary('Tan', ({ m, y }) => m.plus(m.square(y('Y')), 1)),
  unary('Sinh', ({ m, x }) => m.graph.add('Cosh', [x('X')])),
  unary('Cosh', ({ m, x }) => m.graph.add('Sinh', [x('X')])),
  // ±1 / √(1 − x²)
  unary('Asin', ({ m, x }) => m.reciprocal(m.sqrt(m.complement(m.square(x('X')))))),
  unary('Acos', ({ m, x }) => m.neg(m.reciprocal(m.sqrt(m.complement(m.square(x('X'))))))),
  // 1 / (1 + x²)
  unary('Atan', ({ m, x }) => m.reciprocal(m.plus(m.square(x('X')), 1))),
  // 1 / √(x² ± 1)
  unary('Asinh', ({ m, x }) => m.reciprocal(m.sqrt(m.plus(m.square(x('X')), 1)))),
  unary('Acosh', ({ m, x }) => m.reciprocal(m.sqrt(m.plus(m.square(x('X')), -1)))),
  // 1 / (1 − x²)
  unary('Atanh', ({ m, x }) => m.reciprocal(m.complement(m.square(x('X'))))),
];
