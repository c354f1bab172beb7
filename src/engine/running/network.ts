import type { Join } from '../../core/layers/joins';
import type { KernelFactors } from '../../core/theory/whatIf';
import { unchanged } from '../../core/theory/whatIf';
import type { FilePool } from '../../formats/tensors/content';
import { writeNpz } from '../../formats/numpy/npz';
import { encodeToRun } from '../../formats/onnx/encode';
import type { OpenedModel } from '../../formats/openModel';
import { Failure } from '../../protocol/failure';
import type { SimulationRequest } from '../../protocol/engine';
import type { Recipe } from '../../protocol/recipe';
import type { Draw } from '../feeding/draw';
import { dependsOnData, isSameNetwork } from '../planning/dynamic';
import type { GivenArrays } from '../feeding/given';
import { cutSamples } from '../feeding/given';
import { createPayloads } from '../feeding/payloads';
import type { Placing } from '../planning/placing';
import type { Plan } from '../planning/plan';
import { appendLoss } from '../planning/loss';
import { planSimulation } from '../planning/plan';
import type { Prepared } from '../planning/prepare';
import { createOrGiven, prepare } from '../planning/prepare';
import type { SampleOutcome } from './readRun';
import { readRun } from './readRun';
import { Runner } from './runner';
import type { Value } from '../runtime';
import { createSession } from '../runtime';
import { valuesByName } from './values';
import type { DrawnFeeds, WeightStore } from '../feeding/weights';
import { isLearned } from '../feeding/weights';

/** What a network is made from and run with. */
export interface NetworkSource {
  readonly opened: OpenedModel;
  readonly store: WeightStore;
  readonly pool: FilePool;
  readonly request: SimulationRequest;
  readonly given: GivenArrays;
  /** Values that are no layer's, to be measured as well. */
  readonly between?: readonly string[];
  /** Sums of residual branches, to be measured channel by channel. */
  readonly joins?: readonly Join[];
}

/** A network that is ready to be run, and is planned anew where a draw leads to other shapes, branches or steps than the last one. */
export class Network {
  readonly #source: NetworkSource;
  readonly #isDynamic: boolean;
  readonly #isForward: boolean;
  #forward: Network | null = null;
  #prepared: Prepared;
  #runner: Runner;
  #draw: Draw;
  #weights: DrawnFeeds & { readonly seed: number; readonly placing: Placing; readonly factors: KernelFactors } | null = null;
  #closedMs = 0;
  #replanned = 0;

  private constructor(source: NetworkSource, prepared: Prepared, draw: Draw, isForward = false) {
    this.#source = source;
    this.#isForward = isForward;
    this.#isDynamic = dependsOnData(source.opened.graph);
    this.#prepared = prepared;
    this.#draw = draw;
    this.#runner = this.#plan(prepared);
  }

  static async prepare(source: NetworkSource): Promise<Network> {
    const draw = { seed: source.request.options.seed, sample: 0 };
    return new Network(source, await prepareFor(source, draw), draw);
  }

  /** The same without its way back: what is asked of activations alone takes a third of the time. */
  forward(): Network {
    this.#forward ??= new Network(this.#source, this.#prepared, this.#draw, true);
    return this.#forward;
  }

  get prepared(): Prepared { return this.#prepared; }
  get plan(): Plan { return this.#runner.plan; }
  /** Time spent on creating sessions so far. */
  get createMs(): number { return this.#closedMs + this.#runner.createMs; }
  /** How often it was planned anew. */
  get replanned(): number { return this.#replanned; }

  async open(): Promise<void> {
    await this.#runner.open();
  }

  /** One run of one sample, with weights drawn by these recipes, and as they are stored where there is none. */
  async run(recipes: readonly Recipe[], draw: Draw, factors = unchanged): Promise<SampleOutcome> {
    await this.#follow(draw);
    const { request: { files } } = this.#source;
    const weights = this.#drawn(recipes, draw.seed, factors);
    const finished = await this.#runner.run(this.#feeds(weights, draw));
    if (files.values !== undefined && !this.#isForward) await writeNpz(files.values, valuesByName(this.plan, finished.results, this.#source.opened.graph));
    return readRun(this.plan, weights, finished);
  }

  /** Samples that are run one by one share their weights. */
  #drawn(recipes: readonly Recipe[], seed: number, factors: KernelFactors): ReadonlyMap<string, Value> {
    const { placing } = this.#prepared;
    const isSame = this.#weights?.seed === seed && this.#weights.placing === placing && this.#weights.factors === factors;
    const last = isSame ? this.#weights ?? undefined : undefined;
    if (last?.recipes === recipes) return last.feeds;
    // Two draws at once would be twice the memory.
    this.#weights = null;
    const feeds = this.#source.store.feeds(recipes, seed, placing.weights, last, factors);
    this.#weights = { recipes, seed, placing, factors, feeds };
    return feeds;
  }

  async #follow(draw: Draw): Promise<void> {
    const isKnown = draw.seed === this.#draw.seed && draw.sample === this.#draw.sample;
    if (!this.#isDynamic || isKnown) return;
    this.#draw = draw;
    const prepared = await prepareFor(this.#source, draw, this.#prepared.length);
    if (isSameNetwork(prepared, this.#prepared)) return;
    await this.release();
    this.#closedMs += this.#runner.createMs;
    this.#replanned++;
    this.#prepared = prepared;
    this.#runner = this.#plan(prepared);
  }

  #plan(prepared: Prepared): Runner {
    const { opened, store, pool, request: { options, files }, given } = this.#source;
    const learned = new Set(store.weights.filter(isLearned).flatMap((weight) => prepared.placing.weights.get(weight.id) ?? []));
    const givenLoss = {
      cotangents: cutSamples(given.cotangents, opened.graph.outputs, prepared.samples),
      targets: cutSamples(given.targets, opened.graph.outputs, prepared.samples),
    };
    return new Runner({
      plan: (isExtreme) => planSimulation({
        ...prepared, learned, ...this.#besides(), values: files.values !== undefined && !this.#isForward, isExtreme,
        appendLoss: this.#isForward ? null : (builder) => appendLoss(builder, prepared.forward.graph, prepared.facts, options.loss, givenLoss),
      }),
      create: (of) => createSession(encodeToRun(of.graph, createPayloads(prepared.graph, pool)), { threads: options.threads, nodes: of.graph.nodes.length }),
    });
  }

  /** What is measured besides layers, where all is measured. */
  #besides(): Pick<NetworkSource, 'between' | 'joins'> {
    const { between = [], joins = [] } = this.#source;
    return this.#isForward ? {} : { between, joins };
  }

  #feeds(weights: ReadonlyMap<string, Value>, draw: Draw): ReadonlyMap<string, Value> {
    const { inputs, given, masks } = this.#prepared;
    const feeds = new Map<string, Value>(weights);
    for (const input of inputs) feeds.set(input.name, createOrGiven(input, given, draw));
    for (const { input, create } of [...this.plan.loss.feeds, ...masks]) feeds.set(input, create(draw));
    return feeds;
  }

  async release(): Promise<void> {
    await this.#runner.release();
    await this.#forward?.release();
  }
}

async function prepareFor({ opened, store, pool, request, given }: NetworkSource, draw: Draw, length?: number): Promise<Prepared> {
  const known = length === undefined ? {} : { length };
  const prepared = await prepare({ opened, store, pool, options: request.options, given: given.inputs, draw, ...known });
  if (request.files.values !== undefined && prepared.samples > 1) {
    throw new Failure('wrong-usage', `--values writes one run, but this model takes ${prepared.samples} for so many samples. Leave out --batch.`);
  }
  return prepared;
}
