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
  reduction('ReduceMax', (r) => r.m.masked(r.m.equal(r.x('data'), keep(r, r.y('reduced'))), keep(r, r.dy('reduced')))),
  reduction('ReduceMin', (r) => r.m.masked(r.m.equal(r.x('data'), keep(r, r.y('reduced'))), keep(r, r.dy('reduced')))),
];
