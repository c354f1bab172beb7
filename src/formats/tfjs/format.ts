// TensorFlow.js layers-models with their weights: a topology in `model.json`, shards beside it.

import { dirname, relative, resolve, sep } from 'node:path';

import { recordKey } from '../../core/edits/record';
import type { Tensor } from '../../core/graph/tensor';
import { Failure } from '../../protocol/failure';
import type { Format } from '../format';
import { putEntry, removeEntry, replaceText } from '../json/edit';
import { plainOf } from '../json/plain';
import type { JsonDocument } from '../json/scan';
import { scanJson } from '../json/scan';
import type { JsonObject } from '../json/value';
import { JsonView } from '../json/view';
import { matchArrays } from '../keras/matching';
import { modelOf } from '../keras/model';
import { lowerNetwork } from '../keras/network';
import type { Variable } from '../keras/variables';
import type { StoredWeight } from './manifest';
import { readManifest } from './manifest';
import { dequantized } from './quantized';
import { hasTopology, producerIn, readTopology } from './topology';

/** Where a model may keep what its user wants to keep (tfjs-core/src/io/types.ts, ModelJSON.userDefinedMetadata). */
const userData = 'userDefinedMetadata';

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
  completed: (_, replacements) => replacements,
  relocated(source, { external }, target, moved, written) {
    return external.flatMap(({ file, location, entry }) => {
      const there = moved.get(file);
      const isThere = there === undefined || there === resolve(dirname(target), location);
      if (isThere || written.some(({ start, end }) => start <= entry.start && entry.end <= end)) return [];
      return [replaceText(entry, relative(dirname(target), there).replaceAll(sep, '/'), `the place of ${location} in ${source.name}`)];
    });
  },
  recorded(source, record) {
    const { root } = scanJson(source);
    if (root.kind !== 'object') throw new Failure('changed-on-disk', `${source.name} is not the model that was read. Read it again.`);
    const data = root.entries.get(userData)?.value;
    const own = data?.kind === 'object' ? data : null;
    const text = JSON.stringify(record);
    if (record === null) return { replacements: own ? removeEntry(own, recordKey, 'the record') : [], append: null };
    const change = own ? putEntry(own, recordKey, text, 'the record') : putEntry(root, userData, JSON.stringify({ [recordKey]: record }), 'the record');
    return { replacements: [change], append: null };
  },
};

function recordOf(document: JsonDocument, root: JsonObject): ReadonlyMap<string, string> {
  const data = root.entries.get(userData)?.value;
  const record = data?.kind === 'object' ? data.entries.get(recordKey)?.value : undefined;
  return record?.kind === 'string' ? new Map([[recordKey, String(plainOf(document, record))]]) : new Map();
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
