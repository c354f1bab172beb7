/** Runs a sample's node, and its backward pass, through the project's own code. */
import { appendBackward } from '../../src/core/autodiff/backward';
import type { BackwardResult } from '../../src/core/autodiff/backward';
import { GraphBuilder } from '../../src/core/graph/builder';
import { elementCount, isFloat } from '../../src/core/graph/dtype';
import type { Graph, Node } from '../../src/core/graph/graph';
import { createTensor } from '../../src/core/graph/tensor';
import type { Lowered } from '../../src/core/ops/lowered/lowering';
import { lowerShaped, lowerShapeless } from '../../src/core/ops/lowered/lowering';
import { formalInput, loweringOf, operators } from '../../src/core/ops/registry';
import type { OperatorSpec, Rule } from '../../src/core/ops/spec';
import { probe } from '../../src/engine/planning/probe';
import type { Session, Value } from '../../src/engine/runtime';
import { createSession } from '../../src/engine/runtime';
import { canonicalOpset, encodeModel } from '../../src/formats/onnx/encode';
import { cotangentOf } from './samples/sample';
import type { Operand, Sample } from './samples/sample';

export type Precision = 'float32' | 'float64';

export interface Differentiated {
  /** Value → its gradient. */
  readonly gradients: ReadonlyMap<string, Value>;
  /** Value → that there is none: exactly zero, or unknown. */
  readonly backward: BackwardResult;
  /** What the backward pass appended. */
  readonly appended: readonly Node[];
  readonly outputs: readonly Value[];
}

const empty: Graph = { name: 'sample', inputs: [], outputs: [], initializers: new Map(), nodes: [] };
const outputName = (i: number): string => `output${i}`;

export function unreadable(name: string): never {
  throw new Error(`${name} has no values.`);
}

export function typedValue(operand: Operand, precision: Precision): Value {
  const { dtype, shape, values } = operand;
  if (dtype === 'int64') return { dtype, shape, data: BigInt64Array.from(values, BigInt) };
  if (dtype === 'int32') return { dtype, shape, data: Int32Array.from(values) };
  if (dtype === 'bool' || dtype === 'uint8') return { dtype, shape, data: Uint8Array.from(values) };
  return { dtype: precision, shape, data: precision === 'float32' ? Float32Array.from(values) : Float64Array.from(values) };
}

/** The graph of one node, its float inputs fed in that precision. */
export function graphOf(sample: Sample, precision: Precision): Graph {
  const builder = new GraphBuilder(empty);
  for (const [name, operand] of sample.inputs) {
    if (operand.stored) builder.initializer(name, createTensor(operand.dtype === 'float32' ? precision : operand.dtype, operand.shape, operand.values));
    else builder.feed(name, { name, dtype: operand.dtype === 'float32' ? precision : operand.dtype, shape: operand.shape });
  }
  const node = builder.addMany(sample.op, sample.positions.map((value) => value ?? ''), sample.outputs, sample.attributes);
  const built = builder.build();
  const outputs = node.map((_, i) => (sample.absent?.includes(i) ? '' : outputName(i)));
  const named = built.nodes.map((each): Node => ({ ...each, name: 'node', domain: sample.domain ?? '', outputs }));
  return { ...built, nodes: named, outputs: outputs.filter((name) => name !== '').map((name) => ({ name, dtype: 'undefined', shape: null })) };
}

export function feedsOf(sample: Sample, precision: Precision): Map<string, Value> {
  const fed = [...sample.inputs].filter(([, operand]) => !operand.stored);
  return new Map(fed.map(([name, operand]) => [name, typedValue(operand, precision)]));
}

/** Inputs by the name of their value, with what the registry says of their gradient. */
export function rulesOf(sample: Sample, registry: ReadonlyMap<string, OperatorSpec> = operators): ReadonlyMap<string, Rule | 'non-differentiable' | undefined> {
  const spec = sample.domain === undefined ? registry.get(sample.op) : undefined;
  return new Map(sample.positions.flatMap((value, position) => {
    const formal = spec ? formalInput(spec, position) : undefined;
    return value === null ? [] : [[value, formal === undefined ? undefined : spec?.gradient[formal]] as const];
  }));
}

/** Float inputs that are fed and have a gradient: by their rule, or because their operator is put together from others. */
export function differentiableInputs(sample: Sample): readonly string[] {
  const rules = rulesOf(sample);
  const [node] = graphOf(sample, 'float32').nodes;
  const isLowered = node !== undefined && loweringOf(node) !== undefined;
  return [...sample.inputs].flatMap(([name, { dtype, stored }]) => (
    dtype === 'float32' && !stored && (isLowered || typeof rules.get(name) === 'function') ? [name] : []));
}

/** The newest operator set that has all operators that are lowered. */
export const newest = 24;

/** The graph of a sample without operators that are put together from others, and why they are still there. */
export function lowered(sample: Sample): Lowered {
  const graph = lowerShapeless(graphOf(sample, 'float32'), loweringOf);
  if (!graph.nodes.some(loweringOf)) return { graph, refused: new Map() };
  const shapes = new Map([...sample.inputs].map(([name, { shape }]) => [name, shape]));
  return lowerShaped(graph, { shapes, types: new Map([...sample.inputs].map(([name, { dtype }]) => [name, dtype])) }, loweringOf);
}

export async function differentiate(sample: Sample, registry: ReadonlyMap<string, OperatorSpec> = operators): Promise<Differentiated> {
  const { graph } = lowered(sample);
  const facts = await probe(graph, feedsOf(sample, 'float32'), unreadable, 1);
  // Fed anew: in training mode ONNX Runtime's BatchNormalization writes the updated statistics over those it was fed.
  const feeds = feedsOf(sample, 'float32');
  const builder = new GraphBuilder(graph);
  const cotangents = new Map<string, string>();
  graph.outputs.forEach(({ name }, i) => {
    if (sample.unused.includes(i) || !isFloat(facts.types.get(name) ?? 'undefined')) return;
    const shape = facts.shapes.get(name) ?? [];
    const cotangent = builder.input(`cotangent${i}`, 'float32', shape);
    cotangents.set(name, cotangent);
    feeds.set(cotangent, { dtype: 'float32', shape, data: cotangentOf(i, elementCount(shape)) });
  });
  const targets = new Set([...sample.inputs].flatMap(([name, operand]) => (isFloat(operand.dtype) && !operand.stored ? [name] : [])));
  const backward = appendBackward({ builder, nodes: graph.nodes, facts, cotangents, targets, hidden: new Map(), operators: registry });
  for (const gradient of backward.gradients.values()) builder.output(gradient, 'undefined');
  const differentiated = builder.build();
  const session = await createSession(encodeModel(differentiated, unreadable), { threads: 1, nodes: 0 });
  try {
    const results = await session.run(feeds, differentiated.outputs.map((output) => output.name));
    const gradients = [...targets].flatMap((name) => {
      const value = results.get(backward.gradients.get(name) ?? '');
      return value ? [[name, value] as const] : [];
    });
    const outputs = graph.outputs.flatMap(({ name }) => results.get(name) ?? []);
    return { gradients: new Map(gradients), backward, appended: differentiated.nodes.slice(graph.nodes.length), outputs };
  } finally {
    await session.release();
  }
}

/** Runs the node alone, many times. */
export async function createForward(sample: Sample, precision: Precision): Promise<{ readonly session: Session; readonly outputs: readonly string[] }> {
  const graph = graphOf(sample, precision);
  const session = await createSession(encodeModel(graph, unreadable, graph.nodes.some(loweringOf) ? newest : canonicalOpset), { threads: 1, nodes: null });
  return { session, outputs: graph.outputs.map((output) => output.name) };
}
