import type { Layer, LayerWeight } from '../core/layers/layer';
import type { Twin } from '../core/report/twins';
import { isDrawable, twinsOf } from '../core/report/twins';
import type { WeightStatistics } from '../protocol/report';
import type { FilePool, TensorContent } from './content';
import type { Stepwise } from './measure';
import { measureWeight } from './measure';
import { equalTensors, isTieable } from './ties';
import { isMeasurable, isRepeated, weightChunks } from './weightChunks';

/**
 * Tensors that were tied to others and are stored apart, with those they have the values of, without reading all that a model holds: only
 * tensors whose first elements say that they may be equal or transposed are read to the end.
 */
export function* findTwins(pool: FilePool, layers: readonly Layer[], contentOf: (id: string) => TensorContent): Stepwise<ReadonlyMap<string, Twin>> {
  const known = new Map<string, Twin>();
  const groups = new Map<string, Corner[]>();
  const weights = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, weight] as const)));
  for (const weight of weights.values()) {
    if (!isTieable(weight) || !isDrawable(weight) || !isMeasurable(weight)) continue;
    const content = contentOf(weight.id);
    // What was drawn knows whose values it has.
    if (content.recipe?.twin) known.set(weight.id, content.recipe.twin);
    if (content.recipe) continue;
    const corner = cornerOf(pool, weight, content);
    yield;
    if (!corner) continue;
    const key = [corner.first, ...weight.tensor.shape.toSorted((a, b) => a - b)].join();
    const group = groups.get(key);
    if (group) group.push(corner);
    else groups.set(key, [corner]);
  }
  const statistics = new Map<string, WeightStatistics>();
  for (const { weight } of [...groups.values()].flatMap(possible)) statistics.set(weight.id, yield* measureWeight(pool, weight, contentOf(weight.id)));
  const found = twinsOf(layers, yield* equalTensors(pool, layers, statistics, contentOf));
  return new Map([...found, ...known]);
}

/** Elements of a tensor in its first row and column; NaN where there is none at hand. */
interface Corner {
  readonly weight: LayerWeight;
  readonly first: number;
  readonly right: number;
  readonly below: number;
}

function cornerOf(pool: FilePool, weight: LayerWeight, content: TensorContent): Corner | null {
  const [chunk] = weightChunks(pool, weight, content);
  if (!chunk || isRepeated(chunk)) return null;
  const columns = weight.tensor.shape.at(-1) ?? 1;
  return { weight, first: chunk[0] ?? NaN, right: chunk[1] ?? NaN, below: chunk[columns] ?? NaN };
}

/** Those that may be the twin of another one. */
function possible(group: readonly Corner[]): readonly Corner[] {
  return group.filter((a) => group.some((b) => a !== b && (mayBeEqual(a, b) || mayBeTransposed(a, b) || mayBeTransposed(b, a))));
}

const mayBe = (a: number, b: number): boolean => a === b || Number.isNaN(a) || Number.isNaN(b);

function mayBeEqual(a: Corner, b: Corner): boolean {
  return a.weight.role !== b.weight.role && mayBe(a.right, b.right);
}

function mayBeTransposed(a: Corner, b: Corner): boolean {
  const [shape, other] = [a.weight.tensor.shape, b.weight.tensor.shape];
  return shape.length === 2 && other.length === 2 && shape[0] === other[1] && mayBe(a.right, b.below) && mayBe(a.below, b.right);
}
