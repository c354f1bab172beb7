// ONNX as a format: its graph lifted to one operator set, and what exporters merged, unrolled or wrote out put back.

import { readRecord, recordKey } from '../../core/edits/record';
import { captureCarried } from '../../core/graph/carried';
import type { Graph, Model } from '../../core/graph/graph';
import { graphsIn } from '../../core/graph/graph';
import { shortened } from '../../core/graph/names';
import type { WithoutPostprocessing } from '../../core/layers/postprocessing';
import { cutCode, withoutPostprocessing } from '../../core/layers/postprocessing';
import { restoreBatchNorms } from '../../core/layers/writtenBatchNorms';
import type { Diagnostic } from '../../protocol/report';
import { say } from '../../protocol/words';
import type { ByteSource } from '../files/byteSource';
import { changesLength, inOrder, replaceBy } from '../files/replacement';
import type { Format, ReadModel } from '../format';
import { FilePool } from '../tensors/content';
import { canonicalise, refuseOpset } from './canonicalise';
import { withLengths } from './fields';
import { separateMerged } from './mergedTensors';
import { expandQuantized } from './quantized';
import { readOnnx } from './read';
import { encodeRecord, locateRecord } from './record';
import { relocate } from './relocate';
import { lowerSequences } from './sequences';
import { joinUnrolled } from './unrolled';

/** Operators and outputs named one by one. */
const namedOperators = 5;

export const onnxFormat: Format = {
  // A protobuf begins with nothing that tells it from others: whatever is none says so when it is read.
  recognises: () => true,
  read: ({ source }, separated) => openProto(source, readOnnx(source), separated),
  completed: (source, replacements) => inOrder([...replacements, ...withLengths(source, replacements.filter(changesLength))], source.name),
  relocated: relocate,
  recorded(source, record) {
    const there = locateRecord(source);
    return {
      replacements: there ? [replaceBy(there.start, there.end, new Uint8Array(0), 'the record')] : [],
      append: record === null ? null : encodeRecord(record),
    };
  },
};

/** A model as it is stored, whatever in. */
export function openProto(source: ByteSource, model: Model, separated: ReadonlySet<string>): ReadModel {
  const canonical = expandQuantized(canonicalise(model));
  const cut = withoutPostprocessing(canonical);
  const graph = separate(source, model, cut?.graph ?? canonical, separated);
  return { model, graph, findings: [...opsetFindings(model), ...strayFindings(model), ...cutFindings(cut)] };
}

function separate(source: ByteSource, model: Model, canonical: Graph, separated: ReadonlySet<string>): Graph {
  const recorded = readRecord(model.metadata.get(recordKey)).map(({ tensorId }) => tensorId);
  const pool = new FilePool(source);
  try {
    const graph = joinUnrolled(captureCarried(lowerSequences(canonical)), pool);
    return restoreBatchNorms(separateMerged(graph, pool, new Set([...separated, ...recorded])));
  } finally {
    pool.close();
  }
}

function opsetFindings(model: Model): readonly Diagnostic[] {
  const message = refuseOpset(model);
  return message === null ? [] : [{
    severity: 'warning', code: 'unknown-opset', layer: null,
    message: say('{0}: operators whose meaning has changed may be misread, and it is not run.', message),
    remedy: say('Convert it with onnx.version_converter, or export it again.'),
  }];
}

/** What an exporter writes as if it were one of ONNX' operators, and is read as what is meant. */
function strayFindings({ graph }: Model): readonly Diagnostic[] {
  const count = [...graphsIn(graph)].reduce((sum, { nodes }) => sum + nodes.filter(({ domain, op }) => domain === '' && op === 'Erfc').length, 0);
  if (count === 0) return [];
  return [{
    severity: 'info', code: 'stray-operator', layer: null,
    message: count === 1
      ? say('A node calls Erfc, which ONNX does not have: it is read as 1 − erf(x), but other programs refuse the file.')
      : say('{0} nodes call Erfc, which ONNX does not have: it is read as 1 − erf(x), but other programs refuse the file.', count),
    remedy: say('Export the network again with GELU in its tanh approximation (Keras: approximate=True), or put Sub and Erf in its place.'),
  }];
}

function cutWords(ops: string, ends: string, outputs: number): string {
  if (ends === '') return say('What follows the network and only makes labels or texts of its answers ({0}) is cut off.', ops);
  return outputs === 1
    ? say('What follows the network and only makes labels or texts of its answers ({0}) is cut off, and {1} taken for an output of the network.', ops, ends)
    : say('What follows the network and only makes labels or texts of its answers ({0}) is cut off, and {1} taken for outputs of the network.', ops, ends);
}

/** What stands behind the network, and where the network ends instead. */
function cutFindings(cut: WithoutPostprocessing | null): readonly Diagnostic[] {
  if (!cut) return [];
  const [named, ends] = [cut.ops, cut.outputs.map(shortened)].map((list) => list.slice(0, namedOperators).join(', '));
  return [{
    severity: 'info', code: cutCode, layer: null, remedy: '',
    message: cutWords(named ?? '', ends ?? '', cut.outputs.length),
  }];
}
