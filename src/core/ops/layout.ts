import type { OperatorSpec, Rule, RuleContext } from './spec';

/** Operators that move elements and change none: their gradient moves the cotangent back. */

/** Same elements in the same order, another shape. */
function reshaping(op: string, data: string, output: string, others: readonly string[] = []): OperatorSpec {
  return {
    op,
    inputs: [data, ...others],
    outputs: [output],
    gradient: {
      [data]: ({ m, x, dy, shapeOf }) => m.reshape(dy(output), shapeOf(x(data))),
      ...Object.fromEntries(others.map((other) => [other, 'non-differentiable' as const])),
    },
  };
}

/**
 * Any movement of elements, by moving their flat indices the same way and adding each cotangent back to where its element came from.
 * Costs a tensor of indices: for cases without a cheaper formula.
 */
const movedBack = (data: string, output: string): Rule => ({ node, m, x, dy, shapeOf }) => {
  const shape = shapeOf(x(data));
  const scope = m.flatIndices(shape);
  const indices = m.graph.fresh('indices');
  m.graph.append({ ...node, name: m.graph.fresh('moveIndices'), inputs: node.inputs.map((input) => (input === x(data) ? scope : input)), outputs: [indices] });
  return m.scatterAdd(shape, indices, dy(output));
};

const normal = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** dX_i is the stretch of dY that X_i became. */
const ofConcat: Rule = ({ node, m, dy, int, position, shapeOf }) => {
  const shapes = node.inputs.map(shapeOf);
  const axis = normal(int('axis', 0), shapes[0]?.length ?? 1);
  const sizes = shapes.map((shape) => shape[axis] ?? 0);
  const start = sizes.slice(0, position).reduce((sum, size) => sum + size, 0);
  return m.slice(dy('concat_result'), [axis], [start], [start + (sizes[position] ?? 0)], [1]);
};

/** With steps of 1, dX is dY padded with zeros to X's shape. */
function ofSlice(r: RuleContext): string {
  const { m, x, dy, shapeOf } = r;
  const shape = shapeOf(x('data'));
  const axes = (r.has('axes') ? r.constant('axes') : r.constant('starts').map((_, i) => i)).map((axis) => normal(axis, shape.length));
  const steps = r.has('steps') ? r.constant('steps') : axes.map(() => 1);
  if (steps.some((step) => step !== 1)) {
    const result = movedBack('data', 'output')(r);
    return typeof result === 'string' ? result : result.value;
  }
  const begin = shape.map(() => 0);
  const end = shape.map(() => 0);
  const [starts, ends] = [r.constant('starts'), r.constant('ends')];
  axes.forEach((axis, i) => {
    const size = shape[axis] ?? 0;
    const clamp = (at: number): number => Math.min(size, Math.max(0, at < 0 ? at + size : at));
    begin[axis] = clamp(starts[i] ?? 0);
    end[axis] = size - Math.max(begin[axis] ?? 0, clamp(ends[i] ?? size));
  });
  return m.pad(dy('output'), [...begin, ...end]);
}

export const layout: readonly OperatorSpec[] = [
  reshaping('Reshape', 'data', 'reshaped', ['shape']),
  reshaping('Flatten', 'input', 'output'),
  reshaping('Squeeze', 'data', 'squeezed', ['axes']),
  reshaping('Unsqueeze', 'data', 'expanded', ['axes']),
  // dX = dY with the inverse permutation
  {
    op: 'Transpose',
    inputs: ['data'],
    outputs: ['transposed'],
    gradient: {
      data: ({ m, x, dy, ints, shapeOf }) => {
        const axes = shapeOf(x('data')).map((_, axis) => axis);
        const perm = ints('perm') ?? axes.toReversed();
        return m.transpose(dy('transposed'), axes.map((axis) => perm.indexOf(axis)));
      },
    },
  },
  { op: 'Concat', inputs: ['inputs'], outputs: ['concat_result'], variadic: 'inputs', gradient: { inputs: ofConcat } },
  {
    op: 'Split',
    inputs: ['input', 'split'],
    outputs: ['outputs'],
    variadic: 'outputs',
    gradient: { input: ({ m, dys, int }) => m.concat(dys(), int('axis', 0)), split: 'non-differentiable' },
  },
  {
    op: 'Slice',
    inputs: ['data', 'starts', 'ends', 'axes', 'steps'],
    outputs: ['output'],
    gradient: { data: ofSlice, starts: 'non-differentiable', ends: 'non-differentiable', axes: 'non-differentiable', steps: 'non-differentiable' },
  },
  // Y is X repeated where X has size 1
  {
    op: 'Expand',
    inputs: ['input', 'shape'],
    outputs: ['output'],
    gradient: { input: ({ dy, y, shapeOf }) => ({ value: dy('output'), shape: shapeOf(y('output')) }), shape: 'non-differentiable' },
  },
  // Constant padding: dX is dY without the border. Other modes repeat elements.
  {
    op: 'Pad',
    inputs: ['data', 'pads', 'constant_value', 'axes'],
    outputs: ['output'],
    gradient: {
      data: (r) => {
        if (r.string('mode', 'constant') !== 'constant') return movedBack('data', 'output')(r);
        const shape = r.shapeOf(r.x('data'));
        const axes = r.has('axes') ? r.constant('axes').map((axis) => normal(axis, shape.length)) : shape.map((_, axis) => axis);
        const starts = r.constant('pads').slice(0, axes.length);
        return r.m.slice(r.dy('output'), axes, starts, starts.map((start, i) => start + (shape[axes[i] ?? 0] ?? 0)), axes.map(() => 1));
      },
      pads: 'non-differentiable',
      constant_value: 'non-differentiable',
      axes: 'non-differentiable',
    },
  },
  { op: 'Tile', inputs: ['input', 'repeats'], outputs: ['output'], gradient: { input: movedBack('input', 'output'), repeats: 'non-differentiable' } },
];
