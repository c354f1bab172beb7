// Graph-models of TensorFlow.js: a GraphDef in `model.json`, whose constants are in shards beside it.

import type { Model } from '../../core/graph/graph';
import type { Format } from '../format';
import { JsonView } from '../json/view';
import { container, recordOf } from '../tfjs/container';
import { readManifest } from '../tfjs/manifest';
import { lowerGraph } from './network';

/** The operator set that graphs are written in, and the IR version that goes with it. */
const [opset, irVersion] = [21, 10];

export const tfgraphFormat: Format = {
  recognises(file) {
    const root = file.json()?.root;
    const topology = root?.kind === 'object' ? root.entries.get('modelTopology')?.value : undefined;
    return topology?.kind === 'object' && topology.entries.get('node')?.value.kind === 'array';
  },
  read(file) {
    const { source } = file;
    const document = file.json();
    if (document?.root.kind !== 'object') throw new Error(`${source.name} is no graph-model.`);
    const view = JsonView.of(document, 'Convert the model again.');
    const listed = view.find('weightsManifest');
    const { weights, external, findings } = listed ? readManifest(source, listed) : { weights: [], external: [], findings: [] };
    // Where both say, TensorFlow.js takes what stands in the metadata (tfjs-converter, graph_model.ts).
    const signature = view.find('userDefinedMetadata')?.find('signature') ?? view.find('signature');
    const graph = lowerGraph(source, view.get('modelTopology'), weights, signature);
    // Of TensorFlow its version alone is written.
    const made = view.find('generatedBy')?.text().replace(/^(?=\d)/, 'TensorFlow ');
    const producer = [made, view.find('convertedBy')?.text()].filter((each) => each !== undefined && each !== '').join(', ');
    const model: Model = {
      file: source.name, format: 'tfjs', producer: producer === '' ? 'TensorFlow.js' : producer, irVersion, opsets: new Map([['', opset]]),
      metadata: recordOf(document, document.root), graph, learned: null, functions: [], external,
    };
    return { model, graph, findings };
  },
  ...container,
};
