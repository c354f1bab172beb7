import { isFloat } from '../../core/graph/dtype';
import type { Node, ValueInfo } from '../../core/graph/graph';
import { formalInput, weightOperatorOf } from '../../core/ops/registry';

/** Roles in which an input of the network can be nothing but a weight. */
const roles = new Set(['kernel', 'recurrent', 'bias', 'gamma', 'beta', 'running mean', 'running variance', 'slope']);
const namedAsWeight = /weight|kernel|(^|[._/])[wW]\d*$/;

/**
 * Inputs of a network that are its weights, as an export without parameters has them: of a fixed shape, and read where an operator takes a weight.
 * A product of matrices takes either, so there the name has to say so.
 */
export function weightInputs(inputs: readonly ValueInfo[], nodes: readonly Node[]): readonly ValueInfo[] {
  const asWeights = new Set<string>();
  const asData = new Set<string>();
  for (const node of nodes) {
    const operator = weightOperatorOf(node);
    node.inputs.forEach((input, position) => {
      const role = operator?.parameters?.[formalInput(operator, position) ?? '']?.role;
      const isWeight = role !== undefined && roles.has(role) && (node.op !== 'MatMul' || namedAsWeight.test(input));
      (isWeight ? asWeights : asData).add(input);
    });
  }
  const isFixed = ({ dtype, shape }: ValueInfo): boolean => (
    isFloat(dtype) && shape !== null && shape.length > 0 && shape.every((size) => typeof size === 'number' && size > 0));
  const found = inputs.filter((input) => asWeights.has(input.name) && !asData.has(input.name) && isFixed(input));
  // Something has to be left that the network works on.
  return found.length < inputs.length ? found : [];
}
