// Which tensors of a model what was learned belongs to, as it is now.

import { elementCount } from '../../core/graph/dtype';
import { Failure } from '../../protocol/failure';
import type { OpenedModel } from '../openModel';

const again = 'so nothing was changed. Train it as it is now.';

/** `values` are by the id or the name of a weight, and come back by its id; a name that is none, or another number of values, is of another network. */
export function matchLearned(
  { layers, parameters }: Pick<OpenedModel, 'layers' | 'parameters'>, file: string, values: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float32Array> {
  const weights = [...parameters, ...layers.flatMap((layer) => layer.weights)];
  const byName = new Map([...weights.map((weight) => [weight.name, weight] as const), ...weights.map((weight) => [weight.id, weight] as const)]);
  return new Map([...values].map(([name, each]) => {
    const weight = byName.get(name);
    if (!weight) throw new Failure('changed-on-disk', `${file} has no weight ${name} any more, ${again}`);
    const wanted = elementCount(weight.tensor.shape);
    if (each.length === wanted) return [weight.id, each] as const;
    throw new Failure('changed-on-disk', `${name} of ${file} has ${wanted} elements and ${each.length} were learned, ${again}`);
  }));
}
