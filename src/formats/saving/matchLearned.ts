// Which tensors of a model what was learned belongs to, as it is now.

import { elementCount } from '../../core/graph/dtype';
import { Failure } from '../../protocol/failure';
import { say } from '../../protocol/words';
import type { OpenedModel } from '../openModel';

/** `values` are by the id or the name of a weight, and come back by its id; a name that is none, or another number of values, is of another network. */
export function matchLearned(
  { layers, parameters }: Pick<OpenedModel, 'layers' | 'parameters'>, file: string, values: ReadonlyMap<string, Float32Array>,
): ReadonlyMap<string, Float32Array> {
  const weights = [...parameters, ...layers.flatMap((layer) => layer.weights)];
  const byName = new Map([...weights.map((weight) => [weight.name, weight] as const), ...weights.map((weight) => [weight.id, weight] as const)]);
  return new Map([...values].map(([name, each]) => {
    const weight = byName.get(name);
    if (!weight) throw new Failure('changed-on-disk', say('{0} has no weight {1} any more, so nothing was changed. Train it as it is now.', file, name));
    const wanted = elementCount(weight.tensor.shape);
    if (each.length === wanted) return [weight.id, each] as const;
    throw new Failure('changed-on-disk', say(
      '{0} of {1} has {2} elements and {3} were learned, so nothing was changed. Train it as it is now.', name, file, wanted, each.length));
  }));
}
