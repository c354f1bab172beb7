import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import type { Layer } from './layer';
import type { WrittenOut } from './normalization';
import { channelAxis } from './channelAxis';
import { normalizations } from './normalization';
import { scalarValue, storedSource } from './source';
import { attendsElsewhere, productBefore, stacksOf } from './stacks';

/** A normalisation at the end of a branch, and the nodes that may hold its scale. */
export interface BranchNorm {
  readonly op: string;
  readonly nodes: readonly Node[];
}

/** A residual branch (He et al. 2016, arXiv 1512.03385): where it ends, and by what. */
export interface Branch {
  readonly add: Node;
  /** The last layer of the branch that has a kernel. */
  readonly last: Layer;
  /** The last normalisation between that layer and the addition. */
  readonly normalization: BranchNorm | null;
  /** The node that multiplies it with a learned factor. */
  readonly gain: Node | null;
  /** The sum itself is normalised before anything else reads it, and hands on no sum. */
  readonly isPostNorm: boolean;
  /** Layers with a kernel from where the branch parts from the signal on. */
  readonly kernels: readonly Layer[];
  /** What the signal that passes it by is multiplied with before the addition; 1 where it is not, null where it is not known. */
  readonly skipScale: number | null;
  /** It ends with attention to another sequence than the signal it is added to. */
  readonly crosses: boolean;
  /** The same for all branches that hand one signal on. */
  readonly stack: string;
  /** What the branch says before it is added, and the sum; empty where an operator keeps that to itself. */
  readonly end: string;
  readonly sum: string;
  /** Axis of both along which their channels lie; null where that is not known. */
  readonly channels: number | null;
}

/** A branch is looked for within this many nodes before its addition; a transformer block has some forty. */
const farthest = 400;
/** Operators between the last layer of a branch and the addition. */
const passing = new Set([
  ...normalizations, 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Identity', 'Cast', 'Dropout', 'Add', 'Mul', 'Flatten', 'Slice', 'Pad', 'Resize',
]);

/** The residual branches of a graph. An addition is one if one of its operands is computed, by way of a kernel, from (what makes) the other. */
export function findBranches(
  index: GraphIndex, layers: readonly Layer[], written: ReadonlyMap<string, WrittenOut>, gains: ReadonlySet<Node>,
): readonly Branch[] {
  const kernels = new Map(layers.flatMap((layer) => (
    layer.scope === index.scope && layer.weights.some((weight) => weight.role === 'kernel') ? [[layer.preactivation, layer] as const] : [])));
  const ends = new Map([...written.values()].map((each) => [each.node, each]));
  const taken = new Set<Layer>();
  const repeated = repeatedKernels(layers);
  const sums = new Set<string>();
  const found = index.graph.nodes.flatMap((add) => {
    if (!isAddition(add) || kernels.has(add.outputs[0] ?? '')) return [];
    const operands = (isSkip(add) ? add.inputs.slice(0, 2) : add.inputs).filter((input) => !storedSource(index, input));
    if (operands.length !== 2) return [];
    const branch = branchOperand(index, operands, kernels);
    const end = branch === null ? null : endOf(index, branch.operand, kernels, ends, gains);
    if (!end || taken.has(end.last)) return [];
    // A recurrence written step by step adds what it carries to what it reads: no branch, though both come from one signal.
    if (!branch?.isDirect && end.last.weights.some((weight) => repeated.has(weight.id))) return [];
    taken.add(end.last);
    const skip = operands.find((operand) => operand !== branch?.operand) ?? '';
    const product = productBefore(index, end.last.node);
    const crosses = branch !== null && product !== null && attendsElsewhere(index, product, skip);
    // What made the other sequence is no part of the branch.
    const own = crosses ? kernelsBetween(index, branch.operand, new Set([skip, ...sums]), kernels) : branch?.kernels ?? [];
    for (const output of add.outputs) if (output !== '') sums.add(output);
    const values = { end: branch?.operand ?? '', sum: sumOf(add), channels: branch && channelAxis(index, branch.operand, end.last.node, ends) };
    return [{ add, ...end, ...values, kernels: own, skip, skipScale: skipScaleOf(index, skip), isPostNorm: isPostNorm(index, add, skip, written), crosses }];
  });
  const stacks = stacksOf(index, found);
  return found.map((branch, i) => ({ ...branch, stack: stacks[i] ?? '' }));
}

/** ONNX Runtime's normalisation that adds the skip connection to its input first (ContribOperators.md). */
const isSkip = ({ op, domain }: Node): boolean => domain === 'com.microsoft' && /^Skip(Simplified)?LayerNormalization$/.test(op);
const isAddition = (node: Node): boolean => isSkip(node) || (node.domain === '' && (node.op === 'Add' || node.op === 'Sum'));

/** The value that is the sum, which ONNX Runtime's operator gives as its fourth output, if at all. */
const sumOf = (add: Node): string => (isSkip(add) ? add.outputs[3] ?? '' : add.outputs[0] ?? '');

/**
 * Whether what is handed on is the normalised sum (Vaswani et al. 2017, section 5.4), and not the sum, as where each branch begins with its norm
 * (Xiong et al. 2020, figure 1). The last of those is read by a final norm alone, but what passes it by is a sum.
 */
function isPostNorm(index: GraphIndex, add: Node, skip: string, written: ReadonlyMap<string, WrittenOut>): boolean {
  const sum = sumOf(add);
  const before = index.producer.get(skip);
  if (before && isAddition(before) && sumOf(before) === skip && before.inputs.slice(0, 2).every((input) => !storedSource(index, input))) return false;
  const readers = index.consumers.get(sum) ?? [];
  if (isSkip(add)) return readers.length === 0;
  if (index.outputs.has(sum) || readers.length === 0) return false;
  return written.has(sum) ? !readers.some(isAddition) : readers.every((reader) => normalizations.has(reader.op) && !isSkip(reader));
}

/** Kernels that several layers have, by id. */
function repeatedKernels(layers: readonly Layer[]): ReadonlySet<string> {
  const ids = layers.flatMap((layer) => layer.weights.flatMap((weight) => (weight.role === 'kernel' ? [weight.id] : [])));
  const seen = new Set<string>();
  return new Set(ids.filter((id) => seen.has(id) || !seen.add(id)));
}

interface BranchOperand {
  readonly operand: string;
  /** The other operand is the signal itself, not a projection of it. */
  readonly isDirect: boolean;
  readonly kernels: readonly Layer[];
}

/** Factor of a product with a stored number. */
function skipScaleOf(index: GraphIndex, value: string): number | null {
  const node = index.producer.get(value);
  if (node?.op !== 'Mul') return 1;
  const factors = node.inputs.flatMap((input) => scalarValue(index, input) ?? []);
  return factors[0] ?? null;
}

/** The operand that is the branch: the other is an ancestor of it, or has fewer kernels since the two parted. */
function branchOperand(index: GraphIndex, operands: readonly string[], kernels: ReadonlyMap<string, Layer>): BranchOperand | null {
  const [a = '', b = ''] = operands;
  if (a === b) return null;
  if (comesFrom(index, a, b)) return directBranch(a, kernelsBetween(index, a, new Set([b]), kernels));
  if (comesFrom(index, b, a)) return directBranch(b, kernelsBetween(index, b, new Set([a]), kernels));
  const [beforeA, beforeB] = [ancestors(index, a), ancestors(index, b)];
  const [ofA, ofB] = [kernelsBetween(index, a, beforeB, kernels), kernelsBetween(index, b, beforeA, kernels)];
  const shared = [...beforeA].some((value) => beforeB.has(value));
  // A projection on the short cut has one kernel, and the branch more.
  if (!shared || Math.min(ofA.length, ofB.length) > 1 || ofA.length === ofB.length) return null;
  return ofA.length > ofB.length ? { operand: a, isDirect: false, kernels: ofA } : { operand: b, isDirect: false, kernels: ofB };
}

function directBranch(operand: string, kernels: readonly Layer[]): BranchOperand | null {
  return kernels.length > 0 ? { operand, isDirect: true, kernels } : null;
}

/** Whether a value is computed from another: what is made before that is not looked at. */
export function comesFrom(index: GraphIndex, value: string, from: string): boolean {
  const first = index.position.get(from) ?? -1;
  const found = new Set([value]);
  for (const name of found) {
    if (name === from) return true;
    if (found.size > farthest) return false;
    if ((index.position.get(name) ?? -1) <= first) continue;
    for (const input of index.producer.get(name)?.inputs ?? []) if (input !== '' && !index.graph.initializers.has(input)) found.add(input);
  }
  return false;
}

/** Values that a value is computed from, itself included, as far as they are looked at. */
function ancestors(index: GraphIndex, value: string): ReadonlySet<string> {
  const found = new Set([value]);
  for (const name of found) {
    if (found.size > farthest) break;
    for (const input of index.producer.get(name)?.inputs ?? []) if (input !== '' && !index.graph.initializers.has(input)) found.add(input);
  }
  return found;
}

/** Layers with a kernel between a value and where it meets others. */
function kernelsBetween(index: GraphIndex, value: string, until: ReadonlySet<string>, kernels: ReadonlyMap<string, Layer>): readonly Layer[] {
  const found = new Set([value]);
  const between: Layer[] = [];
  for (const name of found) {
    if (until.has(name) || found.size > farthest) continue;
    const layer = kernels.get(name);
    if (layer) between.push(layer);
    for (const input of index.producer.get(name)?.inputs ?? []) if (input !== '') found.add(input);
  }
  return between;
}

/** The last layer with a kernel on the way to the addition, and the last normalisation after it. */
function endOf(
  index: GraphIndex, operand: string, kernels: ReadonlyMap<string, Layer>, written: ReadonlyMap<Node, WrittenOut>, gains: ReadonlySet<Node>,
): Pick<Branch, 'last' | 'normalization' | 'gain'> | null {
  let value = operand;
  let normalization: BranchNorm | null = null;
  let gain: Node | null = null;
  // γ of a norm that is written out may be a product behind it.
  let scaleBehind: Node | null = null;
  for (let step = 0; step < farthest; step++) {
    const last = kernels.get(value);
    if (last) return { last, normalization, gain };
    const node = index.producer.get(value);
    const norm = node && written.get(node);
    if (norm) {
      normalization ??= { op: norm.op, nodes: [norm.node, ...(norm.scale ? [norm.scale] : []), ...(scaleBehind ? [scaleBehind] : [])] };
      value = norm.input;
      continue;
    }
    if (!node || !passing.has(node.op)) return null;
    if (normalizations.has(node.op)) normalization ??= { op: node.op, nodes: [node] };
    if (gains.has(node)) gain ??= node;
    else if (node.op === 'Mul') scaleBehind = node;
    const computed = node.inputs.filter((input) => input !== '' && !storedSource(index, input));
    const isJoin = (node.op === 'Add' || node.op === 'Mul' || isSkip(node)) && computed.length !== 1;
    const [next] = computed;
    if (isJoin || next === undefined) return null;
    value = next;
  }
  return null;
}
