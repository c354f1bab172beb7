import type { Graph, Node } from '../core/graph/graph';
import { inlineBranch, pruneTo } from '../core/graph/inline';
import type { FilePool } from '../formats/content';
import { encodeModel } from '../formats/onnx/encode';
import { prepareForward } from './forward';
import { createPayloads } from './payloads';
import type { Value } from './runtime';
import { createSession } from './runtime';

/** Branches within branches deeper than this are left alone. */
const deepest = 32;

export interface BranchSettings {
  readonly threads: number | null;
  /** That of the model where it is newer than the one graphs are written in. */
  readonly opset: number;
}

/**
 * The graph with the branch that is taken in place of every `If`. Conditions are computed from the inputs and the stored weights; an `If`
 * whose condition cannot be computed stays, and is named as unsupported later.
 */
export async function takeBranches(graph: Graph, inputs: ReadonlyMap<string, Value>, pool: FilePool, settings: BranchSettings): Promise<Graph> {
  let flat = graph;
  for (let depth = 0; depth < deepest; depth++) {
    const choices = flat.nodes.filter(isChoice);
    if (choices.length === 0) return flat;
    const conditions = await computeConditions(flat, choices, inputs, pool, settings);
    const known = choices.filter((node) => conditions.has(node.inputs[0] ?? ''));
    if (known.length === 0) return flat;
    for (const node of known) flat = inlineBranch(flat, node, conditions.get(node.inputs[0] ?? '') === true ? 'then_branch' : 'else_branch');
  }
  return flat;
}

const isChoice = (node: Node): boolean => node.op === 'If' && node.domain === '';

async function computeConditions(
  graph: Graph, choices: readonly Node[], inputs: ReadonlyMap<string, Value>, pool: FilePool, { threads, opset }: BranchSettings,
): Promise<ReadonlyMap<string, boolean>> {
  const conditions = new Map<string, boolean>();
  const computed = new Set<string>();
  for (const name of choices.map((node) => node.inputs[0] ?? '')) {
    const stored = graph.initializers.get(name)?.values?.[0];
    if (stored === undefined) computed.add(name);
    else conditions.set(name, stored !== 0);
  }
  const { graph: forward, missing } = prepareForward(pruneTo({ ...graph, outputs: [] }, computed), 'inference', 'run');
  const reachable = [...computed].filter((name) => !missing.has(name));
  if (reachable.length === 0) return conditions;
  const outputs = reachable.map((name) => ({ name, dtype: 'bool' as const, shape: null }));
  const bytes = encodeModel({ ...pruneTo(forward, reachable), outputs }, createPayloads(graph, pool), opset);
  const session = await createSession(bytes, { threads, optimise: false });
  try {
    const fed = new Map([...inputs].filter(([name]) => forward.inputs.some((input) => input.name === name)));
    for (const [name, value] of await session.run(fed, reachable)) conditions.set(name, Number(value.data[0] ?? 0) !== 0);
  } finally {
    await session.release();
  }
  return conditions;
}
