import type { ValueFacts } from '../../core/autodiff/valueFacts';
import { GraphBuilder } from '../../core/graph/builder';
import { elementCount } from '../../core/graph/dtype';
import type { Graph } from '../../core/graph/graph';
import { lowerShapeless } from '../../core/ops/lowered/lowering';
import { loweringOf } from '../../core/ops/registry';
import { Failure, isFailure } from '../../protocol/failure';
import type { SimulationOptions } from '../../protocol/simulation';
import { say } from '../../protocol/words';
import type { Tensor } from '../../core/graph/tensor';
import type { FilePool } from '../../formats/tensors/content';
import { readFloat32 } from '../../formats/tensors/content';
import { canonicalOpset, newestRun } from '../../formats/onnx/encode';
import type { OpenedModel } from '../../formats/openModel';
import { cutNotes } from '../../formats/openModel';
import { followControlFlow } from './controlFlow';
import type { Draw, Feed } from '../feeding/draw';
import { turnOnDropout } from '../feeding/dropout';
import { prepareForward } from './forward';
import type { Forward, Fused } from './forward';
import type { Given } from '../feeding/given';
import { cutSamples, givenValue } from '../feeding/given';
import type { InputPlan } from '../feeding/inputs';
import { createInput, defaultLength, otherLengths, planInputs } from '../feeding/inputs';
import { lowerFused } from './lowerFused';
import { refuseStated, statedBy } from './memory';
import { createPayloads } from '../feeding/payloads';
import type { Placing } from './placing';
import { placeLayers } from './placing';
import { probe } from './probe';
import type { Value } from '../runtime';
import type { WeightStore } from '../feeding/weights';

/** A network with concrete shapes, ready to be planned. */
export interface Prepared {
  /** As it is stored, but for branches that are taken, steps of loops, and what fused operators stand for. */
  readonly graph: Graph;
  readonly placing: Placing;
  readonly forward: Forward;
  readonly inputs: readonly InputPlan[];
  readonly given: Given;
  readonly facts: ValueFacts;
  /** Of dropout, where it is on. */
  readonly masks: readonly Feed[];
  /** Runs that make up the batch asked for, where the network takes only its own. */
  readonly samples: number;
  /** Of dimensions that nobody gave a size. */
  readonly length: number;
  readonly notes: readonly string[];
  /** Of these, the one that says how a batch is made of several runs. */
  readonly fixedBatch?: string;
}

export interface PrepareRequest {
  readonly opened: OpenedModel;
  readonly store: WeightStore;
  readonly pool: FilePool;
  readonly options: SimulationOptions;
  readonly given: Given;
  readonly draw: Draw;
  /** Of dimensions that nobody gave a size, where one is known to fit. */
  readonly length?: number;
}

/** Forward graph with concrete shapes. Where the network does not take the length that was guessed, others are tried. */
export async function prepare(request: PrepareRequest): Promise<Prepared> {
  const { length = defaultLength } = request;
  try {
    return await prepareAt(request, length);
  } catch (error) {
    if (!isFailure(error) || error.code !== 'run-failed' || openLengths(request).length === 0) throw error;
    for (const other of otherLengths) {
      const prepared = await prepareAt(request, other).catch(() => null);
      if (prepared) return prepared;
    }
    throw error;
  }
}

/** Names of dimensions whose size was guessed, but for the batch: another length makes another network of them. */
function openLengths({ opened, options, given }: PrepareRequest): readonly string[] {
  const [short, long] = [defaultLength, 2 * defaultLength].map((length) => planInputs(opened.graph, options, options.batch, length));
  const names = opened.graph.inputs.flatMap(({ name, shape }, i) => (given.has(name) ? [] : shape ?? []).filter((size, axis) => (
    typeof size === 'string' && short?.[i]?.shape[axis] !== long?.[i]?.shape[axis])));
  return [...new Set(names.map(String))];
}

/** A batch asked for is used where the network accepts it. */
async function prepareAt(request: PrepareRequest, length: number): Promise<Prepared> {
  const { opened, store, pool, options, given, draw } = request;
  const said = (): string => say('A length of {0} does not fit {1}, and nobody gave another: it is run with {2}.',
    defaultLength, openLengths(request).join(', '), length);
  const opset = Math.min(newestRun, Math.max(canonicalOpset, opened.model.opsets.get('') ?? canonicalOpset));
  const attempt = async (batch: number | null, given: Given): Promise<Prepared> => {
    const network = lowerShapeless(opened.graph, loweringOf);
    const inputs = planInputs(network, options, batch, length).map((input) => ({ ...input, shape: given.get(input.name)?.(draw).shape ?? input.shape }));
    const refuse = (graph: Graph): void => {
      refuseStated(opened.model.file, statedBy(graph, inputs, store.weights, (tensor) => Array.from(readFloat32(pool, tensor, {}))));
    };
    refuse(network);
    const feeds = new Map<string, Value>(inputs.map((input) => [input.name, createOrGiven(input, given, draw)]));
    const explain = (error: unknown): never => { throw withSizes(error, opened, inputs); };
    const followed = await followControlFlow(network, feeds, pool, { threads: options.threads, opset }).catch(explain);
    const { graph: fused } = followed;
    // Branches that are taken, and steps, are in it now.
    if (fused !== network) refuse(fused);
    const placing = placeLayers(fused, opened.layers, store.weights);
    const fed = store.weights.flatMap((weight) => {
      const name = placing.weights.get(weight.id);
      return name === undefined ? [] : [{ name, tensor: weight.tensor }];
    });
    for (const { name, tensor } of fed) feeds.set(name, zeros(tensor.shape));
    const asFed = (stored: Graph, kernels: Fused): Forward => {
      const forward = feedWeights(prepareForward(stored, options.batchNorm, kernels), fed);
      return { ...forward, graph: withInputShapes(forward.graph, inputs) };
    };
    const { graph, refused } = await lowerFused(fused, (of) => probe(asFed(of, 'run').graph, feeds, createPayloads(of, pool), options.threads, opset));
    const sized = asFed(graph, new Map([...followed.refused, ...refused]));
    const facts = await probe(sized.graph, feeds, createPayloads(graph, pool), options.threads).catch(explain);
    refuseSingletons(sized.graph, facts);
    const scalar = (name: string): number => {
      const tensor = graph.initializers.get(name);
      return tensor ? readFloat32(pool, tensor, {})[0] ?? 0 : 0;
    };
    const { masks, ...dropping } = options.dropout ? turnOnDropout(sized, facts, scalar) : { forward: sized, facts, masks: [] };
    const notes = [...cutNotes(opened), ...(length === defaultLength ? [] : [said()])];
    return { graph, placing, ...dropping, inputs, given, masks, samples: 1, length, notes };
  };
  const own = opened.graph.inputs.map((input) => (input.shape && input.shape.length > 1 ? input.shape[0] : null)).find((size) => typeof size === 'number');
  const wanted = options.batch ?? [...given.values()].map((array) => array(draw).shape[0]).find((size) => size !== undefined) ?? null;
  if (typeof own !== 'number' || wanted === null || wanted === own) return attempt(options.batch, given);
  try {
    return await attempt(options.batch, given);
  } catch (error) {
    const samples = Math.ceil(wanted / own);
    const prepared = await attempt(null, cutSamples(given, opened.graph.inputs, samples)).catch(() => { throw error; });
    const fixedBatch = say('The model is exported for a fixed batch of {0}: {1} runs of it are taken together.', own, samples);
    return { ...prepared, samples, fixedBatch, notes: [...prepared.notes, fixedBatch] };
  }
}

/** Sizes that nobody gave were guessed: a failure says which, and how to give others. */
function withSizes(error: unknown, opened: OpenedModel, inputs: readonly InputPlan[]): unknown {
  const guessed = [...new Set(opened.graph.inputs.flatMap((input) => input.shape ?? []).filter((size) => typeof size === 'string'))];
  if (!isFailure(error) || error.code !== 'run-failed' || guessed.length === 0) return error;
  const tried = inputs.map((input) => `${input.name} [${input.shape.join(', ')}]`).join(', ');
  return new Failure(error.code, say('{0} It was tried with {1}; other sizes of {2} may fit: give them.', error.message, tried,
    guessed.join(', ')), error.detail);
}

function withInputShapes(graph: Graph, inputs: readonly InputPlan[]): Graph {
  const shapes = new Map(inputs.map((input) => [input.name, input.shape]));
  return { ...graph, inputs: graph.inputs.map((input) => ({ ...input, shape: shapes.get(input.name) ?? input.shape })) };
}

function feedWeights(forward: Forward, fed: readonly { readonly name: string; readonly tensor: Tensor }[]): Forward {
  // What a node computes from its shape alone is fed in its place.
  const computed = new Set(fed.filter(({ tensor }) => tensor.fill !== undefined).map(({ name }) => name));
  const nodes = forward.graph.nodes.filter((node) => !computed.has(node.outputs[0] ?? ''));
  const builder = new GraphBuilder({ ...forward.graph, nodes });
  for (const { name, tensor } of fed) builder.feed(name, { name, dtype: 'float32', shape: tensor.shape });
  return { ...forward, graph: builder.build() };
}

/** With one element per channel a batch's variance is 0, and ONNX Runtime returns zeros without a word. */
function refuseSingletons(graph: Graph, facts: ValueFacts): void {
  for (const node of graph.nodes) {
    const training = node.attributes.training_mode;
    if (node.op !== 'BatchNormalization' || training?.kind !== 'int' || training.value !== 1) continue;
    const shape = facts.shapes.get(node.inputs[0] ?? '') ?? [];
    if (elementCount(shape) / (shape[1] ?? 1) > 1) continue;
    throw new Failure('invalid-input', say('{0} normalises over a single element per channel (input [{1}]), which has no variance. Use a batch of 2 or more, '
      + 'or run batch normalisation in inference mode.', node.name, shape.join(', ')));
  }
}

/** The value of an input: from a file if one was given, else made up for the draw. */
export function createOrGiven(input: InputPlan, given: Given, draw: Draw): Value {
  const array = given.get(input.name)?.(draw);
  return array ? givenValue(input.name, input.dtype, array) : createInput(input, draw);
}

function zeros(shape: readonly number[]): Value {
  return { dtype: 'float32', shape, data: new Float32Array(elementCount(shape)) };
}
