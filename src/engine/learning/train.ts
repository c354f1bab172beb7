// Training from every scheme and seed, beside each other: the same data, the same order of samples, the same optimiser.

import { goalsOf } from '../../core/initializers/goals';
import { rescaledWords } from '../../core/initializers/rescaledWords';
import { rescaled } from '../../core/initializers/rescaling';
import { judgeLearning } from '../../core/learning/judgement';
import { refuseOpset } from '../../formats/onnx/canonicalise';
import { openModelFile } from '../../formats/openModel';
import type { OpenedModel } from '../../formats/openModel';
import { FilePool } from '../../formats/tensors/content';
import { Failure } from '../../protocol/failure';
import { largestRate, leastRate } from '../../protocol/limits';
import type { Recipe } from '../../protocol/recipe';
import type { Cancellation } from '../../protocol/rpc';
import type { SimulatedScheme } from '../../protocol/schemes';
import type { RateTrial, RunId, TrainingEvents, TrainingOptions, TrainingPlan, TrainingRequest, TrainingResult, TrainingRun } from '../../protocol/training';
import { say } from '../../protocol/words';
import { readGiven, refuseUnknown } from '../feeding/given';
import { WeightStore } from '../feeding/weights';
import { settle } from '../running/settle';
import type { Value } from '../runtime';
import type { PreparedCourse } from './course';
import { prepareCourse } from './course';
import { feedsOf } from './feeds';
import { Keeping } from './keeping';
import { testRates } from './rateTest';
import { runTraining } from './run';
import { SampleOrder, sameBatch } from '../feeding/samples';
import type { Steering } from './steering';
import { Trainer } from './trainer';

export async function train(
  request: TrainingRequest, listener: TrainingEvents, steering: Steering, cancellation: Cancellation,
): Promise<TrainingResult> {
  const started = performance.now();
  refuseRate(request.options);
  const opened = openModelFile(request.path, { separated: new Set(request.separated) });
  const refused = refuseOpset(opened.model);
  if (refused !== null) throw new Failure('unsupported', say('{0}. Convert it with onnx.version_converter, or export it again.', refused));
  const pool = new FilePool();
  try {
    const given = readGiven(request.weights === undefined ? {} : { weights: request.weights }, opened.graph);
    const store = new WeightStore(opened, pool, request, given.weights, opened.parameters);
    refuseUnknown('--weights', given.weights, store.weights.flatMap(({ name, tensor: { merged } }) => [name, ...(merged ? [merged.name] : [])]));
    const isGoing = (): Promise<boolean> => steering.isGoing(cancellation);
    const course = await prepareCourse(opened, store, pool, request, isGoing);
    listener.trainingPlanned(course.plan);
    const planned = performance.now();
    try {
      const all = new Training(request, listener, opened, store, course);
      const { runs, trials, notes } = await all.run(isGoing);
      const plan = { ...course.plan, notes: [...course.plan.notes, ...notes] };
      const createMs = course.createMs + course.observer.createMs;
      return {
        plan, trials, runs, verdict: judgeLearning(runs, plan.chance),
        timing: { planMs: planned - started - course.createMs, createMs, runMs: performance.now() - planned - course.observer.createMs },
        memoryBytes: process.resourceUsage().maxRSS * 1024,
      };
    } finally {
      await course.session.release();
      await course.observer.release();
    }
  } finally {
    pool.close();
  }
}

function refuseRate({ rate }: TrainingOptions): void {
  if (rate === 'find' || (rate >= leastRate && rate <= largestRate)) return;
  throw new Failure('wrong-usage', say('A learning rate of {0} is none that float32 can make steps with. Take one from {1} to {2}.',
    rate, leastRate, largestRate));
}

class Training {
  readonly #request: TrainingRequest;
  readonly #listener: TrainingEvents;
  readonly #opened: OpenedModel;
  readonly #store: WeightStore;
  readonly #course: PreparedCourse;
  readonly #keeping: Keeping;
  readonly #trials: RateTrial[] = [];
  readonly #notes: string[] = [];

  constructor(request: TrainingRequest, listener: TrainingEvents, opened: OpenedModel, store: WeightStore, course: PreparedCourse) {
    this.#request = request;
    this.#listener = listener;
    this.#opened = opened;
    this.#store = store;
    this.#course = course;
    this.#keeping = new Keeping(request.keep, course.steps, store, course.prepared.placing.weights);
  }

  /** One seed of every scheme before the next: that is when all of them can be seen. */
  async run(isGoing: () => Promise<boolean>): Promise<Pick<TrainingResult, 'runs' | 'trials'> & Pick<TrainingPlan, 'notes'>> {
    const { options } = this.#request;
    const runs: TrainingRun[] = [];
    for (let seed = options.seed; seed < options.seed + options.seeds; seed++) {
      for (const scheme of options.schemes) {
        if (!this.#isAsked({ scheme, seed })) continue;
        if (!await isGoing()) return { runs, trials: this.#trials, notes: this.#notes };
        const run = await this.#one(scheme, seed, isGoing);
        runs.push(run);
        this.#listener.trained(run);
      }
    }
    return { runs, trials: this.#trials, notes: this.#notes };
  }

  /** Where runs are gone on with, nothing else is begun. */
  #isAsked({ scheme, seed }: RunId): boolean {
    const { resumed = [] } = this.#request;
    return resumed.length === 0 || resumed.some((run) => run.scheme === scheme && run.seed === seed);
  }

  async #one(scheme: SimulatedScheme, seed: number, isGoing: () => Promise<boolean>): Promise<TrainingRun> {
    const { options, resumed } = this.#request;
    const course = this.#course;
    const id = { scheme, seed };
    const order = new SampleOrder(course.samples.count, seed);
    const kept = resumed === undefined || resumed.length === 0 ? null : this.#keeping.read(id);
    const state = kept?.state ?? await this.#startOf(scheme, seed, order);
    const rate = kept?.rate ?? await this.#rateOf(scheme, seed, order, state, isGoing);
    const trainer = new Trainer(course, order, seed, state, kept?.step ?? 0);
    return runTraining({
      id, course, trainer, rate, steps: (kept?.step ?? 0) + options.steps, snapshots: options.snapshots,
      before: { losses: kept?.losses ?? [], accuracies: kept?.accuracies ?? [] }, keeping: this.#keeping, isGoing,
    }, this.#listener);
  }

  async #rateOf(
    scheme: SimulatedScheme, seed: number, order: SampleOrder, state: ReadonlyMap<string, Value>, isGoing: () => Promise<boolean>,
  ): Promise<number> {
    const { rate } = this.#request.options;
    if (rate !== 'find') return rate;
    const known = this.#trials.find((trial) => trial.scheme === scheme);
    if (known) return known.found;
    const trial = { scheme, ...await testRates(new Trainer(this.#course, sameBatch(order, this.#course.batch), seed, state), this.#course.optimizer, isGoing) };
    this.#trials.push(trial);
    this.#listener.rateFound(trial);
    return trial.found;
  }

  /** The weights that a scheme draws, made right by what the first batch shows of them, as reinitialising does. */
  async #startOf(scheme: SimulatedScheme, seed: number, order: SampleOrder): Promise<ReadonlyMap<string, Value>> {
    const { prepared: { placing }, steps } = this.#course;
    const recipes = this.#store.recipesOf(scheme, seed);
    const drawn = (of: readonly Recipe[]): ReadonlyMap<string, Value> => this.#store.feeds(of, seed, placing.weights);
    const made = goalsOf(this.#opened.graph, this.#opened.layers, recipes).length === 0 ? recipes : await this.#settled(scheme, seed, recipes, drawn, order);
    const values = drawn(made);
    return new Map(steps.state.flatMap(({ input, value, slot }) => {
      const held = values.get(value);
      return slot === null && held ? [[input, held] as const] : [];
    }));
  }

  async #settled(
    scheme: SimulatedScheme, seed: number, recipes: readonly Recipe[], drawn: (of: readonly Recipe[]) => ReadonlyMap<string, Value>, order: SampleOrder,
  ): Promise<readonly Recipe[]> {
    const { observer, batch } = this.#course;
    const data = feedsOf(this.#course, order.take(0, batch), { seed, sample: 0 });
    const run = (of: readonly Recipe[]): ReturnType<typeof observer.observe> => observer.observe(drawn(of), data);
    const { rescaled: changes = [], ...outcome } = await settle(this.#opened, recipes, run, () => run);
    if (changes.length === 0) return recipes;
    this.#notes.push(...rescaledWords({ scheme, seed, ...outcome, rescaled: changes }));
    return rescaled(recipes, new Map(changes.map(({ tensorId, factor }) => [tensorId, factor])));
  }
}
