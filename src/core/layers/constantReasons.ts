// What a stored tensor is for that is no weight, by where it meets the signal.

import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { say } from '../../protocol/words';
import { isFixed } from './source';

/** Nodes that are looked at around one tensor. */
const farthest = 16;

/** A stored tensor, or what the graph makes of it, and the operator that combines it with what the network is given. */
interface Meeting {
  readonly node: Node;
  readonly value: string;
  /** Operators on the way. */
  readonly way: readonly string[];
}

/** Why a tensor that a node reads keeps its values, as a clause; null where nothing more is known than the operator. */
export function whyConstant(index: GraphIndex, node: Node, value: string): string | null {
  const [reader] = index.consumers.get(node.outputs[0] ?? '') ?? [];
  if (node.op === 'Reciprocal' && reader?.op === 'DequantizeLinear') return say('it holds the scales of a quantised weight');
  const meeting = meetingOf(index, node, value);
  if (!meeting) return null;
  const { node: { op }, way } = meeting;
  if (reachesSoftmax(index, meeting.node) && (op === 'Add' || op === 'Sub' || op === 'Where')) return asMask;
  if (op === 'Add' && reaches(index, meeting.node, exponential, new Set())) return bonusReason;
  if (op === 'Mul') {
    const mixed = mixingOf(index, meeting.node);
    if (mixed === 'rotary') return say('it turns queries and keys by their position, as sines and cosines do (rotary embedding)');
    if (mixed === 'tokens') return mixingReason;
    if (reachesExponential(index, meeting.node)) return say('it is the rate of a decay: what it multiplies is the argument of an exponential');
    if (reachesSoftmax(index, meeting.node)) return say('it multiplies the scores of attention before their softmax, as a mask or a temperature does');
  }
  return way.includes('Exp') ? say('it is the logarithm of what the graph computes with: a rate, or a step, of a state') : null;
}

/** μ ⊙ x_t + (1 − μ) ⊙ x_{t−1} (Peng et al. 2023, RWKV, arXiv 2305.13048, on token shift). */
const mixingReason = say('it mixes each token with the one before it (token shift), by shares that its authors set for each channel and layer');

function meetingOf(index: GraphIndex, first: Node, stored: string): Meeting | null {
  let [node, value]: [Node | undefined, string] = [first, stored];
  const way: string[] = [];
  for (let step = 0; node && step < farthest; step++) {
    const isLookUp = node.op === 'Gather' && node.inputs[0] === value;
    if (!isLookUp && node.inputs.some((input) => input !== '' && input !== value && !isFixed(index, input))) return { node, value, way };
    way.push(node.op);
    value = node.outputs[0] ?? '';
    node = index.consumers.get(value)?.[0];
  }
  return null;
}

const bonusReason = say('it is added to what an exponential is taken of, as a bonus or a rate of a state is');
const asMask = say('it is added to the scores of attention before their softmax, as a mask or a bias of positions is');
const exponential = new Set(['Exp']);

/** What leaves scores what they are, or only masks and shapes them. */
const scoring = new Set(['Add', 'Sub', 'Where', 'Mul', 'Reshape', 'Cast', 'Identity', 'Unsqueeze', 'Squeeze', 'Transpose', 'Max', 'Clip']);

/** Whether what a node makes are scores, of which a softmax is taken. */
export const reachesSoftmax = (index: GraphIndex, node: Node): boolean => reaches(index, node, new Set(['Softmax']), scoring);

/** What may lie between the product of a rate with a step and its exponential; sums over steps are where no loop is. */
const steadying = new Set([
  'Reshape', 'Cast', 'Identity', 'Unsqueeze', 'Squeeze', 'Transpose', 'Slice', 'Split', 'Gather', 'CumSum', 'Expand', 'Neg', 'Add', 'Sub',
]);

/** Whether what a node makes is the argument of an exponential. */
export const reachesExponential = (index: GraphIndex, node: Node): boolean => reaches(index, node, exponential, steadying);

/** Whether an operator of some kind reads what a node makes, by way of nothing but these. */
function reaches(index: GraphIndex, from: Node, wanted: ReadonlySet<string>, through: ReadonlySet<string>): boolean {
  const found = new Set(from.outputs);
  let looked = 0;
  for (const value of found) {
    for (const { op, outputs } of index.consumers.get(value) ?? []) {
      if (wanted.has(op)) return true;
      if (++looked > farthest) return false;
      if (through.has(op)) for (const output of outputs) found.add(output);
    }
  }
  return false;
}

/** What only moves elements: to another place in the sequence, or another half of a vector. */
const moving = new Set(['Pad', 'Slice', 'Concat', 'Split', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Identity', 'Cast', 'Gather', 'Neg', 'Expand']);

/**
 * What the sum of two products with fixed factors is, whose signals are the same but for where their elements are: a token and that before it, or
 * the halves of a query (Su et al. 2021, arXiv 2104.09864, section 3.4.2). Of tokens also x + μ (x' − x).
 */
export function mixingOf(index: GraphIndex, product: Node): 'rotary' | 'tokens' | null {
  const signal = computedOperand(index, product);
  const sum = (index.consumers.get(product.outputs[0] ?? '') ?? []).find(({ op }) => op === 'Add' || op === 'Sub');
  const other = sum?.inputs.find((input) => input !== product.outputs[0]);
  if (signal === null || other === undefined || !sum) return null;
  const difference = index.producer.get(signal);
  if (difference?.op === 'Sub' && sum.op === 'Add' && difference.inputs.includes(other)) {
    const [a = '', b = ''] = difference.inputs;
    return a !== b && originOf(index, a).value === originOf(index, b).value ? 'tokens' : null;
  }
  const beside = index.producer.get(other);
  const second = beside?.op === 'Mul' ? computedOperand(index, beside) : null;
  if (second === null || second === signal) return null;
  const [own, others] = [originOf(index, signal), originOf(index, second)];
  if (own.value !== others.value) return null;
  return sum.op === 'Sub' || own.isTurned || others.isTurned || own.isHalf ? 'rotary' : 'tokens';
}

/** The operand of a product with something fixed. */
function computedOperand(index: GraphIndex, { inputs }: Node): string | null {
  const computed = inputs.filter((input) => !isFixed(index, input));
  return computed.length === 1 && inputs.length === 2 ? computed[0] ?? null : null;
}

interface Origin {
  readonly value: string;
  /** Something has changed its sign on the way. */
  readonly isTurned: boolean;
  /** It is a part of a vector that another is of, too. */
  readonly isHalf: boolean;
}

function originOf(index: GraphIndex, value: string): Origin {
  let [name, isTurned, isHalf] = [value, false, false];
  for (let step = 0; step < farthest; step++) {
    const node = index.producer.get(name);
    if (node?.domain !== '' || !moving.has(node.op)) break;
    isTurned ||= node.op === 'Neg';
    isHalf ||= node.op === 'Split';
    name = node.inputs.find((input) => input !== '' && !isFixed(index, input)) ?? '';
  }
  return { value: name, isTurned, isHalf };
}
