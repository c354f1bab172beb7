import { elementCount } from '../graph/dtype';
import type { OperatorSpec } from './spec';

/**
 * Gather: Y = X with axis a indexed by I, so dX is zero but for what is added where each element came from: ScatterElements along that axis,
 * with the axes of I as one. (ScatterND would take whole rows and be faster, but ONNX Runtime adds from several threads without a lock, and
 * loses some: microsoft/onnxruntime issue 18048.)
 */
export const indexing: readonly OperatorSpec[] = [
  {
    op: 'Gather',
    inputs: ['data', 'indices'],
    outputs: ['output'],
    // An embedding [V, D] reads one row per index, a one-hot product: each output element is one weight.
    parameters: { data: { role: 'embedding', fans: (shape) => ({ fanIn: 1, fanOut: shape.at(-1) ?? 1 }) } },
    gradient: {
      data: ({ m, x, dy, int, shapeOf }) => {
        const shape = shapeOf(x('data'));
        const count = elementCount(shapeOf(x('indices')));
        const axis = int('axis', 0) < 0 ? int('axis', 0) + shape.length : int('axis', 0);
        const joined = shape.map((size, i) => (i === axis ? count : size));
        const along = m.reshape(m.cast(x('indices'), 'int64'), shape.map((_, i) => (i === axis ? count : 1)));
        return m.graph.add('ScatterElements', [m.zeros(shape), m.expand(along, joined), m.reshape(dy('output'), joined)], { axis, reduction: 'add' });
      },
      indices: 'non-differentiable',
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
