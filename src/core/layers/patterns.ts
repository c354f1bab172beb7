import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { Activation } from '../ops/spec';
import { specOf } from '../ops/registry';
import { constantValues } from './source';

/** An activation function found behind a value, whatever operators spell it. */
export interface FoundActivation {
  /** "Relu", "Gelu", "Silu", "Softmax" */
  readonly name: string;
  /** The value it makes. */
  readonly value: string;
  /** Null where it is not a scalar function (softmax). */
  readonly scalar: Activation | null;
}

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));
/** x σ(x) (Elfwing et al. 2017, arXiv 1702.03118) */
const silu: Activation = { f: (x) => x * logistic(x), df: (x) => logistic(x) * (1 + x * logistic(-x)), kinks: [] };

/** The activation applied to a value, if one is: one operator, or a pattern that exporters write for one. */
export function activationOf(index: GraphIndex, value: string): FoundActivation | null {
  const users = index.consumers.get(value) ?? [];
  return gated(value, users) ?? erfGelu(index, value, users) ?? single(index, value, users);
}

function single(index: GraphIndex, value: string, users: readonly Node[]): FoundActivation | null {
  for (const node of users) {
    const output = node.outputs[0] ?? '';
    if (node.domain !== '' || node.inputs[0] !== value) continue;
    if (node.op === 'Softmax' || node.op === 'LogSoftmax') return { name: node.op, value: output, scalar: null };
    const spec = specOf(node);
    const scalarInput = (formal: string): number | null => {
      const values = constantValues(index, node.inputs[spec?.inputs.indexOf(formal) ?? -1] ?? '');
      return values?.length === 1 ? values[0] ?? null : null;
    };
    const scalar = spec?.activation?.(node, scalarInput);
    if (scalar) return { name: node.op, value: output, scalar };
  }
  return null;
}

/** x · σ(x) as Sigmoid and Mul. */
function gated(value: string, users: readonly Node[]): FoundActivation | null {
  const gate = users.find((node) => node.op === 'Sigmoid')?.outputs[0];
  const product = users.find((node) => node.op === 'Mul' && gate !== undefined && node.inputs.includes(gate) && node.inputs.includes(value));
  return product ? { name: 'Silu', value: product.outputs[0] ?? '', scalar: silu } : null;
}

/** ½ x (1 + erf(x/√2)), its factors in any order (PyTorch writes Div, Erf, Add, Mul, Mul). */
function erfGelu(index: GraphIndex, value: string, users: readonly Node[]): FoundActivation | null {
  const scaled = users.find((node) => isOverRootTwo(index, node, value) && onlyUser(index, node)?.op === 'Erf');
  const erf = scaled && onlyUser(index, scaled);
  const plusOne = erf && onlyUser(index, erf);
  if (plusOne?.op !== 'Add' || !plusOne.inputs.some((input) => isScalar(index, input, 1))) return null;
  let end: Node | undefined = onlyUser(index, plusOne);
  let seesValue = false;
  let seesHalf = false;
  for (let step = 0; step < 2 && end?.op === 'Mul'; step++) {
    const isHalved = end.inputs.some((input) => isHalfOf(index, input, value));
    seesValue ||= isHalved || end.inputs.includes(value);
    seesHalf ||= isHalved || end.inputs.some((input) => isScalar(index, input, 0.5));
    if (seesValue && seesHalf) return gelu(end);
    end = onlyUser(index, end);
  }
  return null;
}

function isOverRootTwo(index: GraphIndex, node: Node, value: string): boolean {
  if (node.op === 'Div') return node.inputs[0] === value && isScalar(index, node.inputs[1] ?? '', Math.SQRT2);
  return node.op === 'Mul' && node.inputs.some((input) => isScalar(index, input, Math.SQRT1_2));
}

function gelu(end: Node): FoundActivation | null {
  const scalar = specOf({ ...end, op: 'Gelu', attributes: {} })?.activation?.({ ...end, attributes: {} }, () => null) ?? null;
  return { name: 'Gelu', value: end.outputs[0] ?? '', scalar };
}

function onlyUser(index: GraphIndex, node: Node): Node | undefined {
  const users = index.consumers.get(node.outputs[0] ?? '') ?? [];
  return users.length === 1 ? users[0] : undefined;
}

/** Half precision keeps three digits of a constant. */
const constantTolerance = 2e-3;

function isScalar(index: GraphIndex, value: string, expected: number): boolean {
  const values = constantValues(index, value);
  return values?.length === 1 && values.every((element) => Math.abs(element - expected) <= constantTolerance * expected);
}

function isHalfOf(index: GraphIndex, value: string, whole: string): boolean {
  const node = index.producer.get(value);
  return node?.op === 'Mul' && node.inputs.includes(whole) && node.inputs.some((input) => isScalar(index, input, 0.5));
}
