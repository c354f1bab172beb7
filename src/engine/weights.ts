import { elementCount } from '../core/graph/dtype';
import type { Recipe } from '../protocol/recipe';
import type { SimulatedScheme } from '../protocol/schemes';
import { createRecipes } from '../core/initializers/recipes';
import { sampleFloat32 } from '../core/initializers/sampling';
import type { LayerWeight } from '../core/layers/layer';
import type { RestoredPayload } from '../protocol/engine';
import { Failure } from '../protocol/failure';
import type { TensorContent } from '../formats/content';
import { contentChunks, FilePool } from '../formats/content';
import type { NumpyArray } from '../formats/numpy/npy';
import type { OpenedModel } from '../formats/openModel';
import type { Value } from './runtime';

/** The weights of every scheme, as they are fed: the stored ones read once, drawn ones drawn per seed. */
export class WeightStore {
  readonly #opened: OpenedModel;
  readonly #contents: ReadonlyMap<string, TensorContent>;
  readonly #replaced: ReadonlyMap<string, NumpyArray>;
  readonly #current = new Map<string, Float32Array>();
  readonly weights: readonly LayerWeight[];

  constructor(opened: OpenedModel, recipes: readonly Recipe[], restored: readonly RestoredPayload[], replaced: ReadonlyMap<string, NumpyArray>) {
    this.#opened = opened;
    const contents = new Map<string, TensorContent>(restored.map((payload) => [payload.tensorId, { restored: payload }]));
    for (const recipe of recipes) contents.set(recipe.tensorId, { recipe });
    this.#contents = contents;
    this.#replaced = replaced;
    const fed = opened.layers.flatMap((layer) => layer.weights).filter((weight) => weight.frozen === null && weight.role !== 'frozen');
    this.weights = [...new Map(fed.map((weight) => [weight.id, weight])).values()];
  }

  /** Feeds for every weight under a scheme and seed; tensors a scheme leaves alone keep their stored values. */
  feeds(scheme: SimulatedScheme, seed: number): ReadonlyMap<string, Value> {
    const recipes = scheme === 'current' ? [] : createRecipes(this.#opened.layers, { scheme, seed });
    const drawn = new Map(recipes.map((recipe) => [recipe.tensorId, recipe]));
    return new Map(this.weights.map((weight) => {
      const { shape } = weight.tensor;
      const recipe = drawn.get(weight.id);
      // In training mode ONNX Runtime writes the updated statistics over those it was fed.
      const stored = (): Float32Array => (isLearned(weight) ? this.#stored(weight) : this.#stored(weight).slice());
      const data = recipe ? sampleFloat32(recipe, shape) : stored();
      return [weight.name, { dtype: 'float32', shape, data }];
    }));
  }

  #stored(weight: LayerWeight): Float32Array {
    const known = this.#current.get(weight.id);
    if (known) return known;
    const data = new Float32Array(elementCount(weight.tensor.shape));
    const replaced = this.#replaced.get(weight.name);
    if (replaced) {
      if (replaced.data.length !== data.length) {
        const [found, expected] = [replaced.shape.join(', '), weight.tensor.shape.join(', ')];
        throw new Failure('invalid-input', `The replacement for ${weight.name} has shape [${found}]; the model's has [${expected}].`);
      }
      data.set(Array.from(replaced.data as ArrayLike<number | bigint>, Number));
    } else {
      const pool = new FilePool();
      let at = 0;
      try {
        for (const chunk of contentChunks(pool, weight.tensor, this.#contents.get(weight.id) ?? {})) {
          data.set(chunk, at);
          at += chunk.length;
        }
      } finally {
        pool.close();
      }
    }
    this.#current.set(weight.id, data);
    return data;
  }
}

/** Running statistics are updated, not learned: no gradient is asked of them. */
export function isLearned({ role }: LayerWeight): boolean {
  return role !== 'running mean' && role !== 'running variance';
}

/** Root mean square, in double precision. */
export function rootMeanSquare(data: Float32Array): number {
  let sum = 0;
  for (const value of data) sum += value * value;
  return Math.sqrt(sum / Math.max(1, data.length));
}
