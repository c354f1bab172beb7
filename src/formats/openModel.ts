import { readRecord, recordKey } from '../core/edits/record';
import { captureCarried } from '../core/graph/carried';
import type { Graph, Model } from '../core/graph/graph';
import type { Tensor } from '../core/graph/tensor';
import { graphsIn } from '../core/graph/graph';
import { shortened } from '../core/graph/names';
import type { StoredConstant } from '../core/layers/constants';
import { constantsOf } from '../core/layers/constants';
import { detectLayers } from '../core/layers/detect';
import type { Layer, LayerWeight } from '../core/layers/layer';
import { withoutPostprocessing } from '../core/layers/postprocessing';
import type { WithoutPostprocessing } from '../core/layers/postprocessing';
import { calledName, isUnknown } from '../core/ops/registry';
import { exportFindings } from '../core/report/exported';
import type { Ties } from '../core/report/ties';
import type { Diagnostic, QuantizationReport } from '../protocol/report';
import type { ByteSource } from './files/byteSource';
import { openFile } from './files/byteSource';
import { FilePool } from './tensors/content';
import { clearLeftovers, completeOthers, completeSave, noticeInterrupted } from './files/interrupted';
import { canonicalise, refuseOpset } from './onnx/canonicalise';
import { expandQuantized } from './onnx/quantized';
import { separateMerged } from './onnx/mergedTensors';
import { readOnnx } from './onnx/read';
import { lowerSequences } from './onnx/sequences';
import { restoreBatchNorms } from './onnx/writtenBatchNorms';
import { joinUnrolled } from './onnx/unrolled';
import type { FileStamp } from './files/stamp';
import { stampIfThere, stampOf } from './files/stamp';
import { sameTensors } from './tensors/ties';
import { describeQuantization } from './tensors/weightChunks';

/** Foreign operators named one by one. */
const namedOperators = 5;

/** A model file, read but for its weights. */
export interface OpenedModel {
  readonly model: Model;
  /** In the canonical operator set. */
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  /** Stored floats that no layer has. */
  readonly constants: readonly StoredConstant[];
  readonly findings: readonly Diagnostic[];
  /** Weights that are the same tensor. */
  readonly ties: Ties;
  readonly quantizations: ReadonlyMap<string, QuantizationReport>;
  readonly stamp: FileStamp;
  /** Of the files its external data is in. */
  readonly externalStamps: ReadonlyMap<string, FileStamp>;
}

/** Files beside the model that tensors are stored in, each once. */
export function externalFiles({ external }: Pick<Model, 'external'>): readonly string[] {
  return [...new Set(external.map(({ file }) => file))];
}

/** Weights of all layers by their id. */
export function tensorsById({ layers }: Pick<OpenedModel, 'layers'>): ReadonlyMap<string, Tensor> {
  return new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, weight.tensor] as const)));
}

export interface OpenOptions {
  readonly followExternal?: boolean;
  readonly separated?: ReadonlySet<string>;
}

/**
 * Opens a model after bringing saves to an end that were interrupted, of it or of another that shares its external data.
 * `followExternal: false` leaves alone whatever other files an untrusted model names, and changes nothing.
 */
export function openModelFile(path: string, { followExternal = true, separated }: OpenOptions = {}): OpenedModel {
  if (!followExternal) {
    const interrupted = noticeInterrupted(path);
    const opened = readModelFile(path, false, separated);
    return { ...opened, findings: [...interrupted, ...opened.findings] };
  }
  const own = completeSave(path);
  const first = readModelFile(path, true, separated);
  const others = completeOthers(externalFiles(first.model));
  const opened = others.length > 0 ? readModelFile(path, true, separated) : first;
  const cleared = clearLeftovers([path, ...externalFiles(opened.model)]);
  return { ...opened, findings: [...own, ...others, ...cleared, ...opened.findings] };
}

function readModelFile(path: string, followExternal: boolean, separated: OpenOptions['separated']): OpenedModel {
  const source = openFile(path);
  try {
    return openModel(followExternal ? source : { ...source, folder: null }, stampOf(path), separated);
  } finally {
    source.close();
  }
}

/** `separated`: ids of uses that were taken apart when the file was read before, and are again. */
export function openModel(source: ByteSource, stamp: FileStamp, separated: ReadonlySet<string> = new Set()): OpenedModel {
  const model = readOnnx(source);
  const canonical = expandQuantized(canonicalise(model));
  const cut = withoutPostprocessing(canonical);
  const graph = separate(source, model, cut?.graph ?? canonical, separated);
  const layers = detectLayers(graph, model.learned);
  const externalStamps = new Map(externalFiles(model).flatMap((file) => {
    const found = stampIfThere(file);
    return found ? [[file, found] as const] : [];
  }));
  return {
    model, graph, layers, constants: constantsOf(graph, layers), stamp, externalStamps, ties: sameTensors(layers),
    quantizations: readQuantizations(source, layers),
    findings: [
      ...opsetFindings(model), ...exportFindings(model, layers), ...strayFindings(model), ...operatorFindings(graph), ...cutFindings(cut),
      ...storageFindings(layers),
    ],
  };
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

function readQuantizations(source: ByteSource, layers: readonly Layer[]): ReadonlyMap<string, QuantizationReport> {
  const pool = new FilePool(source);
  try {
    const found = new Map<string, QuantizationReport>();
    for (const { id, quantization } of layers.flatMap(({ weights }) => weights)) {
      if (quantization && !found.has(id)) found.set(id, describeQuantization(pool, quantization));
    }
    return found;
  } finally {
    pool.close();
  }
}

/** Operators that nothing is known of: of other makers, or of none. */
function operatorFindings(graph: Graph): readonly Diagnostic[] {
  const foreign = [...graphsIn(graph)].flatMap(({ nodes }) => nodes.filter(isUnknown));
  const names = [...new Set(foreign.map(calledName))];
  if (names.length === 0) return [];
  const more = names.length > namedOperators ? ` and ${names.length - namedOperators} more` : '';
  const calls = foreign.length === 1 ? 'A node calls' : `${foreign.length} nodes call`;
  const what = `${calls} ${names.slice(0, namedOperators).join(', ')}${more}, which Initscope does not know`;
  return [{
    severity: 'info', code: 'unknown-operator', layer: null, message: `${what}: what becomes of a signal there, or of weights, is not said.`,
    remedy: 'Export with standard operators where you can.',
  }];
}

/** What an exporter writes as if it were one of ONNX' operators, and is read as what is meant. */
function strayFindings({ graph }: Model): readonly Diagnostic[] {
  const count = [...graphsIn(graph)].reduce((sum, { nodes }) => sum + nodes.filter(({ domain, op }) => domain === '' && op === 'Erfc').length, 0);
  if (count === 0) return [];
  return [{
    severity: 'info', code: 'stray-operator', layer: null,
    message: `${count === 1 ? 'A node calls' : `${count} nodes call`} Erfc, which ONNX does not have: it is read as 1 − erf(x), but other programs refuse `
      + 'the file.',
    remedy: 'Export the network again with GELU in its tanh approximation (Keras: approximate=True), or put Sub and Erf in its place.',
  }];
}

/** What stands behind the network, and where the network ends instead. */
function cutFindings(cut: WithoutPostprocessing | null): readonly Diagnostic[] {
  if (!cut) return [];
  const [named, ends] = [cut.ops, cut.outputs.map(shortened)].map((list) => list.slice(0, namedOperators).join(', '));
  const instead = ends === '' ? '' : `, and ${ends ?? ''} taken for ${cut.outputs.length === 1 ? 'an output' : 'outputs'} of the network`;
  return [{
    severity: 'info', code: cutCode, layer: null, remedy: '',
    message: `What follows the network and only makes labels or texts of its answers (${named ?? ''}) is cut off${instead}.`,
  }];
}

const cutCode = 'post-processing';

/** What a simulation has to say of what it leaves out from the start. */
export const cutNotes = ({ findings }: Pick<OpenedModel, 'findings'>): readonly string[] => (
  findings.flatMap(({ code, message }) => (code === cutCode ? [message] : [])));

function opsetFindings(model: Model): readonly Diagnostic[] {
  const message = refuseOpset(model);
  return message === null ? [] : [{
    severity: 'warning', code: 'unknown-opset', layer: null, message: `${message}: operators whose meaning has changed may be misread, and it is not run.`,
    remedy: 'Convert it with onnx.version_converter, or export it again.',
  }];
}

function storageFindings(layers: readonly Layer[]): readonly Diagnostic[] {
  const weights = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, { layer, weight }] as const)));
  const unreadable = [...weights.values()].filter(({ weight: { tensor } }) => tensor.problem !== undefined && !tensor.stripped);
  const stripped = [...weights.values()].filter(({ weight: { tensor } }) => tensor.stripped);
  return [...strippedFindings(stripped.map(({ weight }) => weight)), ...unreadable.map(({ layer, weight: { name, tensor } }): Diagnostic => ({
    severity: 'error', code: 'unreadable-weight', layer: layer.name, message: `${shortened(name)} cannot be read: ${tensor.problem ?? ''}.`,
    remedy: tensor.storage === 'external' ? 'Put the external data file beside the model, unchanged, in a trusted folder on disk.' : 'Export the model again.',
  }))];
}

/** Weights of which the file knows the shape alone, one finding for each way they have gone. */
function strippedFindings(weights: readonly LayerWeight[]): readonly Diagnostic[] {
  const ways = new Map<string, LayerWeight[]>();
  for (const weight of weights) {
    const way = weight.tensor.problem ?? '';
    const known = ways.get(way);
    if (known) known.push(weight);
    else ways.set(way, [weight]);
  }
  return [...ways].map(([problem, [first, ...others]]): Diagnostic => ({
    severity: 'error', code: 'no-values', layer: null,
    message: `${shortened(first?.name ?? '')}${others.length > 0 ? ` and ${others.length} more weights have` : ' has'} no values: ${problem}.`,
    remedy: 'Reinitialize them, which stores new values in the model, or put the data file back.',
  }));
}
