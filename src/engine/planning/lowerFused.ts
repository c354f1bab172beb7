import type { ValueFacts } from '../../core/autodiff/valueFacts';
import type { Graph, Node } from '../../core/graph/graph';
import type { Lowered } from '../../core/ops/lowered/lowering';
import { lowerShaped } from '../../core/ops/lowered/lowering';
import { loweringOf } from '../../core/ops/registry';
import { isFailure } from '../../protocol/failure';
import { say } from '../../protocol/words';

/**
 * The network without fused operators. What they stand for depends on shapes, which the kernels of ONNX Runtime tell: once for all that have
 * one, and once more behind each row of those that have none.
 */
export async function lowerFused(graph: Graph, measure: (graph: Graph) => Promise<ValueFacts>): Promise<Lowered> {
  let lowered: Lowered = { graph, refused: new Map() };
  for (let before = Infinity, left = waiting(lowered); left.length > 0 && left.length < before; before = left.length, left = waiting(lowered)) {
    const facts = await measure(lowered.graph).catch(explained);
    if (typeof facts === 'string') return { ...lowered, refused: new Map([...lowered.refused, ...left.map(({ name }) => [name, facts] as const)]) };
    const next = lowerShaped(lowered.graph, facts, loweringOf);
    lowered = { graph: next.graph, refused: new Map([...lowered.refused, ...next.refused]) };
  }
  return lowered;
}

/** What could still be lowered. */
const waiting = ({ graph, refused }: Lowered): readonly Node[] => graph.nodes.filter((node) => loweringOf(node) && !refused.has(node.name));

/** A network that cannot be run as it is may be run in part: what ONNX Runtime says is the reason for the rest. */
function explained(error: unknown): string {
  if (isFailure(error) && error.code === 'run-failed') return say('the shapes it depends on could not be measured: {0}', error.message);
  throw error;
}
