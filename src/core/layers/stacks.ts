import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { isFixed } from './source';

/** A value is followed through at most this many others; a transformer block has some forty nodes. */
const farthest = 400;

/** The first of some values that a value is computed from, itself included; what only its shape is read from is not looked at. */
function firstOf(index: GraphIndex, value: string, wanted: ReadonlySet<string>): string | null {
  const seen = new Set([value]);
  for (const name of seen) {
    if (wanted.has(name)) return name;
    if (seen.size > farthest) break;
    const node = index.producer.get(name);
    if (!node || node.op === 'Shape' || node.op === 'Size') continue;
    for (const input of node.inputs) if (input !== '' && !index.graph.initializers.has(input)) seen.add(input);
  }
  return null;
}

/** The signal that passes a branch by, and what it was before each operator that computes it from one value. */
function skipWay(index: GraphIndex, skip: string): ReadonlySet<string> {
  const way = new Set([skip]);
  for (const name of way) {
    const computed = index.producer.get(name)?.inputs.filter((input) => input !== '' && !isFixed(index, input)) ?? [];
    if (computed.length === 1 && way.size < farthest) for (const input of computed) way.add(input);
  }
  return way;
}

/**
 * Whether attention that ends in a branch looks at another sequence than the signal it is added to (Vaswani et al. 2017, section 3.2.3): its
 * values are not computed from that signal.
 */
export function attendsElsewhere(index: GraphIndex, product: Node, skip: string): boolean {
  const values = valuesOf(product);
  return values !== '' && firstOf(index, values, skipWay(index, skip)) === null;
}

/** What attention puts together: the right factor of the product with its weights, or an input of an operator for all of it. */
function valuesOf({ op, domain, inputs }: Node): string {
  if (op === 'Attention' && domain === 'com.microsoft') return inputs[0] ?? '';
  if (op.endsWith('Attention')) return [inputs[2], inputs[1], inputs[0]].find((input) => input !== undefined && input !== '') ?? '';
  return inputs[1] ?? '';
}

/** The product of two computed values that a node reads through nothing but reshapes, as attention's output projection does. */
export function productBefore(index: GraphIndex, node: Node): Node | null {
  let value = node.inputs[0] ?? '';
  for (let step = 0; step < farthestProduct; step++) {
    const before = index.producer.get(value);
    if (!before) return null;
    if (before.op === 'MatMul' || before.op === 'Einsum') return before.inputs.every((input) => !isFixed(index, input)) ? before : null;
    if (/^(MultiHead|GroupQuery)?Attention$/.test(before.op)) return before;
    if (!reshaping.test(before.op)) return null;
    value = before.inputs[0] ?? '';
  }
  return null;
}

const farthestProduct = 6;
const reshaping = /^(Reshape|Transpose|Squeeze|Unsqueeze|Cast|Identity)$/;

/** An addition that ends a branch, and the signal that passes the branch by. */
interface End {
  readonly add: Node;
  readonly skip: string;
}

/**
 * For each branch, in the order they run, the first of those that hand one signal on: the signal that passes it by is what the branch before it
 * has added to, whatever lies between.
 */
export function stacksOf(index: GraphIndex, ends: readonly End[]): readonly string[] {
  const stacks = new Map<string, string>();
  const sums = new Set(ends.flatMap(({ add }) => add.outputs.filter((output) => output !== '')));
  return ends.map(({ add, skip }) => {
    const sum = add.outputs[0] ?? '';
    const before = firstOf(index, skip, sums);
    const stack = before === null ? sum : stacks.get(before) ?? sum;
    for (const output of add.outputs) stacks.set(output, stack);
    return stack;
  });
}
