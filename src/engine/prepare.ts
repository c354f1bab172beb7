import type { ValueFacts } from '../core/autodiff/valueFacts';
import { GraphBuilder } from '../core/graph/builder';
import { elementCount } from '../core/graph/dtype';
import type { Graph } from '../core/graph/graph';
import { Failure, isFailure } from '../protocol/failure';
import type { SimulationOptions } from '../protocol/simulation';
import type { NumpyArray } from '../formats/numpy/npy';
import type { Payloads } from '../formats/onnx/encode';
import type { OpenedModel } from '../formats/openModel';
import { prepareForward } from './forward';
import type { Forward } from './forward';
import { givenValue } from './given';
import type { InputPlan } from './inputs';
import { createInput, planInputs } from './inputs';
import { probe } from './probe';
import type { Value } from './runtime';
import type { WeightStore } from './weights';

/** A network with concrete shapes, ready to be planned. */
export interface Prepared {
  readonly forward: Forward;
  readonly inputs: readonly InputPlan[];
  readonly facts: ValueFacts;
  readonly notes: readonly string[];
}

/** Forward graph with concrete shapes. A batch asked for is used where the network accepts it. */
export async function prepare(
  opened: OpenedModel, store: WeightStore, payloads: Payloads, options: SimulationOptions, given: ReadonlyMap<string, NumpyArray>,
): Promise<Prepared> {
  const forward = feedWeights(prepareForward(opened.graph, options.batchNorm), store);
  const attempt = async (batch: number | null): Promise<Prepared> => {
    const inputs = planInputs(opened.graph, options, batch).map((input) => ({ ...input, shape: given.get(input.name)?.shape ?? input.shape }));
    const sized = { ...forward, graph: withInputShapes(forward.graph, inputs) };
    const feeds = new Map<string, Value>(inputs.map((input) => [input.name, createOrGiven(input, given, options.seed)]));
    for (const weight of store.weights) feeds.set(weight.name, zeros(weight.tensor.shape));
    const facts = await probe(sized.graph, feeds, payloads, options.threads).catch((error: unknown) => { throw withSizes(error, opened, inputs); });
    refuseSingletons(sized.graph, facts);
    return { forward: sized, inputs, facts, notes: [] };
  };
  const fixed = opened.graph.inputs.some((input) => typeof input.shape?.[0] === 'number' && input.shape.length > 1);
  if (options.batch === null || !fixed) return attempt(options.batch);
  try {
    return await attempt(options.batch);
  } catch (error) {
    const prepared = await attempt(null).catch(() => { throw error; });
    return { ...prepared, notes: [`The model is exported for a fixed batch and cannot run ${options.batch} samples at once: its own batch is used.`] };
  }
}

/** Sizes that nobody gave were guessed: a failure says which, and how to give others. */
function withSizes(error: unknown, opened: OpenedModel, inputs: readonly InputPlan[]): unknown {
  const guessed = [...new Set(opened.graph.inputs.flatMap((input) => input.shape ?? []).filter((size) => typeof size === 'string'))];
  if (!isFailure(error) || error.code !== 'run-failed' || guessed.length === 0) return error;
  const tried = inputs.map((input) => `${input.name} [${input.shape.join(', ')}]`).join(', ');
  return new Failure(error.code, `${error.message} It was tried with ${tried}; other sizes of ${guessed.join(', ')} may fit: give them.`, error.detail);
}

function withInputShapes(graph: Graph, inputs: readonly InputPlan[]): Graph {
  const shapes = new Map(inputs.map((input) => [input.name, input.shape]));
  return { ...graph, inputs: graph.inputs.map((input) => ({ ...input, shape: shapes.get(input.name) ?? input.shape })) };
}

function feedWeights(forward: Forward, store: WeightStore): Forward {
  // What a node computes from its shape alone is fed in its place.
  const computed = new Set(store.weights.filter(({ tensor }) => tensor.fill !== undefined).map((weight) => weight.name));
  const nodes = forward.graph.nodes.filter((node) => !computed.has(node.outputs[0] ?? ''));
  const builder = new GraphBuilder({ ...forward.graph, nodes });
  for (const weight of store.weights) builder.feed(weight.name, { name: weight.name, dtype: 'float32', shape: weight.tensor.shape });
  return { ...forward, graph: builder.build() };
}

/** With one element per channel a batch's variance is 0, and ONNX Runtime returns zeros without a word. */
function refuseSingletons(graph: Graph, facts: ValueFacts): void {
  for (const node of graph.nodes) {
    const training = node.attributes.training_mode;
    if (node.op !== 'BatchNormalization' || training?.kind !== 'int' || training.value !== 1) continue;
    const shape = facts.shapes.get(node.inputs[0] ?? '') ?? [];
    if (elementCount(shape) / (shape[1] ?? 1) > 1) continue;
    throw new Failure('invalid-input', `${node.name} normalises over a single element per channel (input [${shape.join(', ')}]), which has no variance.`
      + ' Use a batch of 2 or more, or run batch normalisation in inference mode.');
  }
}

/** The value of an input: from a file if one was given, else made up for the seed. */
export function createOrGiven(input: InputPlan, given: ReadonlyMap<string, NumpyArray>, seed: number): Value {
  const array = given.get(input.name);
  return array ? givenValue(input.name, input.dtype, array) : createInput(input, seed);
}

function zeros(shape: readonly number[]): Value {
  return { dtype: 'float32', shape, data: new Float32Array(elementCount(shape)) };
}
