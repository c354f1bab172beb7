import type { Graph } from '../../core/graph/graph';
import { indexGraph } from '../../core/graph/order';
import { formalInput, specOf } from '../../core/ops/registry';

/**
 * The operators that end every way of a gradient to a value, where it is exactly zero whatever the weights are: rounding, comparing, choosing the
 * largest have no derivative but zero. Empty where no way leads from the value to an output at all.
 */
export function cutsBehind(graph: Graph, value: string): readonly string[] {
  const { consumers } = indexGraph(graph);
  const found = new Set<string>();
  const seen = new Set([value]);
  for (const name of seen) {
    for (const node of consumers.get(name) ?? []) {
      // What only a size is read from is not meant.
      if (node.op === 'Shape' || node.op === 'Size') continue;
      const spec = specOf(node);
      node.inputs.forEach((input, position) => {
        if (input !== name) return;
        const formal = spec && formalInput(spec, position);
        if (formal !== undefined && spec?.gradient[formal] === 'non-differentiable') found.add(node.op);
        else for (const output of node.outputs) if (output !== '') seen.add(output);
      });
    }
  }
  return [...found];
}
