// What stands before a value and behind it, whatever is moved about in between: how many numbers it is made of, and whether a mask hides what comes later.

import type { Node } from '../graph/graph';
import type { GraphIndex } from '../graph/order';
import { isCausal } from './causal';
import type { Kernel } from './rule';

const moving = new Set(['Add', 'Mul', 'Div', 'Identity', 'Cast', 'CastLike', 'Reshape', 'Transpose', 'Squeeze', 'Unsqueeze', 'Split', 'Slice', 'Gather']);
/** Heads are split off in fewer operators. */
const most = 12;

/** Null where no kernel is found, and of a value that is a signal by more than one way. */
export function fanInBehind(
  { producer }: GraphIndex, value: string, kernelOf: (node: Node) => Kernel | null, isSignal: (value: string) => boolean,
): number | null {
  let at = value;
  for (let i = 0; i < most; i++) {
    const node = producer.get(at);
    const kernel = node && kernelOf(node);
    if (kernel) return kernel.fans.fanIn;
    const [before, ...others] = node && moving.has(node.op) ? node.inputs.filter(isSignal) : [];
    if (before === undefined || others.length > 0) return null;
    at = before;
  }
  return null;
}

/** Scores that are hidden from those that come later, before they are weighed. */
export function isHiddenBehind(index: GraphIndex, value: string): boolean {
  let at = value;
  for (let i = 0; i < most; i++) {
    const [node, ...others] = index.consumers.get(at) ?? [];
    if (!node || others.length > 0) return false;
    if (isCausal(index, node)) return true;
    if (!moving.has(node.op)) return false;
    at = node.outputs[0] ?? '';
  }
  return false;
}
