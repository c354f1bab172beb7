// The tensors of a Keras network that an HDF5 file stores: by the object that owns them (Keras 3), or by the names of their layers (before).

import { isFloat } from '../../core/graph/dtype';
import type { ChunkGrid, Tensor, TensorPlace } from '../../core/graph/tensor';
import { say } from '../../protocol/words';
import { gridOf } from '../hdf5/chunked';
import type { Hdf5Dataset } from '../hdf5/dataset';
import type { Hdf5Group } from '../hdf5/read';
import { datasetsOf } from '../hdf5/read';
import type { StoredArray } from './matching';
import { matchArrays } from './matching';
import { withoutUnderscores } from './names';
import type { Variable } from './variables';

function tensorFor(variable: Variable, dataset: Hdf5Dataset | undefined, file: string, missing: string): Tensor {
  const { value, shape, unread } = variable;
  const tensor: Tensor = { id: value, dtype: variable.dtype, shape, storage: 'dataset', place: null, values: null };
  if (unread !== undefined || !dataset) return { ...tensor, problem: unread ?? missing };
  const named = { ...tensor, dtype: dataset.dtype ?? variable.dtype };
  const grid = dataset.chunks && gridOf(dataset);
  const problem = typeof grid === 'string' ? grid : grid === undefined ? dataset.problem : undefined;
  if (problem !== undefined || dataset.dtype === null) {
    return { ...named, problem: problem ?? say('{0} does not say of what type its elements are', dataset.path) };
  }
  if (dataset.shape.join() !== shape.join()) {
    return { ...named, problem: say('{0} has the shape [{1}] where its layer needs [{2}]', dataset.path, dataset.shape.join(', '), shape.join(', ')) };
  }
  if (!isFloat(dataset.dtype) && dataset.dtype !== variable.dtype) {
    return {
      ...tensor, problem: say('{0} holds {1} where its layer, as the configuration has it, needs {2}', dataset.path, dataset.dtype, variable.dtype),
    };
  }
  const place: TensorPlace | null = typeof grid === 'object' ? placeOf(file, grid) : dataset.place && { file, ...dataset.place, encoding: 'contiguous' };
  return { ...named, place };
}

/** From the first byte of a chunk to the last of any. */
function placeOf(file: string, grid: ChunkGrid): TensorPlace {
  const offset = grid.chunks.reduce((first, chunk) => Math.min(first, chunk.offset), Infinity);
  const end = grid.chunks.reduce((last, chunk) => Math.max(last, chunk.offset + chunk.length), 0);
  return { file, offset, length: end - offset, encoding: 'chunked', grid };
}

/** As paths are asked for here: what Keras 2.12 called its layers in the new format, and private attributes, by the names of today. */
const today = (path: string): string => withoutUnderscores(path.replace(/^\//, '')).replace(/(^|\/)layer_checkpoint_dependencies(?=\/)/g, '$1layers');

/** "layers/dense/vars/0": the first variable of the first Dense (keras.src.saving.saving_lib). */
export function findByOwner(variables: readonly Variable[], weights: Hdf5Group, file: string): ReadonlyMap<Variable, Tensor> {
  const datasets = new Map([...datasetsOf(weights)].map((dataset) => [today(dataset.path), dataset] as const));
  return new Map(variables.map((variable) => {
    const path = `${variable.owner}/vars/${variable.index}`;
    return [variable, tensorFor(variable, datasets.get(withoutUnderscores(path)), file, linkOn(weights, path) ?? say('the file has no {0}', path))];
  }));
}

/** Whether a group is that of a weight file as Keras 3 writes it. */
export const isByOwner = ({ groups }: Hdf5Group): boolean => groups.has('layers') || groups.has('_layer_checkpoint_dependencies') || groups.has('vars');

interface NamedDataset extends StoredArray { readonly dataset: Hdf5Dataset }

/** Groups by the names of layers, whose attribute says which datasets are their weights, in order (keras.src.legacy.saving.legacy_h5_format). */
export function findByLayers(variables: readonly Variable[], weights: Hdf5Group, file: string): ReadonlyMap<Variable, Tensor> {
  const arrays = [...weights.groups].flatMap(([layer, group]): readonly NamedDataset[] => [...datasetsOf(group)].map((dataset) => {
    const within = dataset.path.slice(group.path.length).replace(/^\//, '');
    return { name: `${layer}/${within}`, shape: dataset.shape, dataset };
  }));
  const found = matchArrays(variables, arrays);
  return new Map(variables.map((variable) => {
    const layer = variable.layers.at(-1) ?? '';
    const missing = linkOn(weights, layer) ?? say('the file has no {0} of a layer {1}', variable.name, layer);
    return [variable, tensorFor(variable, found.get(variable)?.dataset, file, missing)];
  }));
}

/** What is on the way to a dataset that is not followed, as a clause. */
function linkOn(weights: Hdf5Group, path: string): string | null {
  let group: Hdf5Group | undefined = weights;
  for (const step of path.split('/')) {
    const why = group?.others.get(step);
    if (group && why !== undefined) return `${group.path === '/' ? '' : group.path}/${step} ${why}`;
    group = group?.groups.get(step);
  }
  return null;
}
