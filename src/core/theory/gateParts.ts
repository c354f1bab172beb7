// What a recurrent node's weights are, gate by gate and direction by direction, with the functions that its gates apply (ONNX operator specification).

import type { Node } from '../graph/graph';
import { specOf } from '../ops/registry';
import type { Activation } from '../ops/spec';
import type { Kernel, MomentContext } from './rule';
import type { TensorMoments } from './signal';
import { nothing } from './signal';

/** Of one gate: a = W x + R h + b. */
export interface Gate {
  readonly input: TensorMoments;
  readonly recurrent: TensorMoments;
  /** Those of W and of R, which are added but where a reset gate comes between. */
  readonly bias: TensorMoments;
  readonly recurrentBias: TensorMoments;
  /** Weight of the cell's state in its pre-activation; zero where there are no peepholes. */
  readonly peephole: TensorMoments;
}

export interface Direction {
  readonly gates: readonly Gate[];
  /** One after the other, as the specification names them. */
  readonly functions: readonly Activation[];
}

/** Elements of the input and of the state. */
export interface Widths {
  readonly inputs: number;
  readonly hidden: number;
}

export const gateCounts: Readonly<Record<string, number>> = { RNN: 1, GRU: 3, LSTM: 4 };
const usual: Readonly<Record<string, readonly string[]>> = { RNN: ['Tanh'], GRU: ['Sigmoid', 'Tanh'], LSTM: ['Sigmoid', 'Tanh', 'Tanh'] };
/** Peepholes are of the gates i, o and f. */
const peeping = 3;

export function widthsOf(kernel: readonly number[], op: string): Widths {
  const [, rows = 1, inputs = 1] = kernel;
  return { inputs, hidden: rows / (gateCounts[op] ?? 1) };
}

/** Why it cannot be said, as a clause, or each direction. */
export function directionsOf({ node, stored }: MomentContext, { moments: input }: Kernel, count: number): readonly Direction[] | string {
  const [recurrent, bias, peephole] = [2, 3, 7].map(stored);
  if (!recurrent) return 'nothing is known of its recurrent kernel';
  const functions = functionsOf(node, count);
  if (typeof functions === 'string') return functions;
  const gates = gateCounts[node.op] ?? 1;
  const biasAt = (at: number): TensorMoments => (bias ? partOf(bias, at) : nothing);
  return Array.from({ length: count }, (_, direction) => ({
    functions: functions.slice(direction * functions.length / count, (direction + 1) * functions.length / count),
    gates: Array.from({ length: gates }, (__, gate): Gate => ({
      input: partOf(input, direction * gates + gate), recurrent: partOf(recurrent, direction * gates + gate),
      bias: biasAt(direction * 2 * gates + gate), recurrentBias: biasAt((direction * 2 + 1) * gates + gate),
      peephole: peephole && gate < peeping ? partOf(peephole, direction * peeping + gate) : nothing,
    })),
  }));
}

const partOf = (moments: TensorMoments, at: number): TensorMoments => moments.parts?.[at] ?? moments;

/** Names as the specification spells them, in small letters, and the operators that are the same functions. */
const operatorOf = new Map([
  'Tanh', 'Sigmoid', 'Relu', 'LeakyRelu', 'ThresholdedRelu', 'Elu', 'HardSigmoid', 'Softsign', 'Softplus',
].map((name) => [name.toLowerCase(), name]));
/** What takes a value of activation_alpha, and of activation_beta. */
const withBeta = new Set(['hardsigmoid', 'scaledtanh', 'affine']);
const withAlpha = new Set([...withBeta, 'leakyrelu', 'thresholdedrelu', 'elu']);

function functionsOf({ op, attributes }: Node, directions: number): readonly Activation[] | string {
  const given = attributes.activations?.kind === 'strings' ? attributes.activations.value : Array.from({ length: directions }, () => usual[op] ?? []).flat();
  const [alphas, betas] = [attributes.activation_alpha, attributes.activation_beta].map((each) => (each?.kind === 'floats' ? [...each.value] : []));
  const functions: Activation[] = [];
  for (const name of given) {
    const small = name.toLowerCase();
    const found = functionNamed(small, withAlpha.has(small) ? alphas?.shift() : undefined, withBeta.has(small) ? betas?.shift() : undefined);
    if (!found) return `the moments of ${name} are not known`;
    functions.push(found);
  }
  return functions;
}

function functionNamed(name: string, alpha: number | undefined, beta: number | undefined): Activation | null {
  if (name === 'affine') return { f: (x) => (alpha ?? 0) * x + (beta ?? 0), df: () => alpha ?? 0, kinks: [] };
  if (name === 'scaledtanh') {
    const [scale, slope] = [alpha ?? 0, beta ?? 0];
    return { f: (x) => scale * Math.tanh(slope * x), df: (x) => scale * slope * (1 - Math.tanh(slope * x) ** 2), kinks: [] };
  }
  const op = operatorOf.get(name);
  if (op === undefined) return null;
  const attributes = Object.fromEntries(Object.entries({ alpha, beta }).flatMap(([key, value]) => (
    value === undefined ? [] : [[key, { kind: 'float', value }] as const])));
  const node: Node = { name: '', domain: '', op, inputs: [], outputs: [], attributes };
  return specOf(node)?.activation?.(node, () => null) ?? null;
}
