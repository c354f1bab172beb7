import type { Node } from './graph';
import type { GraphIndex } from './order';
import type { Tensor } from './tensor';

/** A step of a recurrence that an exporter has written out: h' = f(W h + b + x). */
export interface RecurrentStep {
  /** The product with W. */
  readonly product: Node;
  /** Name of the stored W, and of the stored b where there is one, with the node that adds it. */
  readonly kernel: string;
  readonly bias: { readonly name: string; readonly node: Node } | null;
  /** The sequence that x is taken from. */
  readonly sequence: string;
}

/** A product that may be one, with the shape of its kernel and what it reads and makes. */
interface Candidate {
  readonly step: RecurrentStep;
  readonly shape: string;
  readonly input: string;
  readonly output: string;
}

/** Fewer steps are two layers that happen to be alike. */
const fewest = 3;
/** Nodes between two steps: additions, a function that may be composed of several, reshapes. */
const farthest = 16;
const moving = new Set(['Squeeze', 'Unsqueeze', 'Reshape', 'Identity', 'Cast', 'Transpose']);
/** What takes one step out of a sequence. */
const picking = new Set(['Gather', 'Slice', 'Split', 'SequenceAt']);

/**
 * Chains of products by square kernels of one shape, each of which reads what the one before has made and to which an element of a sequence is
 * added: the steps of a recurrent layer (Elman 1990, eq. 1), as PyTorch's exporter writes `nn.RNN`. Whether their kernels are equal is not looked at.
 */
export function findRecurrences(index: GraphIndex): readonly (readonly RecurrentStep[])[] {
  const known = recurrences.get(index) ?? searchRecurrences(index);
  recurrences.set(index, known);
  return known;
}

const recurrences = new WeakMap<GraphIndex, readonly (readonly RecurrentStep[])[]>();

function searchRecurrences(index: GraphIndex): readonly (readonly RecurrentStep[])[] {
  const steps = new Map<string, Candidate>();
  for (const node of index.graph.nodes) {
    const found = asStep(index, node);
    if (found) steps.set(found.output, found);
  }
  if (steps.size < fewest) return [];
  const after = new Map<string, string>();
  const isFollower = new Set<string>();
  for (const [output, { input, shape }] of steps) {
    const before = stepBefore(index, input, steps);
    if (before === null || steps.get(before)?.shape !== shape || after.has(before)) continue;
    after.set(before, output);
    isFollower.add(output);
  }
  return [...steps.keys()].filter((output) => !isFollower.has(output)).flatMap((first) => {
    const chain: RecurrentStep[] = [];
    for (let at = steps.get(first); at; at = steps.get(after.get(at.output) ?? '')) chain.push(at.step);
    return chain.length >= fewest ? [chain] : [];
  });
}

function asStep(index: GraphIndex, node: Node): Candidate | null {
  if (node.domain !== '' || (node.op !== 'MatMul' && node.op !== 'Gemm')) return null;
  const [[input = '', kernel = '', inner = ''], [output = '']] = [node.inputs, node.outputs];
  const tensor = storedThrough(index, kernel);
  if (tensor?.shape.length !== 2 || tensor.shape[0] !== tensor.shape[1] || storedThrough(index, input)) return null;
  const bias = inner === '' ? biasBehind(index, node) : index.graph.initializers.has(inner) ? { name: inner, node } : null;
  const sum = bias ? bias.node.outputs[0] ?? '' : output;
  const sequence = addedSequence(index, sum);
  return sequence === null ? null : { step: { product: node, kernel, bias, sequence }, shape: tensor.shape.join(), input, output };
}

function storedThrough(index: GraphIndex, name: string): Tensor | undefined {
  const node = index.producer.get(name);
  return index.graph.initializers.get(name) ?? (node?.op === 'Transpose' ? index.graph.initializers.get(node.inputs[0] ?? '') : undefined);
}

function biasBehind(index: GraphIndex, node: Node): RecurrentStep['bias'] {
  const [output = ''] = node.outputs;
  const [user, ...others] = index.consumers.get(output) ?? [];
  if (user?.op !== 'Add' || others.length > 0) return null;
  const name = user.inputs.find((each) => each !== output) ?? '';
  return index.graph.initializers.has(name) ? { name, node: user } : null;
}

/** The sequence, computed as a whole, of which an addition behind the product takes an element. */
function addedSequence(index: GraphIndex, sum: string): string | null {
  let value = sum;
  for (let step = 0; step < farthest; step++) {
    const users = index.consumers.get(value) ?? [];
    const add = users.find(({ op, domain }) => op === 'Add' && domain === '');
    if (add) {
      const other = add.inputs.find((each) => each !== value) ?? '';
      const sequence = pickedFrom(index, other);
      if (sequence !== null) return sequence;
    }
    const next = add ?? users.find(({ op }) => moving.has(op));
    if (!next || users.length > 1) return null;
    value = next.outputs[0] ?? '';
  }
  return null;
}

function pickedFrom(index: GraphIndex, value: string): string | null {
  let name = value;
  for (let step = 0; step < farthest; step++) {
    const node = index.producer.get(name);
    const [input = ''] = node?.inputs ?? [];
    if (node && picking.has(node.op)) return input;
    if (!node || !moving.has(node.op)) return null;
    name = input;
  }
  return null;
}

/** The step whose output a value is computed from element by element. */
function stepBefore(index: GraphIndex, input: string, steps: ReadonlyMap<string, unknown>): string | null {
  const seen = new Set([input]);
  for (const value of seen) {
    if (steps.has(value)) return value;
    if (seen.size > farthest * 2) return null;
    const node = index.producer.get(value);
    if (node?.domain !== '' || picking.has(node.op)) continue;
    if (node.op === 'MatMul' || node.op === 'Gemm' || node.op === 'Conv' || node.op === 'Concat') continue;
    for (const each of node.inputs) if (each !== '' && !index.graph.initializers.has(each)) seen.add(each);
  }
  return null;
}
