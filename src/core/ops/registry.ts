import type { Node } from '../graph/graph';
import { activations } from './activations';
import { Conv } from './convolution';
import { Einsum } from './einsum';
import { elementwise } from './elementwise';
import { GRU } from './gru';
import { indexing } from './indexing';
import { instanceNormalizations } from './instanceNormalization';
import { layout } from './layout';
import { lengthNormalizations } from './lengthNormalization';
import { loweredOperators } from './lowered';
import type { LoweredOperator } from './lowered/lowering';
import { LSTM } from './lstm';
import { matrix } from './matrix';
import { normalization } from './normalization';
import { pooling } from './pooling';
import { rearrangements } from './rearrangement';
import { integerProducts } from './integers';
import { quantization } from './quantization';
import { reductions } from './reduction';
import { resampling } from './resampling';
import { RNN } from './rnn';
import { scatterings } from './scattering';
import { silentOperators } from './silent';
import type { OperatorSpec, WeightOperator } from './spec';
import { ConvTranspose } from './transposedConvolution';
import { trigonometry } from './trigonometry';
import { weightOperators } from './weightOperators';
import { standardWithoutEntry } from './withoutEntry';

/** Every operator the project has an entry for. A duplicate is a programming error. */
export function createRegistry(specs: readonly OperatorSpec[]): ReadonlyMap<string, OperatorSpec> {
  const registry = new Map<string, OperatorSpec>();
  for (const spec of specs) {
    if (registry.has(spec.op)) throw new Error(`${spec.op} is registered twice.`);
    registry.set(spec.op, spec);
  }
  return registry;
}

export const operators = createRegistry([
  ...elementwise, ...trigonometry, ...activations, ...matrix, Einsum, Conv, ConvTranspose, LSTM, GRU, RNN, ...pooling, ...resampling,
  ...normalization, ...instanceNormalizations, ...lengthNormalizations, ...reductions, ...layout, ...rearrangements, ...indexing, ...scatterings,
  ...quantization, ...integerProducts, ...silentOperators,
]);

/** The entry of a node's operator; undefined where the project has none, or the operator is another domain's. */
export function specOf(node: Node): OperatorSpec | undefined {
  return node.domain === '' ? operators.get(node.op) : undefined;
}

const keyOf = (domain: string, op: string): string => `${domain}:${op}`;
const lowerings = new Map(loweredOperators.map((entry) => [keyOf(entry.domain ?? '', entry.op), entry]));

/** How a node's operator is put together from others; undefined where it is not. */
export function loweringOf(node: Node): LoweredOperator | undefined {
  return lowerings.get(keyOf(node.domain, node.op));
}

const withoutRule = new Map(weightOperators.map((entry) => [keyOf(entry.domain ?? '', entry.op), entry]));

/** What is known of the weights of a node's operator, whether it has a rule or not. */
export function weightOperatorOf(node: Node): WeightOperator | undefined {
  return specOf(node) ?? loweringOf(node) ?? withoutRule.get(keyOf(node.domain, node.op));
}

/** Whether nothing is known of a node's operator: another domain's, or one that the standard does not have. */
export function isUnknown(node: Node): boolean {
  return !weightOperatorOf(node) && !(node.domain === '' && standardWithoutEntry.has(node.op));
}

/** How an operator is called: by its domain too, where that is not ai.onnx. */
export const calledName = ({ domain, op }: Pick<Node, 'domain' | 'op'>): string => (domain === '' ? op : `${domain}.${op}`);

/** Formal name of an input by position: the last one stands for all further inputs of a variadic operator. */
export function formalInput(spec: WeightOperator, position: number): string | undefined {
  return spec.inputs[position] ?? (spec.variadic === 'inputs' ? spec.inputs.at(-1) : undefined);
}
