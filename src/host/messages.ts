import type { InspectorMethods } from '../protocol/inspector';
import type { PanelMethods } from '../protocol/panel';
import type { Readers } from '../protocol/rpc';
import { isSchemeId } from '../protocol/schemes';
import type { SchemeId, SimulatedScheme } from '../protocol/schemes';
import type { SimulationOptions } from '../protocol/simulation';
import type { TrainingPageMethods } from '../protocol/trainingView';
import { builtInData, optimizerKinds, trainingLosses } from '../protocol/training';
import type { TrainingData, TrainingOptions } from '../protocol/training';

/** What a page may send: a page shows names of models, and what it sends is taken for nothing that it does not prove to be. */
const mostNames = 1 << 20;
const longestName = 1 << 16;
const mostSeeds = 1 << 16;
const mostThreads = 1 << 10;

type Fields = Readonly<Record<string, unknown>>;

/** The fields of an object that has exactly these. */
function fieldsOf(value: unknown, names: readonly string[]): Fields | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const own = Object.keys(value);
  return own.length === names.length && names.every((name) => Object.hasOwn(value, name)) ? value as Fields : null;
}

const nothing = (value: unknown): Record<string, never> | null => (fieldsOf(value, []) ? {} : null);
const isName = (value: unknown): value is string => typeof value === 'string' && value.length <= longestName;
const isWhole = (value: unknown, least: number, most = Number.MAX_SAFE_INTEGER): value is number => (
  typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most);
const isFinite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** Names of layers. */
export function readNames(value: unknown): readonly string[] | null {
  return Array.isArray(value) && value.length <= mostNames && value.every(isName) ? value : null;
}

function readLayer(value: unknown): { readonly layer: string } | null {
  const layer = fieldsOf(value, ['layer'])?.layer;
  return isName(layer) ? { layer } : null;
}

function readScheme(value: unknown): SchemeId | null {
  return typeof value === 'string' && isSchemeId(value) ? value : null;
}

function isSimulated(value: unknown): value is SimulatedScheme {
  return value === 'current' || readScheme(value) !== null;
}

export function readSimulationOptions(value: unknown): SimulationOptions | null {
  const fields = fieldsOf(value, ['schemes', 'seeds', 'seed', 'batch', 'dims', 'loss', 'batchNorm', 'dropout', 'input', 'threads']);
  const dims = readDimensions(fields?.dims);
  const input = fields && readInputMoments(fields.input);
  if (!fields || input === undefined || !dims) return null;
  const { schemes, seeds, seed, batch, loss, batchNorm, dropout, threads } = fields;
  if (!Array.isArray(schemes) || !schemes.every(isSimulated) || new Set(schemes).size < schemes.length) return null;
  if (!isWhole(seeds, 1, mostSeeds) || !isWhole(seed, 0) || (batch !== null && !isWhole(batch, 1)) || typeof dropout !== 'boolean') return null;
  if (loss !== 'noise' && loss !== 'cross-entropy' && loss !== 'mse') return null;
  if (batchNorm !== 'training' && batchNorm !== 'inference') return null;
  if (threads !== null && !isWhole(threads, 1, mostThreads)) return null;
  return { schemes, seeds, seed, batch, dims, loss, batchNorm, dropout, input, threads };
}

/** Undefined for what is neither null nor moments. */
function readInputMoments(value: unknown): SimulationOptions['input'] | undefined {
  if (value === null) return null;
  const fields = fieldsOf(value, ['mean', 'variance']);
  if (!fields || !isFinite(fields.mean) || !isFinite(fields.variance) || fields.variance < 0) return undefined;
  return { mean: fields.mean, variance: fields.variance };
}

function readDimensions(value: unknown): SimulationOptions['dims'] | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const sizes = Object.entries(value).filter((entry): entry is [string, number] => isName(entry[0]) && isWhole(entry[1], 1));
  return sizes.length === Object.keys(value).length ? Object.fromEntries(sizes) : null;
}

/** What a training may be asked to do at most: more is for the command line. */
const mostSteps = 1e6;
const mostSamples = 1e7;

const isOneOf = <T extends string>(known: readonly T[], value: unknown): value is T => known.some((each) => each === value);

export function readTrainingOptions(value: unknown): TrainingOptions | null {
  const fields = fieldsOf(value, ['schemes', 'seeds', 'seed', 'steps', 'batch', 'dims', 'optimizer', 'rate', 'loss', 'data', 'samples', 'dropout', 'snapshots',
    'threads']);
  const dims = readDimensions(fields?.dims);
  const data = fields && readTrainingData(fields.data);
  if (!fields || !dims || data === undefined) return null;
  const { schemes, seeds, seed, steps, batch, optimizer, rate, loss, samples, dropout, snapshots, threads } = fields;
  if (!Array.isArray(schemes) || schemes.length === 0 || !schemes.every(isSimulated) || new Set(schemes).size < schemes.length) return null;
  if (!isWhole(seeds, 1, mostSeeds) || !isWhole(seed, 0) || !isWhole(steps, 1, mostSteps) || !isWhole(samples, 1, mostSamples)) return null;
  if ((batch !== null && !isWhole(batch, 1)) || !isWhole(snapshots, 2, mostSteps) || typeof dropout !== 'boolean') return null;
  if (!isOneOf(optimizerKinds, optimizer) || (loss !== null && !isOneOf(trainingLosses, loss))) return null;
  if (rate !== 'find' && !(isFinite(rate) && rate > 0)) return null;
  if (threads !== null && !isWhole(threads, 1, mostThreads)) return null;
  return { schemes, seeds, seed, steps, batch, dims, optimizer, rate, loss, data, samples, dropout, snapshots, threads };
}

/** Undefined for what is neither null nor data. */
function readTrainingData(value: unknown): TrainingData | null | undefined {
  if (value === null) return null;
  const [builtIn, file] = [fieldsOf(value, ['kind', 'name']), fieldsOf(value, ['kind', 'path'])];
  if (builtIn?.kind === 'built-in' && isOneOf(builtInData, builtIn.name)) return { kind: 'built-in', name: builtIn.name };
  return file?.kind === 'file' && isName(file.path) ? { kind: 'file', path: file.path } : undefined;
}

const trainingReaders: Readers<TrainingPageMethods> = {
  train: (value) => {
    const options = readTrainingOptions(fieldsOf(value, ['options'])?.options);
    return options && { options };
  },
  steerTraining: (value) => {
    const to = fieldsOf(value, ['to'])?.to;
    return isOneOf(['hold', 'go', 'stop'], to) ? { to } : null;
  },
  continueTraining: (value) => {
    const steps = fieldsOf(value, ['steps'])?.steps;
    return isWhole(steps, 1, mostSteps) ? { steps } : null;
  },
  applyTrained: (value) => {
    const fields = fieldsOf(value, ['scheme', 'seed']);
    return fields && isSimulated(fields.scheme) && isWhole(fields.seed, 0) ? { scheme: fields.scheme, seed: fields.seed } : null;
  },
  pickTrainingData: (value) => {
    const of = fieldsOf(value, ['of'])?.of;
    return isOneOf(['file', 'folder'], of) ? { of } : null;
  },
};

export const inspectorReaders: Readers<InspectorMethods> = {
  ready: nothing,
  reinitialize: (value) => {
    const fields = fieldsOf(value, ['layers', 'scheme']);
    const [layers, scheme] = [readNames(fields?.layers), readScheme(fields?.scheme)];
    return fields && (layers || fields.layers === null) && (scheme || fields.scheme === null) ? { layers, scheme } : null;
  },
  previewRemedy: (value) => {
    const fields = fieldsOf(value, ['layers', 'scheme']);
    const [layers, scheme] = [readNames(fields?.layers), readScheme(fields?.scheme)];
    return fields && scheme && (layers || fields.layers === null) ? { layers, scheme } : null;
  },
  select: (value) => {
    const layers = readNames(fieldsOf(value, ['layers'])?.layers);
    return layers && { layers };
  },
  foresee: readLayer,
  applyPreview: nothing,
  cancelPreview: nothing,
  openGradientPanel: nothing,
  openAsText: nothing,
  showLog: nothing,
  reload: nothing,
  stopMeasuring: nothing,
  resumeMeasuring: nothing,
};

export const panelReaders: Readers<PanelMethods> = {
  ...trainingReaders,
  ready: nothing,
  simulate: (value) => {
    const options = readSimulationOptions(fieldsOf(value, ['options'])?.options);
    return options && { options };
  },
  cancel: nothing,
  apply: (value) => {
    const scheme = readScheme(fieldsOf(value, ['scheme'])?.scheme);
    return scheme && { scheme };
  },
  reveal: readLayer,
  pickModel: nothing,
  showLog: nothing,
};
