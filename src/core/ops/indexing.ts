import { elementCount } from '../graph/dtype';
import type { OperatorSpec, RuleContext } from './spec';

/**
 * Adds slices along an axis to those of a zero tensor with these `count` indices. (ScatterND would take whole rows and be faster than
 * ScatterElements, but ONNX Runtime adds from several threads without a lock, and loses some: microsoft/onnxruntime issue 18048.)
 */
function addAlong(m: RuleContext['m'], shape: readonly number[], axis: number, indices: string, count: number, slices: string): string {
  const joined = shape.map((size, i) => (i === axis ? count : size));
  const along = m.reshape(m.cast(indices, 'int64'), shape.map((_, i) => (i === axis ? count : 1)));
  return m.graph.add('ScatterElements', [m.zeros(shape), m.expand(along, joined), m.reshape(slices, joined)], { axis, reduction: 'add' });
}

export const indexing: readonly OperatorSpec[] = [
  // Y = X with an axis indexed by I: dX is zero but for what is added where each element came from, the axes of I taken as one.
  {
    op: 'Gather',
    inputs: ['data', 'indices'],
    outputs: ['output'],
    // An embedding [V, D] reads one row per index, a one-hot product: each output element is one weight.
    parameters: { data: { role: 'embedding', fans: (shape) => ({ fanIn: 1, fanOut: shape.at(-1) ?? 1 }) } },
    gradient: {
      data: ({ m, x, dy, int, shapeOf }) => {
        const shape = shapeOf(x('data'));
        const axis = int('axis', 0) < 0 ? int('axis', 0) + shape.length : int('axis', 0);
        return addAlong(m, shape, axis, x('indices'), elementCount(shapeOf(x('indices'))), dy('output'));
      },
      indices: 'non-differentiable',
    },
  },
  // Y is each element, or each slice along an axis, once; the second output says where the first like it is.
  {
    op: 'Unique',
    inputs: ['X'],
    outputs: ['Y', 'indices', 'inverse_indices', 'counts'],
    outputType: (_, output) => (output === 0 ? undefined : 'int64'),
    gradient: {
      X: ({ m, node, x, y, dy, int, shapeOf }) => {
        const shape = shapeOf(x('X'));
        if (!node.attributes.axis) return m.scatterAdd(shape, y('indices'), dy('Y'));
        const axis = int('axis', 0) < 0 ? int('axis', 0) + shape.length : int('axis', 0);
        return addAlong(m, shape, axis, y('indices'), shapeOf(y('Y'))[axis] ?? 1, dy('Y'));
      },
    },
  },
  // Y = values[1] where the index is the position along the axis, values[0] elsewhere
  {
    op: 'OneHot',
    inputs: ['indices', 'depth', 'values'],
    outputs: ['output'],
    typedBy: 'values',
    gradient: {
      indices: 'non-differentiable',
      depth: 'non-differentiable',
      values: ({ node, m, x, dy }) => {
        const hot = m.graph.add('OneHot', [x('indices'), x('depth'), m.graph.constant('float32', [2], [0, 1])], node.attributes);
        const total = (of: string): string => m.sum(m.reshape(m.mul(of, dy('output')), [-1]), [0]);
        return m.concat([total(m.complement(hot)), total(hot)], 0);
      },
    },
  },
  // Y_i = start + i · delta
  {
    op: 'Range',
    inputs: ['start', 'limit', 'delta'],
    outputs: ['output'],
    gradient: {
      start: ({ dy, y, shapeOf }) => ({ value: dy('output'), shape: shapeOf(y('output')) }),
      limit: 'non-differentiable',
      delta: ({ m, dy, y, shapeOf }) => {
        const shape = shapeOf(y('output'));
        return { value: m.mul(m.cast(m.flatIndices(shape), 'float32'), dy('output')), shape };
      },
    },
  },
];
