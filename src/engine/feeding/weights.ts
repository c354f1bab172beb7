import { elementCount, isFloat } from '../../core/graph/dtype';
import type { SimulatedScheme } from '../../protocol/schemes';
import { areLearned } from '../../core/initializers/learnedValues';
import { createRecipes } from '../../core/initializers/recipes';
import { momentsDrawn } from '../../core/initializers/drawnParts';
import { sampleFloat32 } from '../../core/initializers/sampling';
import { readsSigmoid } from '../../core/layers/chains';
import type { Layer, LayerWeight } from '../../core/layers/layer';
import type { Twin } from '../../core/report/twins';
import { GateStatistics } from '../../formats/tensors/gateStatistics';
import { UnitSums, leaningOf } from '../../core/statistics/leaning';
import { histogramOf } from '../../core/statistics/histogram';
import { lawOf } from '../../core/theory/law';
import type { KernelFactors } from '../../core/theory/whatIf';
import { unchanged } from '../../core/theory/whatIf';
import type { TensorMoments } from '../../core/theory/signal';
import type { SimulationRequest } from '../../protocol/engine';
import { Failure } from '../../protocol/failure';
import type { Recipe } from '../../protocol/recipe';
import type { SchemeParameters } from '../../protocol/simulation';
import { say } from '../../protocol/words';
import type { TensorContent } from '../../formats/tensors/content';
import type { FilePool } from '../../formats/tensors/content';
import { readFloat32 } from '../../formats/tensors/content';
import { runNow } from '../../formats/tensors/measure';
import type { NumpyArray } from '../../formats/numpy/npy';
import type { OpenedModel } from '../../formats/openModel';
import { findTwins } from '../../formats/tensors/twins';
import type { Value } from '../runtime';

interface Parametrised {
  readonly options: { readonly parameters: SchemeParameters };
}

/** What recipes have been drawn to. */
export interface DrawnFeeds {
  readonly recipes: readonly Recipe[];
  readonly feeds: ReadonlyMap<string, Value>;
}

/** The weights of every scheme, as they are fed: the stored ones read once, drawn ones drawn per seed. `others` are fed as they are stored. */
export class WeightStore {
  readonly #opened: OpenedModel;
  readonly #pool: FilePool;
  readonly #contents: ReadonlyMap<string, TensorContent>;
  readonly #replaced: ReadonlyMap<string, NumpyArray>;
  readonly #keepStructure: boolean;
  readonly #parameters: SchemeParameters;
  #twins: ReadonlyMap<string, Twin> | null = null;
  readonly #current = new Map<string, Float32Array>();
  readonly weights: readonly LayerWeight[];

  constructor(
    opened: OpenedModel, pool: FilePool,
    { recipes, restored, keepStructure = false, options }: Pick<SimulationRequest, 'recipes' | 'restored' | 'keepStructure'> & Parametrised,
    replaced: ReadonlyMap<string, NumpyArray>, others: readonly LayerWeight[] = [],
  ) {
    this.#opened = opened;
    this.#pool = pool;
    const contents = new Map<string, TensorContent>(restored.map((payload) => [payload.tensorId, { restored: payload }]));
    for (const recipe of recipes) contents.set(recipe.tensorId, { recipe });
    for (const { id, tensor: { repeats } } of opened.layers.flatMap((layer) => layer.weights)) {
      const begun = repeats === undefined ? undefined : contents.get(repeats);
      if (begun) contents.set(id, begun.recipe ? { recipe: { ...begun.recipe, tensorId: id } } : begun);
    }
    this.#contents = contents;
    this.#replaced = replaced;
    this.#keepStructure = keepStructure;
    this.#parameters = options.parameters;
    const fed = opened.layers.flatMap((layer) => layer.weights).filter((weight) => weight.frozen === null && weight.role !== 'frozen');
    this.weights = [...new Map([...fed, ...others].map((weight) => [weight.id, weight])).values()];
  }

  /**
   * Feeds, by name, for every weight that has one, as the recipes draw it; tensors without one keep their stored values. What has been drawn by the same
   * recipes is not drawn again; `factors` are on what is fed.
   */
  feeds(
    recipes: readonly Recipe[], seed: number, names: ReadonlyMap<string, string>, before?: DrawnFeeds, factors: KernelFactors = unchanged,
  ): ReadonlyMap<string, Value> {
    const drawn = new Map(recipes.map((recipe) => [recipe.tensorId, recipe]));
    const known = new Map(before?.recipes.map((recipe) => [recipe.tensorId, recipe]));
    return new Map(this.weights.flatMap((weight): [string, Value][] => {
      const name = names.get(weight.id);
      if (name === undefined) return [];
      const { shape } = weight.tensor;
      const recipe = drawn.get(weight.id);
      const same = recipe && recipe === known.get(weight.id) ? before?.feeds.get(name) : undefined;
      if (same) return [[name, same]];
      const data = recipe ? sampleFloat32(recipe, shape) : this.#stored(weight, seed);
      const factor = factors.get(weight.id);
      return [[name, { dtype: 'float32', shape, data: factor === undefined ? data : data.map((value) => value * factor) }]];
    }));
  }

  /** Of the weights under a scheme, by their ids, whatever the seed: of what is drawn those of its law. Null for what has no values. */
  momentsUnder(scheme: SimulatedScheme): (id: string) => TensorMoments | null {
    const drawn = new Map(this.recipesOf(scheme, 0).map((recipe) => [recipe.tensorId, recipe]));
    const known = new Map(this.#opened.layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, { layer, weight }] as const)));
    return (id) => {
      const found = known.get(id);
      if (!found) return null;
      const { layer, weight } = found;
      if (weight.tensor.problem !== undefined || !isFloat(weight.tensor.dtype)) return null;
      const blocks = drawn.get(id)?.blocks ?? this.#contents.get(id)?.recipe?.blocks ?? (this.#contents.has(id) ? undefined : weight.tensor.declared?.blocks);
      if (!blocks || areLearned(blocks) || this.#replaced.has(weight.name)) return this.#storedMoments(layer, weight);
      return momentsDrawn(weight, blocks);
    };
  }

  /** Biases that follow their kernel's rows are told from others. */
  #storedMoments(layer: Layer, weight: LayerWeight): TensorMoments {
    const gates = GateStatistics.create(weight);
    gates?.add(this.#stored(weight, 0));
    const parts = gates?.finish()?.map(({ mean, std }) => ({ mean, second: mean ** 2 + std ** 2 }));
    const moments = { ...momentsOf(this.#stored(weight, 0), weight.role === 'bias'), ...(parts ? { parts } : {}) };
    const kernel = weight.role === 'bias' && readsSigmoid(layer) ? layer.weights.find(({ role, tensor }) => role === 'kernel' && tensor.problem === undefined)
      : undefined;
    if (!kernel?.units || this.#contents.get(kernel.id)?.recipe || kernel.tensor.declared) return moments;
    const sums = new UnitSums(kernel.units);
    sums.add(this.#stored(kernel, 0));
    const leans = leaningOf(sums.sums, this.#stored(weight, 0));
    return leans === null ? moments : { ...moments, leans };
  }

  /** What a scheme draws; nothing of the weights as they are. */
  recipesOf(scheme: SimulatedScheme, seed: number): readonly Recipe[] {
    const request = { seed, twins: this.#findTwins(), keepStructure: this.#keepStructure };
    return scheme === 'current' ? [] : createRecipes(this.#opened.layers, { scheme, options: this.#parameters[scheme] ?? {}, ...request });
  }

  /** Names of weights with the values of another, which were one before an exporter stored them apart: each with that one's. */
  tied(): ReadonlyMap<string, string> {
    const names = new Map(this.weights.map(({ id, name }) => [id, name]));
    return new Map([...this.#findTwins()].map(([id, { tensorId }]) => [names.get(id) ?? id, names.get(tensorId) ?? tensorId]));
  }

  /** As reinitialising does, a scheme draws what was tied with the same values. */
  #findTwins(): ReadonlyMap<string, Twin> {
    this.#twins ??= runNow(findTwins(this.#pool, this.#opened.layers, (id) => this.#contents.get(id) ?? {}));
    return this.#twins;
  }

  /** As the file has it; what it only declares is drawn anew for each seed. */
  #stored(weight: LayerWeight, seed: number): Float32Array {
    const content = this.#contents.get(weight.id) ?? {};
    const isDrawn = weight.tensor.declared !== undefined && !content.recipe && !content.restored && !this.#replaced.has(weight.name);
    if (isDrawn) return readFloat32(this.#pool, weight.tensor, { seed });
    const known = this.#current.get(weight.id);
    if (known) return known;
    const { tensor: { problem }, name } = weight;
    const replaced = this.#replaced.get(weight.name) ?? this.#replaced.get(weight.tensor.merged?.name ?? weight.name);
    if (problem !== undefined && !replaced && !content.recipe) {
      throw new Failure('unsupported', say('{0} has no values: {1}. Reinitialize it, give it by --weights, or run another scheme.', name, problem));
    }
    const data = replaced ? replacement(weight, replaced) : readFloat32(this.#pool, weight.tensor, content);
    this.#current.set(weight.id, data);
    return data;
  }
}

function replacement({ name, tensor }: LayerWeight, { shape, data }: NumpyArray): Float32Array {
  if (data.length !== elementCount(tensor.shape)) {
    const [found, expected] = [shape.join(', '), tensor.shape.join(', ')];
    throw new Failure('invalid-input', `The replacement for ${name} has shape [${found}]; the model's has [${expected}].`);
  }
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}

/** Running statistics are updated, not learned: no gradient is asked of them. */
export function isLearned({ role }: LayerWeight): boolean {
  return role !== 'running mean' && role !== 'running variance';
}

const averaged = new WeakMap<Float32Array, TensorMoments>();
const lawBins = 48;

/** Over all elements, measured once for those that are fed to every run; of biases also how they are spread. */
function momentsOf(data: Float32Array, isBias: boolean): TensorMoments {
  const known = averaged.get(data);
  if (known) return known;
  let sum = 0;
  for (const value of data) sum += value;
  const histogram = isBias ? histogramOf(data, lawBins) : null;
  const moments = { mean: sum / Math.max(1, data.length), second: rootMeanSquare(data) ** 2, ...(histogram ? { law: lawOf(histogram) } : {}) };
  averaged.set(data, moments);
  return moments;
}

const measured = new WeakMap<Float32Array, number>();

/** Root mean square, in double precision. Measured once, since a weight that is learned is fed to every run and written by none. */
export function rootMeanSquare(data: Float32Array): number {
  const known = measured.get(data);
  if (known !== undefined) return known;
  let sum = 0;
  for (const value of data) sum += value * value;
  const root = Math.sqrt(sum / Math.max(1, data.length));
  measured.set(data, root);
  return root;
}
