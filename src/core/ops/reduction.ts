import type { OperatorSpec, Rule, RuleContext } from './spec';

/** Axes reduced, all if none are named (unless noop_with_empty_axes), and the input's shape with those axes 1. */
function reduced(r: RuleContext): { readonly axes: readonly number[]; readonly kept: readonly number[]; readonly shape: readonly number[] } {
  const shape = r.shapeOf(r.x('data'));
  const named = r.has('axes') ? r.constant('axes') : [];
  const all = r.int('noop_with_empty_axes', 0) === 1 ? [] : shape.map((_, axis) => axis);
  const axes = named.length === 0 ? all : named.map((axis) => (axis < 0 ? axis + shape.length : axis));
  return { axes, shape, kept: shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) };
}

/** The output or its cotangent with the reduced axes kept, so that it broadcasts against the input. */
function keep(r: RuleContext, value: string): string {
  return r.m.reshape(value, reduced(r).kept);
}

function reduction(op: string, data: Rule): OperatorSpec {
  return { op, inputs: ['data', 'axes'], outputs: ['reduced'], gradient: { data, axes: 'non-differentiable' } };
}

/**
 * The product of all others for each element, exact where elements are 0: the product of those that are not, unless another one is.
 * `multiply` and `add` give each element the product and the sum of all.
 */
export function productOfOthers(m: RuleContext['m'], X: string, multiply: (factors: string) => string, add: (summands: string) => string): string {
  const isZero = m.equal(X, m.constant(0));
  const zeros = add(m.cast(isZero, 'float32'));
  const share = (count: number): string => m.cast(m.equal(zeros, m.constant(count)), 'float32');
  return m.mul(multiply(m.where(isZero, m.constant(1), X)), m.where(isZero, share(1), m.div(share(0), X)));
}

export const reductions: readonly OperatorSpec[] = [
  // Y = Σ X
  reduction('ReduceSum', (r) => r.m.expand(keep(r, r.dy('reduced')), reduced(r).shape)),
  // Y = Σ X / n
  reduction('ReduceMean', (r) => {
    const { axes, shape } = reduced(r);
    const count = axes.reduce((all, axis) => all * (shape[axis] ?? 1), 1);
    return r.m.expand(r.m.scale(keep(r, r.dy('reduced')), 1 / count), shape);
  }),
  // Y = Σ X², dX = 2 X dY
  reduction('ReduceSumSquare', (r) => r.m.mul(r.m.scale(r.x('data'), 2), keep(r, r.dy('reduced')))),
  // Y = √Σ X², dX = X dY / Y
  reduction('ReduceL2', (r) => r.m.div(r.m.mul(r.x('data'), keep(r, r.dy('reduced'))), keep(r, r.y('reduced')))),
  // Y = Σ |X|
  reduction('ReduceL1', (r) => r.m.mul(r.m.sign(r.x('data')), keep(r, r.dy('reduced')))),
  // Y = ln Σ X, dX = dY e^−Y
  reduction('ReduceLogSum', (r) => r.m.expand(keep(r, r.m.mul(r.dy('reduced'), r.m.exp(r.m.neg(r.y('reduced'))))), reduced(r).shape)),
  // Y = ln Σ e^X, dX = dY e^(X − Y)
  reduction('ReduceLogSumExp', (r) => r.m.mul(r.m.exp(r.m.sub(r.x('data'), keep(r, r.y('reduced')))), keep(r, r.dy('reduced')))),
  // Y = Π X
  reduction('ReduceProd', (r) => {
    const { axes } = reduced(r);
    const over = (op: string) => (value: string): string => r.m.reduce(op, value, axes, true);
    return r.m.mul(productOfOthers(r.m, r.x('data'), over('ReduceProd'), over('ReduceSum')), keep(r, r.dy('reduced')));
  }),
  // Y_i = Σ_{j ≤ i} X_j along an axis, so dX_j = Σ_{i ≥ j} dY_i: the same sum from the other end
  {
    op: 'CumSum',
    inputs: ['x', 'axis'],
    outputs: ['y'],
    gradient: {
      x: ({ m, x, dy, int }) => m.graph.add('CumSum', [dy('y'), x('axis')], { exclusive: int('exclusive', 0), reverse: 1 - int('reverse', 0) }),
      axis: 'non-differentiable',
    },
  },
  reduction('ReduceMax', (r) => r.m.masked(r.m.equal(r.x('data'), keep(r, r.y('reduced'))), keep(r, r.dy('reduced')))),
  reduction('ReduceMin', (r) => r.m.masked(r.m.equal(r.x('data'), keep(r, r.y('reduced'))), keep(r, r.dy('reduced')))),
];
