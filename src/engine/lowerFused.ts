import type { ValueFacts } from '../core/autodiff/valueFacts';
import type { Graph } from '../core/graph/graph';
import type { Lowered } from '../core/ops/lowered/lowering';
import { lowerShaped } from '../core/ops/lowered/lowering';
import { loweringOf } from '../core/ops/registry';

/**
 * The network without fused operators. What they stand for depends on shapes, which the kernels of ONNX Runtime tell: once for all that have
 * one, and once more behind each row of those that have none.
 */
export async function lowerFused(graph: Graph, measure: (graph: Graph) => Promise<ValueFacts>): Promise<Lowered> {
  let lowered: Lowered = { graph, refused: new Map() };
  for (let before = Infinity, left = waiting(lowered); left > 0 && left < before; before = left, left = waiting(lowered)) {
    const facts = await measure(lowered.graph).catch(() => null);
    if (!facts) break;
    const next = lowerShaped(lowered.graph, facts, loweringOf);
    lowered = { graph: next.graph, refused: new Map([...lowered.refused, ...next.refused]) };
  }
  return lowered;
}

/** How many nodes could still be lowered. */
function waiting({ graph, refused }: Lowered): number {
  return graph.nodes.filter((node) => loweringOf(node) && !refused.has(node.name)).length;
}
