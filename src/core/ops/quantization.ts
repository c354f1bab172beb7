import { dtypeOf } from '../graph/dtype';
import { intAttribute } from '../graph/graph';
import type { OperatorSpec, RuleContext } from './spec';

/**
 * Y = (x − z) s with whole numbers x, so ds = Σ dY (x − z) over what shares a scale: all elements, those of one index along the axis, or, with
 * a block size, as many indices in turn. With a scale of 1 the operator gives x − z itself.
 */
function ofScale({ m, node, x, has, dy, int, shapeOf }: RuleContext): string {
  const shape = shapeOf(x('x'));
  const scale = shapeOf(x('x_scale'));
  const one = m.expand(m.constant(1), scale);
  const whole = m.graph.add('DequantizeLinear', [x('x'), one, ...(has('x_zero_point') ? [x('x_zero_point')] : [])], node.attributes);
  const product = m.mul(dy('y'), whole);
  const all = [...shape.keys()];
  if (scale.length === 0) return m.sum(product, all, false);
  const axis = int('axis', 1) < 0 ? int('axis', 1) + shape.length : int('axis', 1);
  if (int('block_size', 0) === 0) return m.reshape(m.sum(product, all.filter((each) => each !== axis), false), scale);
  const size = int('block_size', 0);
  const length = shape[axis] ?? 1;
  const blocks = Math.ceil(length / size);
  const padded = m.pad(product, [...shape.map(() => 0), ...shape.map((_, i) => (i === axis ? blocks * size - length : 0))]);
  const split = [...shape.slice(0, axis), blocks, size, ...shape.slice(axis + 1)];
  return m.reshape(m.sum(m.reshape(padded, split), [axis + 1]), scale);
}

export const quantization: readonly OperatorSpec[] = [
  {
    op: 'DequantizeLinear',
    inputs: ['x', 'x_scale', 'x_zero_point'],
    outputs: ['y'],
    typedBy: 'x_scale',
    gradient: { x: 'non-differentiable', x_scale: (r) => ofScale(r), x_zero_point: 'non-differentiable' },
  },
  // Rounds: the derivative is 0 wherever it exists.
  {
    op: 'QuantizeLinear',
    inputs: ['x', 'y_scale', 'y_zero_point'],
    outputs: ['y'],
    typedBy: 'y_zero_point',
    outputType: (node) => ((node.inputs[2] ?? '') === '' ? dtypeOf(intAttribute(node, 'output_dtype', 0) || 2) : undefined),
    gradient: { x: 'non-differentiable', y_scale: 'non-differentiable', y_zero_point: 'non-differentiable' },
  },
];
