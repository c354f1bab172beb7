// TensorFlow.js layers-models: a Keras topology in `model.json`, weights in shards beside it.

import type { Tensor } from '../../core/graph/tensor';
import type { Format } from '../format';
import { plainOf } from '../json/plain';
import type { JsonDocument } from '../json/scan';
import type { JsonObject } from '../json/value';
import { JsonView } from '../json/view';
import type { Dialect } from '../keras/dialect';
import { Fields, isObject } from '../keras/fields';
import { declareVariables } from '../keras/initializers';
import { matchArrays } from '../keras/matching';
import { modelOf } from '../keras/model';
import { lowerNetwork } from '../keras/network';
import type { Variable } from '../keras/variables';
import { container, recordOf } from './container';
import type { StoredWeight } from './manifest';
import { readManifest } from './manifest';
import { dequantized } from './quantized';

export const tfjsFormat: Format = {
  recognises(file) {
    const root = file.json()?.root;
    return root?.kind === 'object' && root.entries.has('modelTopology') && topologyIn(root) !== null;
  },
  read(file) {
    const { source } = file;
    const document = file.json();
    const root = document?.root;
    if (!document || root?.kind !== 'object') throw new Error(`${source.name} is no layers-model.`);
    const { config, version } = readTopologyOf(document, root);
    const view = JsonView.of(document);
    const listed = view.find('weightsManifest');
    const { weights, external, findings } = listed ? readManifest(source, listed) : { weights: [], external: [], findings: [] };
    const dialect: Dialect = { library: 'tfjs', generation: isObject(config) && typeof config.module === 'string' ? 3 : 2, version, knowsAxes: false };
    const fields = new Fields(source.name, 'modelTopology', config);
    const stored = new Map<string, StoredWeight>();
    const network = lowerNetwork(fields, dialect, (variables) => (weights.length === 0 ? declareVariables(variables, dialect) : tensorsOf(variables, weights,
      stored)));
    const text = view.find('generatedBy')?.text() ?? '';
    const metadata = recordOf(document, root);
    const graph = dequantized(network.graph, stored);
    return modelOf({ ...network, graph }, { file: source.name, format: 'tfjs', producer: text === '' ? 'TensorFlow.js' : text, metadata, external, findings });
  },
  ...container,
};

/** The configuration stands there itself, or one step below beside the version of Keras that wrote it. */
function topologyIn(root: JsonObject): JsonObject | null {
  const topology = root.entries.get('modelTopology')?.value;
  if (topology?.kind !== 'object') return null;
  const inner = topology.entries.get('model_config')?.value;
  const config = inner?.kind === 'object' ? inner : topology;
  return config.entries.get('class_name')?.value.kind === 'string' ? config : null;
}

function readTopologyOf(document: JsonDocument, root: JsonObject): { readonly config: unknown; readonly version: string } {
  const topology = topologyIn(root);
  const outer = root.entries.get('modelTopology')?.value;
  const written = outer?.kind === 'object' ? outer.entries.get('keras_version')?.value : undefined;
  return { config: topology && plainOf(document, topology), version: written?.kind === 'string' ? written.text ?? '' : '' };
}

/** The tensors of a manifest in the order of the network; `stored` is filled with what each is in the file. */
function tensorsOf(variables: readonly Variable[], weights: readonly StoredWeight[], stored: Map<string, StoredWeight>): ReadonlyMap<Variable, Tensor> {
  const found = matchArrays(variables, weights);
  return new Map(variables.map((variable): [Variable, Tensor] => {
    const { value, shape } = variable;
    const tensor: Tensor = { id: value, dtype: 'float32', shape, storage: 'shard', place: null, values: null };
    const weight = found.get(variable);
    if (!weight) return [variable, { ...tensor, problem: 'the manifest lists no weight of its layer and name' }];
    if (weight.shape.join() !== shape.join()) {
      return [variable,
        { ...tensor, problem: `${weight.name} has the shape [${weight.shape.join(', ')}] in the manifest where its layer needs [${shape.join(', ')}]` }];
    }
    if (weight.problem !== null) return [variable, { ...tensor, dtype: weight.dtype, problem: weight.problem }];
    stored.set(value, weight);
    return [variable, { ...tensor, dtype: weight.dtype, place: weight.place }];
  }));
}
