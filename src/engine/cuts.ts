import type { Node } from '../core/graph/graph';
import { formalInput, operators, specOf } from '../core/ops/registry';

/**
 * The operators that end every way of a gradient to a value, where it is exactly zero whatever the weights are: rounding, comparing, choosing the
 * largest have no derivative but zero. Empty where no way leads from the value to an output at all.
 */
export function cutsBehind(nodes: readonly Node[], value: string): readonly string[] {
  const readers = readersIn(nodes);
  const found = new Set<string>();
  const seen = new Set([value]);
  for (const name of seen) {
    for (const { node, position } of readers.get(name) ?? []) {
      const spec = specOf(node);
      const formal = spec && formalInput(spec, position);
      // What only a size is read from is not meant.
      if (node.op === 'Shape' || node.op === 'Size') continue;
      if (formal !== undefined && operators.get(node.op)?.gradient[formal] === 'non-differentiable') found.add(node.op);
      else for (const output of node.outputs) if (output !== '') seen.add(output);
    }
  }
  return [...found];
}

interface Reading { readonly node: Node; readonly position: number }

const known = new WeakMap<readonly Node[], ReadonlyMap<string, readonly Reading[]>>();

function readersIn(nodes: readonly Node[]): ReadonlyMap<string, readonly Reading[]> {
  const there = known.get(nodes);
  if (there) return there;
  const readers = new Map<string, Reading[]>();
  for (const node of nodes) {
    node.inputs.forEach((input, position) => {
      const list = readers.get(input);
      if (list) list.push({ node, position });
      else readers.set(input, [{ node, position }]);
    });
  }
  known.set(nodes, readers);
  return readers;
}
