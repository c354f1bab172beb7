import { GraphBuilder } from '../../core/graph/builder';
import type { Graph, Node } from '../../core/graph/graph';
import { inlineBranch, pruneTo } from '../../core/graph/inline';
import { namesOf } from '../../core/graph/names';
import { countSteps, mostSteps, refuseUnrolling, unroll, withBoundedLoops } from '../../core/graph/unroll';
import type { FilePool } from '../../formats/tensors/content';
import { encodeToRun } from '../../formats/onnx/encode';
import { isFailure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import { prepareForward } from './forward';
import { createPayloads } from '../feeding/payloads';
import type { Value } from '../runtime';
import { createSession } from '../runtime';

/** Bodies within bodies deeper than this are left alone. */
const deepest = 32;

export interface ControlFlowSettings {
  readonly threads: number | null;
  /** That of the model where it is newer than the one graphs are written in. */
  readonly opset: number;
}

export interface Followed {
  readonly graph: Graph;
  /** Why nodes are still there, by their names. */
  readonly refused: ReadonlyMap<string, string>;
}

/**
 * The graph with the branch that is taken in place of every `If`, and the steps in place of every `Loop` and `Scan`. Conditions and numbers of
 * steps are computed from the inputs and the stored weights; a node for which they cannot be computed stays, and is named as unsupported later.
 */
export async function followControlFlow(
  graph: Graph, inputs: ReadonlyMap<string, Value>, pool: FilePool, settings: ControlFlowSettings,
): Promise<Followed> {
  let flat = graph;
  const refused = new Map<string, string>();
  for (let depth = 0; depth < deepest; depth++) {
    const open = flat.nodes.filter((node) => isControlFlow(node) && !refused.has(node.name));
    if (open.length === 0) break;
    const answers = await answer(flat, open, inputs, pool, settings).catch((error: unknown) => {
      if (!isFailure(error) || error.code !== 'run-failed') throw error;
      for (const node of open) refused.set(node.name, say('it could not be followed: {0}', error.message));
      return new Map<string, number>();
    });
    for (const node of open) {
      const known = answers.get(node.name);
      if (known === undefined) continue;
      const reason = isChoice(node) ? null : refuseUnrolling(node, known);
      if (reason !== null) refused.set(node.name, reason);
      else flat = isChoice(node) ? inlineBranch(flat, node, known === 0 ? 'else_branch' : 'then_branch') : unroll(flat, node, known);
    }
    if (answers.size === 0) break;
  }
  return { graph: flat, refused };
}

const isChoice = (node: Node): boolean => node.op === 'If';
const isControlFlow = (node: Node): boolean => node.domain === '' && (isChoice(node) || node.op === 'Loop' || node.op === 'Scan');

/** By the name of each node: whether its condition holds, or how many steps it runs. */
async function answer(
  graph: Graph, open: readonly Node[], inputs: ReadonlyMap<string, Value>, pool: FilePool, { threads, opset }: ControlFlowSettings,
): Promise<ReadonlyMap<string, number>> {
  const answers = new Map<string, number>();
  /** Node → the value that holds the answer. */
  const computed = new Map<string, string>();
  const counted = new Map(open.filter((node) => !isChoice(node)).map((node) => [node, countSteps(node)]));
  const builder = new GraphBuilder({ ...graph, outputs: [], nodes: graph.nodes.map((node) => counted.get(node)?.node ?? node) });
  for (const node of open) {
    const count = counted.get(node);
    const stored = count ? undefined : graph.initializers.get(node.inputs[0] ?? '')?.values?.[0];
    if (stored !== undefined) answers.set(node.name, stored);
    else computed.set(node.name, count ? builder.add('Gather', [builder.add('Shape', [count.value]), builder.ints([count.axis])]) : node.inputs[0] ?? '');
  }
  // A loop is asked how many steps it runs by running it: no further than it would be followed.
  const limit = builder.scalar(mostSteps + 1, 'int64');
  const built = builder.build();
  const { graph: forward, missing } = prepareForward(pruneTo(withBoundedLoops(built, limit, namesOf(built)), computed.values()), 'inference', 'run');
  const reachable = [...computed].filter(([, value]) => !missing.has(value));
  if (reachable.length === 0) return answers;
  const values = [...new Set(reachable.map(([, value]) => value))];
  const outputs = values.map((name) => ({ name, dtype: 'undefined' as const, shape: null }));
  const bytes = encodeToRun({ ...pruneTo(forward, values), outputs }, createPayloads(graph, pool), opset);
  const session = await createSession(bytes, { threads, nodes: null });
  try {
    const fed = new Map([...inputs].filter(([name]) => forward.inputs.some((input) => input.name === name)));
    const results = await session.run(fed, values);
    for (const [node, value] of reachable) answers.set(node, Number(results.get(value)?.data[0] ?? 0));
  } finally {
    await session.release();
  }
  return answers;
}
