// A model file opened, whatever its format: its network, its layers, and what there is to say of its storage.

import type { Graph, Model } from '../core/graph/graph';
import type { Tensor } from '../core/graph/tensor';
import { deepened } from '../core/graph/deepened';
import { graphsIn } from '../core/graph/graph';
import { shortened } from '../core/graph/names';
import { indexGraph } from '../core/graph/order';
import type { StoredConstant } from '../core/layers/constants';
import { constantsOf } from '../core/layers/constants';
import { foresee } from '../core/initializers/foresight';
import { detectLayers } from '../core/layers/detect';
import type { Layer, LayerWeight } from '../core/layers/layer';
import { otherParameters } from '../core/layers/parameters';
import { cutCode } from '../core/layers/postprocessing';
import { repeatedBlock } from '../core/layers/repeatedBlock';
import { calledName, isUnknown } from '../core/ops/registry';
import { exportFindings } from '../core/report/exported';
import type { Ties } from '../core/report/ties';
import { Failure } from '../protocol/failure';
import type { Diagnostic, QuantizationReport } from '../protocol/report';
import { say } from '../protocol/words';
import type { ByteSource } from './files/byteSource';
import { openFile } from './files/byteSource';
import { FilePool } from './tensors/content';
import type { Format } from './format';
import { candidate } from './format';
import { formatOf } from './formats';
import { clearLeftovers, completeOthers, completeSave, noticeInterrupted } from './files/interrupted';
import type { FileStamp } from './files/stamp';
import { stampIfThere, stampOf } from './files/stamp';
import { sameTensors } from './tensors/ties';
import { describeQuantization } from './tensors/weightChunks';

/** Foreign operators named one by one. */
const namedOperators = 5;

/** A model file, read but for its weights. */
export interface OpenedModel {
  readonly format: Format;
  readonly model: Model;
  /** In the canonical operator set. */
  readonly graph: Graph;
  readonly layers: readonly Layer[];
  /** What is learned beside what schemes set. */
  readonly parameters: readonly LayerWeight[];
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

/** Weights of all layers, and what else is learned, by their id. */
export function tensorsById({ layers, parameters }: Pick<OpenedModel, 'layers' | 'parameters'>): ReadonlyMap<string, Tensor> {
  return new Map([...parameters, ...layers.flatMap((layer) => layer.weights)].map(({ id, tensor }) => [id, tensor] as const));
}

export interface OpenOptions {
  readonly followExternal?: boolean;
  readonly separated?: ReadonlySet<string>;
  /** How many more of the block that the network repeats it is to have. */
  readonly deepen?: number;
}

/**
 * Opens a model after bringing saves to an end that were interrupted, of it or of another that shares its external data.
 * `followExternal: false` leaves alone whatever other files an untrusted model names, and changes nothing.
 */
export function openModelFile(path: string, { followExternal = true, ...options }: OpenOptions = {}): OpenedModel {
  if (!followExternal) {
    const interrupted = noticeInterrupted(path);
    const opened = readModelFile(path, false, options);
    return { ...opened, findings: [...interrupted, ...opened.findings] };
  }
  const own = completeSave(path);
  const first = readModelFile(path, true, options);
  const others = completeOthers(externalFiles(first.model));
  const opened = others.length > 0 ? readModelFile(path, true, options) : first;
  const cleared = clearLeftovers([path, ...externalFiles(opened.model)]);
  return { ...opened, findings: [...own, ...others, ...cleared, ...opened.findings] };
}

function readModelFile(path: string, followExternal: boolean, options: Omit<OpenOptions, 'followExternal'>): OpenedModel {
  const source = openFile(path);
  try {
    return openModel(followExternal ? source : { ...source, folder: null }, stampOf(path), options);
  } finally {
    source.close();
  }
}

/** `separated`: ids of uses that were taken apart when the file was read before, and are again. */
export function openModel(source: ByteSource, stamp: FileStamp, { separated = new Set(), deepen = 0 }: Omit<OpenOptions, 'followExternal'> = {}): OpenedModel {
  const file = candidate(source);
  const format = formatOf(file);
  const { model: read, graph: stored, findings } = format.read(file, separated);
  const { graph, learned } = deepen > 0 ? withMore(read, stored, deepen) : { graph: stored, learned: read.learned };
  const model = { ...read, learned };
  const layers = foresee(graph, detectLayers(graph, learned));
  const externalStamps = new Map(externalFiles(model).flatMap((file) => {
    const found = stampIfThere(file);
    return found ? [[file, found] as const] : [];
  }));
  return {
    format, model, graph, layers, parameters: otherParameters(graph, layers, model.learned), constants: constantsOf(graph, layers),
    stamp, externalStamps, ties: sameTensors(layers),
    quantizations: readQuantizations(source, layers),
    findings: [...findings, ...exportFindings(model, layers), ...operatorFindings(graph), ...storageFindings(layers)],
  };
}

/** What is learned of a block is learned of what repeats it. */
function withMore({ file, learned }: Model, graph: Graph, copies: number): Pick<Model, 'graph' | 'learned'> {
  const block = repeatedBlock(indexGraph(graph));
  if (!block) throw new Failure('wrong-usage', say('{0} has no block that a signal leaves in the shape in which it enters, to be repeated.', file));
  const deeper = deepened(graph, block, copies);
  const names = new Map([...graph.initializers].map(([name, { id }]) => [id, name]));
  const more = [...deeper.initializers].flatMap(([name, { repeats }]) => (learned?.has(names.get(repeats ?? '') ?? '') ? [name] : []));
  return { graph: deeper, learned: learned && new Set([...learned, ...more]) };
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
  const some = names.slice(0, namedOperators).join(', ');
  const called = names.length > namedOperators ? say('{0} and {1} more', some, names.length - namedOperators) : some;
  return [{
    severity: 'info', code: 'unknown-operator', layer: null, message: foreign.length === 1
      ? say('A node calls {0}, which Initscope does not know: what becomes of a signal there, or of weights, is not said.', called)
      : say('{1} nodes call {0}, which Initscope does not know: what becomes of a signal there, or of weights, is not said.', called, foreign.length),
    remedy: say('Export with standard operators where you can.'),
  }];
}

/** What a simulation has to say of what it leaves out from the start. */
export const cutNotes = ({ findings }: Pick<OpenedModel, 'findings'>): readonly string[] => (
  findings.flatMap(({ code, message }) => (code === cutCode ? [message] : [])));

function storageFindings(layers: readonly Layer[]): readonly Diagnostic[] {
  const weights = new Map(layers.flatMap((layer) => layer.weights.map((weight) => [weight.id, { layer, weight }] as const)));
  const unreadable = [...weights.values()].filter(({ weight: { tensor } }) => tensor.problem !== undefined && !tensor.stripped);
  const stripped = [...weights.values()].filter(({ weight: { tensor } }) => tensor.stripped);
  return [...strippedFindings(stripped.map(({ weight }) => weight)), ...unreadable.map(({ layer, weight: { name, tensor } }): Diagnostic => ({
    severity: 'error', code: 'unreadable-weight', layer: layer.name, message: say('{0} cannot be read: {1}.', shortened(name), tensor.problem ?? ''),
    remedy: tensor.storage === 'external' ? say('Put the external data file beside the model, unchanged, in a trusted folder on disk.')
      : say('Export the model again.'),
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
    message: others.length > 0 ? say('{0} and {2} more weights have no values: {1}.', shortened(first?.name ?? ''), problem, others.length)
      : say('{0} has no values: {1}.', shortened(first?.name ?? ''), problem),
    remedy: say('Reinitialize them, which stores new values in the model, or put the data file back.'),
  }));
}
