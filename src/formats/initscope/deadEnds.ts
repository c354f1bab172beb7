// Layers whose outputs nobody reads: a branch that was forgotten, or a name that was misspelt.

import type { Graph } from '../../core/graph/graph';
import type { Diagnostic } from '../../protocol/report';

/** Layers named one by one. */
const named = 5;

export function deadEnds({ nodes, outputs }: Graph): readonly Diagnostic[] {
  const read = new Set([...outputs.map(({ name }) => name), ...nodes.flatMap(({ inputs }) => inputs)]);
  const layers = [...new Set(nodes.flatMap((node) => (node.outputs.some((output) => read.has(output)) ? [] : node.module ?? [])))];
  if (layers.length === 0) return [];
  const some = layers.slice(0, named).join(', ');
  const more = layers.length > named ? ` and ${layers.length - named} more` : '';
  return [{
    severity: 'warning', code: 'dead-end', layer: null,
    message: `Nothing reads what ${some}${more} ${layers.length === 1 ? 'makes' : 'make'}: no gradient arrives there.`,
    remedy: 'Name it in an "input", an "add" or the "outputs", or take it out.',
  }];
}
