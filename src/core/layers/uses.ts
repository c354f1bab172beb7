import { elementCount } from '../graph/dtype';
import { say } from '../../protocol/words';
import type { Layer, LayerWeight } from './layer';

/** A vector that is a constant elsewhere keeps its values: exporters make one of equal ones, and reset it would change what is no weight. */
export function keptTogether(layers: readonly Layer[]): readonly Layer[] {
  const kept = new Map(layers.flatMap(({ node, weights }) => (
    weights.flatMap(({ id, role, frozen }) => (role === 'frozen' && frozen !== null ? [[id, node] as const] : [])))));
  const reasonFor = ({ id, role, frozen }: LayerWeight): string | null => {
    const reader = frozen === null && (role === 'bias' || role === 'beta' || role === 'gamma') ? kept.get(id) : undefined;
    return reader ? say('it is a constant operand of {0}, too', reader.op) : null;
  };
  return kept.size === 0 ? layers : layers.map((layer) => (layer.weights.every((weight) => reasonFor(weight) === null) ? layer : {
    ...layer, weights: layer.weights.map((weight) => ({ ...weight, frozen: weight.frozen ?? reasonFor(weight) })),
  }));
}

/** Embeddings whose table is also a kernel are told of it, and kernels that several layers have of the first, which they are drawn for. */
export function withKernelUses(layers: readonly Layer[]): readonly Layer[] {
  const uses = new Map<string, NonNullable<LayerWeight['kernelUse']>>();
  for (const layer of layers) for (const weight of layer.weights) if (weight.role === 'kernel' && !uses.has(weight.id)) uses.set(weight.id, { layer, weight });
  const tables = new Map(layers.flatMap(({ name, weights }) => weights.flatMap(({ id, role }) => (role === 'embedding' ? [[id, name] as const] : []))));
  const useOf = (layer: Layer, { id, role }: LayerWeight): LayerWeight['kernelUse'] => {
    const first = role === 'embedding' || role === 'kernel' ? uses.get(id) : undefined;
    return first?.layer === layer ? undefined : first;
  };
  return layers.map((layer) => {
    const tableOf = ({ id, role }: LayerWeight): string | undefined => (role === 'kernel' ? tables.get(id) : undefined);
    if (!layer.weights.some((weight) => useOf(layer, weight) ?? tableOf(weight))) return layer;
    const weights = layer.weights.map((weight): LayerWeight => {
      const [kernelUse, tableUse] = [useOf(layer, weight), tableOf(weight)];
      return { ...weight, ...(kernelUse ? { kernelUse } : {}), ...(tableUse === undefined ? {} : { tableUse }) };
    });
    // Of a tensor that several layers have parts of, each has another kernel.
    const isWhole = ({ seenShape, tensor }: LayerWeight): boolean => elementCount(seenShape) === elementCount(tensor.shape);
    const { kernelUse: first } = weights.find((weight) => weight.role === 'kernel' && weight.kernelUse && isWhole(weight)) ?? {};
    const detail = [layer.detail, first ? say('shares its kernel with {0}', first.layer.name) : ''].filter((part) => part !== '').join(', ');
    return { ...layer, weights, detail };
  });
}

/** Tables whose rows are added to those of one that is a kernel as well are told of it: the scale of that one is settled. */
export function withSharedScales(layers: readonly Layer[]): readonly Layer[] {
  const settled = new Map<string, NonNullable<LayerWeight['addedTo']>>();
  for (const layer of layers) for (const weight of layer.weights) if (weight.rows?.sum && weight.kernelUse) settled.set(weight.rows.sum, { layer, weight });
  return settled.size === 0 ? layers : layers.map((layer) => (layer.weights.every(({ rows }) => !rows?.sum) ? layer : {
    ...layer, weights: layer.weights.map((weight): LayerWeight => {
      const addedTo = weight.rows?.sum && !weight.kernelUse ? settled.get(weight.rows.sum) : undefined;
      return addedTo ? { ...weight, addedTo } : weight;
    }),
  }));
}
