import type { OperatorSpec } from './spec';

/**
 * Gather: Y = X with axis a indexed by I, so dX is zero but for what is added where each element came from. With the gathered axes
 * first this is ScatterND with addition; otherwise the axis is moved to the front and back.
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
        const indices = shapeOf(x('indices'));
        const axis = int('axis', 0) < 0 ? int('axis', 0) + shape.length : int('axis', 0);
        const rank = shape.length - 1 + indices.length;
        const front = Array.from({ length: indices.length }, (_, i) => axis + i);
        const rest = Array.from({ length: rank }, (_, i) => i).filter((i) => !front.includes(i));
        const updates = m.transpose(dy('output'), [...front, ...rest]);
        const moved = [axis, ...shape.keys()].filter((value, i, all) => all.indexOf(value) === i);
        const target = m.zeros(moved.map((i) => shape[i] ?? 1));
        const scattered = m.graph.add('ScatterND', [target, m.reshape(m.cast(x('indices'), 'int64'), [...indices, 1]), updates], { reduction: 'add' });
        return m.transpose(scattered, shape.map((_, i) => moved.indexOf(i)));
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
