import { isFloat } from '../graph/dtype';
import type { Recipe } from '../../protocol/recipe';
import type { Layer, LayerWeight } from '../layers/layer';
import type { Ties } from './ties';
import { tieKey } from './ties';

export type Twin = NonNullable<Recipe['twin']>;

/**
 * Tensors that are the transpose of another one, or equal to one in another role, as exporters split what was tied: each with the one that leads,
 * which is the kernel. Layers that were cloned hold equal kernels, too; those are not tied, and drawn each on its own.
 */
export function twinsOf(layers: readonly Layer[], ties: Ties): ReadonlyMap<string, Twin> {
  const places = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [tieKey(layer.name, weight.name), weight] as const)));
  const twins = new Map<string, Twin>();
  const leading = new Set<string>();
  // Kernels first: a table that is also the kernel of the output layer has the scale of that.
  const all = layers.flatMap((layer) => layer.weights.map((weight) => ({ layer, weight })));
  for (const { layer, weight } of all.toSorted((a, b) => rankOf(a.weight) - rankOf(b.weight))) {
    if (twins.has(weight.id) || !isDrawable(weight)) continue;
    for (const { layer: name, weight: other, how } of ties.get(tieKey(layer.name, weight.id)) ?? []) {
      const found = places.get(tieKey(name, other));
      if (!found || found.id === weight.id || twins.has(found.id) || leading.has(found.id) || !isDrawable(found)) continue;
      if (how === 'same' || (how === 'equal' && found.role === weight.role)) continue;
      leading.add(weight.id);
      twins.set(found.id, { tensorId: weight.id, transposed: how === 'transposed' });
    }
  }
  return twins;
}

/** A weight whose values another tensor has. */
export interface Leader {
  readonly layer: Layer;
  readonly weight: LayerWeight;
}

/** The leading weight of each twin. */
export function leadersOf(layers: readonly Layer[], ties: Ties): ReadonlyMap<string, Leader> {
  const twins = twinsOf(layers, ties);
  if (twins.size === 0) return new Map();
  const leading = new Set([...twins.values()].map(({ tensorId }) => tensorId));
  const all = layers.flatMap((layer) => layer.weights.map((weight) => ({ layer, weight }))).filter(({ weight }) => leading.has(weight.id));
  const byId = new Map(all.toSorted((a, b) => rankOf(b.weight) - rankOf(a.weight)).map((leader) => [leader.weight.id, leader]));
  return new Map([...twins].flatMap(([id, { tensorId }]) => {
    const leader = byId.get(tensorId);
    return leader ? [[id, leader] as const] : [];
  }));
}

const rankOf = ({ role }: LayerWeight): number => (role === 'kernel' ? 0 : 1);
export const isDrawable = ({ frozen, tensor }: LayerWeight): boolean => frozen === null && isFloat(tensor.dtype);
