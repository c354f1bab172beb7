import { boundOn } from '../graph/dtype';
import type { OperatorSpec, Rule, RuleContext, RuleResult } from './spec';

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
 * Costs a tensor of indices: for cases without a cheaper formula. `dropped`: inputs of the data's type, which indices do not have.
 */
export const movedBack = (data: string, output: string, dropped: readonly string[] = []): Rule => ({ node, m, x, dy, has, shapeOf }) => {
  const shape = shapeOf(x(data));
  const scope = m.flatIndices(shape);
  const indices = m.graph.fresh('indices');
  const absent = dropped.flatMap((formal) => (has(formal) ? [x(formal)] : []));
  const inputs = node.inputs.map((input) => (input === x(data) ? scope : absent.includes(input) ? '' : input));
  m.graph.append({ ...node, name: m.graph.fresh('moveIndices'), inputs, outputs: [indices] });
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
    begin[axis] = boundOn(size, starts[i] ?? 0);
    end[axis] = size - Math.max(begin[axis] ?? 0, boundOn(size, ends[i] ?? size));
  });
  return m.pad(dy('output'), [...begin, ...end]);
}

/** dX is dY without the border, and 0 where a negative pad has cut X off. */
function ofConstantPad(r: RuleContext): string {
  const { m, x, y, dy, shapeOf } = r;
  const shape = shapeOf(x('data'));
  const output = shapeOf(y('output'));
  const axes = r.has('axes') ? r.constant('axes').map((axis) => normal(axis, shape.length)) : shape.map((_, axis) => axis);
  const pads = r.constant('pads');
  const begin = shape.map((_, axis) => (axes.includes(axis) ? pads[axes.indexOf(axis)] ?? 0 : 0));
  const end = shape.map((_, axis) => (axes.includes(axis) ? pads[axes.length + axes.indexOf(axis)] ?? 0 : 0));
  const starts = begin.map((pad) => Math.max(0, pad));
  const ends = end.map((pad, axis) => (output[axis] ?? 0) - Math.max(0, pad));
  const inner = m.slice(dy('output'), [...shape.keys()], starts, ends, shape.map(() => 1));
  return m.pad(inner, [...begin, ...end].map((pad) => Math.max(0, -pad)));
}

/** The sum of dY over the border, which padding zeros with ones marks. */
function ofPadValue({ node, m, x, y, dy, string, shapeOf }: RuleContext): RuleResult {
  const shape = shapeOf(x('constant_value'));
  if (string('mode', 'constant') !== 'constant') return m.zeros(shape);
  const border = m.graph.fresh('border');
  const inputs = [m.zeros(shapeOf(x('data'))), node.inputs[1] ?? '', m.constant(1), ...node.inputs.slice(3)];
  m.graph.append({ ...node, name: m.graph.fresh('markBorder'), inputs, outputs: [border] });
  return { value: m.mul(border, dy('output')), shape: shapeOf(y('output')) };
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
  // Other modes than constant repeat elements.
  {
    op: 'Pad',
    inputs: ['data', 'pads', 'constant_value', 'axes'],
    outputs: ['output'],
    gradient: {
      data: (r) => (r.string('mode', 'constant') === 'constant' ? ofConstantPad(r) : movedBack('data', 'output', ['constant_value'])(r)),
      pads: 'non-differentiable',
      constant_value: (r) => ofPadValue(r),
      axes: 'non-differentiable',
    },
  },
  { op: 'Tile', inputs: ['input', 'repeats'], outputs: ['output'], gradient: { input: movedBack('input', 'output'), repeats: 'non-differentiable' } },
];
