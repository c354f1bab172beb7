import type { DType } from '../graph/dtype';
import { dtypeOf } from '../graph/dtype';
import type { Node } from '../graph/graph';
import { intAttribute } from '../graph/graph';
import type { OperatorSpec } from './spec';

/** Operators through which no gradient flows, by their mathematics: an explicit no, not a missing rule. */
function silent(op: string, inputs: readonly string[], outputType: OperatorSpec['outputType']): OperatorSpec {
  return {
    op, inputs, outputs: ['output'], ...(outputType === undefined ? {} : { outputType }),
    gradient: Object.fromEntries(inputs.map((input) => [input, 'non-differentiable' as const])),
  };
}

const drawnType = (node: Node): DType => dtypeOf(intAttribute(node, 'dtype', 1));

export const silentOperators: readonly OperatorSpec[] = [
  silent('Shape', ['data'], 'int64'),
  silent('Size', ['data'], 'int64'),
  silent('ConstantOfShape', ['input'], (node) => (node.attributes.value?.kind === 'tensor' ? node.attributes.value.value.dtype : 'float32')),
  silent('ArgMax', ['data'], 'int64'),
  silent('ArgMin', ['data'], 'int64'),
  silent('NonZero', ['X'], 'int64'),
  silent('EyeLike', ['input'], (node) => dtypeOf(intAttribute(node, 'dtype', 1))),
  ...['Equal', 'Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual', 'And', 'Or', 'Xor'].map((op) => silent(op, ['A', 'B'], 'bool')),
  ...['Not', 'IsNaN', 'IsInf'].map((op) => silent(op, ['X'], 'bool')),
  silent('BitwiseNot', ['X'], undefined),
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((op) => silent(op, ['A', 'B'], undefined)),
  silent('BitShift', ['X', 'Y'], undefined),
  silent('NonMaxSuppression', ['boxes', 'scores', 'max_output_boxes_per_class', 'iou_threshold', 'score_threshold'], 'int64'),
  // Drawn from nothing but a shape, or from probabilities by comparison with a random number.
  ...['RandomNormal', 'RandomUniform'].map((op) => silent(op, [], drawnType)),
  ...['RandomNormalLike', 'RandomUniformLike', 'Bernoulli'].map((op) => silent(op, ['input'], (node) => (node.attributes.dtype ? drawnType(node) : undefined))),
  silent('Multinomial', ['input'], (node) => dtypeOf(intAttribute(node, 'dtype', 6))),
  // Fixed tables of a whole number of elements
  ...['HannWindow', 'HammingWindow', 'BlackmanWindow'].map((op) => silent(op, ['size'], (node) => dtypeOf(intAttribute(node, 'output_datatype', 1)))),
  // Piecewise constant: the derivative is 0 wherever it exists.
  silent('Hardmax', ['input'], undefined),
  ...['Floor', 'Ceil', 'Round', 'Sign'].map((op) => silent(op, ['X'], undefined)),
];
