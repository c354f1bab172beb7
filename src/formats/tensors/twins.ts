import type { Layer, LayerWeight } from '../../core/layers/layer';
import type { Twin } from '../../core/report/twins';
import { isDrawable, twinsOf } from '../../core/report/twins';
import type { WeightStatistics } from '../../protocol/report';
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
    gather(groups, key, corner);
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

/** Those that may be the twin of another one: in a network of thousands of clones, each is looked up, not compared with all. */
function possible(group: readonly Corner[]): readonly Corner[] {
  const roles = new Map<string, Set<string>>();
  const [right, below] = [new Map<string, Corner[]>(), new Map<string, Corner[]>()];
  for (const corner of group) {
    const { role, tensor: { shape } } = corner.weight;
    const key = keyOf(shape, corner.right);
    roles.set(key, (roles.get(key) ?? new Set()).add(role));
    gather(right, key, corner);
    gather(below, keyOf(shape, corner.below), corner);
  }
  return group.filter((corner) => {
    const { shape } = corner.weight.tensor;
    const turned = shape.toReversed();
    const isAnother = (found: readonly Corner[] | undefined): boolean => found?.some((other) => other !== corner) ?? false;
    return (roles.get(keyOf(shape, corner.right))?.size ?? 0) > 1
      || (shape.length === 2 && (isAnother(right.get(keyOf(turned, corner.below))) || isAnother(below.get(keyOf(turned, corner.right)))));
  });
}

const keyOf = (shape: readonly number[], value: number): string => `${value} ${shape.join()}`;

function gather<V>(groups: Map<string, V[]>, key: string, value: V): void {
  const known = groups.get(key);
  if (known) known.push(value);
  else groups.set(key, [value]);
}
