import type { OperatorSpec } from './spec';
import { dtypeOf } from '../graph/dtype';
import { intAttribute } from '../graph/graph';

/** Operators through which no gradient flows, by their mathematics: an explicit no, not a missing rule. */
function silent(op: string, inputs: readonly string[], outputType: OperatorSpec['outputType']): OperatorSpec {
  return {
    op, inputs, outputs: ['output'], ...(outputType === undefined ? {} : { outputType }),
    gradient: Object.fromEntries(inputs.map((input) => [input, 'non-differentiable' as const])),
  };
}

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
  // Piecewise constant: the derivative is 0 wherever it exists.
  ...['Floor', 'Ceil', 'Round', 'Sign'].map((op) => silent(op, ['X'], undefined)),
];
