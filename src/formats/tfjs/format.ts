// TensorFlow.js layers-models with their weights: a topology in `model.json`, shards beside it.

import { isFloat } from '../../core/graph/dtype';
import type { Tensor } from '../../core/graph/tensor';
import { say } from '../../protocol/words';
import type { Format } from '../format';
import { JsonView } from '../json/view';
import { matchArrays } from '../keras/matching';
import { modelOf } from '../keras/model';
import { lowerNetwork } from '../keras/network';
import type { Variable } from '../keras/variables';
import { container, recordOf } from './container';
import type { StoredWeight } from './manifest';
import { readManifest } from './manifest';
import { dequantized } from './quantized';
import { hasTopology, producerIn, readTopology } from './topology';

export const tfjsFormat: Format = {
  recognises: (file) => hasTopology(file.json()?.root),
  read(file) {
    const { source } = file;
    const document = file.json();
    const root = document?.root;
    if (!document || root?.kind !== 'object') throw new Error(`${source.name} is no layers-model.`);
    const { fields, dialect } = readTopology(document);
    const listed = JsonView.of(document).find('weightsManifest');
    const { weights, external, findings } = listed ? readManifest(source, listed) : { weights: [], external: [], findings: [] };
    const stored = new Map<string, StoredWeight>();
    const network = lowerNetwork(fields, dialect, (variables) => tensorsOf(variables, weights, stored));
    const metadata = recordOf(document, root);
    const graph = dequantized(network.graph, stored);
    return modelOf({ ...network, graph }, { file: source.name, format: 'tfjs', producer: producerIn(root), metadata, external, findings });
  },
  ...container,
};

/** The tensors of a manifest in the order of the network; `stored` is filled with what each is in the file. */
function tensorsOf(variables: readonly Variable[], weights: readonly StoredWeight[], stored: Map<string, StoredWeight>): ReadonlyMap<Variable, Tensor> {
  const found = matchArrays(variables, weights);
  return new Map(variables.map((variable): [Variable, Tensor] => {
    const { value, shape } = variable;
    const tensor: Tensor = { id: value, dtype: 'float32', shape, storage: 'shard', place: null, values: null };
    const weight = found.get(variable);
    if (!weight) return [variable, { ...tensor, problem: say('the manifest lists no weight of its layer and name') }];
    if (weight.shape.join() !== shape.join()) {
      return [variable,
        { ...tensor, problem: say('{0} has the shape [{1}] in the manifest where its layer needs [{2}]', weight.name, weight.shape.join(', '),
          shape.join(', ')) }];
    }
    if (weight.problem !== null) return [variable, { ...tensor, ...(weight.dtype === 'undefined' ? {} : { dtype: weight.dtype }), problem: weight.problem }];
    if (!isFloat(weight.dtype) && weight.quantization === null && weight.dtype !== variable.dtype) {
      return [variable, { ...tensor, problem: say('{0} holds {1} in the manifest where its layer needs {2}', weight.name, weight.dtype, variable.dtype) }];
    }
    stored.set(value, weight);
    return [variable, { ...tensor, dtype: weight.dtype, place: weight.place }];
  }));
}
