// What pages may send, read field by field.

import { readOptions } from '../core/initializers/options';
import { describeScheme } from '../core/initializers/schemes';
import { figureFormats } from '../protocol/figures';
import { mostCopies, mostSeeds, mostThreads } from '../protocol/limits';
import type { InspectorMethods } from '../protocol/inspector';
import type { PanelMethods } from '../protocol/panel';
import type { Readers } from '../protocol/rpc';
import type { SchemeId, SchemeOptions } from '../protocol/schemes';
import type { SimulationOptions, WhatIf } from '../protocol/simulation';
import { lossKinds } from '../protocol/simulation';
import {
  fieldsOf, isFinite, isName, isOneOf, isSimulated, isWhole, nothing, readDimensions, readLayer, readNames, readNumbers, readParameters,
  readScheme,
} from './fields';
import { pretrainingReaders } from './pretrainingMessages';
import { trainingReaders } from './trainingMessages';

/** Of a figure, characters. */
const longestFigure = 1 << 26;

export function readSimulationOptions(value: unknown): SimulationOptions | null {
  const fields = fieldsOf(value, [
    'schemes', 'parameters', 'seeds', 'seed', 'batch', 'dims', 'loss', 'batchNorm', 'dropout', 'deepen', 'data', 'input', 'whatIf', 'threads',
  ]);
  const [dims, parameters] = [readDimensions(fields?.dims), readParameters(fields?.parameters)];
  const input = fields && readInputMoments(fields.input);
  const whatIf = fields?.whatIf === null ? null : readWhatIf(fields?.whatIf);
  if (!fields || input === undefined || !dims || !parameters || (fields.whatIf !== null && !whatIf)) return null;
  const { schemes, seeds, seed, batch, loss, batchNorm, dropout, deepen, data, threads } = fields;
  if (!Array.isArray(schemes) || !schemes.every(isSimulated) || new Set(schemes).size < schemes.length) return null;
  if (!isWhole(seeds, 1, mostSeeds) || !isWhole(seed, 0) || (batch !== null && !isWhole(batch, 1)) || typeof dropout !== 'boolean') return null;
  if (!isOneOf(lossKinds, loss)) return null;
  if (batchNorm !== 'training' && batchNorm !== 'inference') return null;
  if ((data !== null && !isName(data)) || !isWhole(deepen, 0, mostCopies)) return null;
  if (threads !== null && !isWhole(threads, 1, mostThreads)) return null;
  return { schemes, parameters, seeds, seed, batch, dims, loss, batchNorm, dropout, deepen, data, input, whatIf, threads };
}

/** Beyond it nothing is left of a network, or everything overflows. */
const largestFactor = 1e6;

function readWhatIf(value: unknown): WhatIf | null {
  const fields = fieldsOf(value, ['scheme', 'all', 'layers']);
  const layers = readNumbers(fields?.layers, isFactor);
  return layers && isSimulated(fields?.scheme) && isFactor(fields.all) ? { scheme: fields.scheme, all: fields.all, layers } : null;
}

const isFactor = (value: unknown): value is number => isFinite(value) && value > 0 && value <= largestFactor;

/** Undefined for what is neither null nor moments. */
function readInputMoments(value: unknown): SimulationOptions['input'] | undefined {
  if (value === null) return null;
  const fields = fieldsOf(value, ['mean', 'variance']);
  if (!fields || !isFinite(fields.mean) || !isFinite(fields.variance) || fields.variance < 0) return undefined;
  return { mean: fields.mean, variance: fields.variance };
}

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
  compare: readLayer,
  showPartner: readLayer,
  compareGradients: nothing,
  applyPreview: nothing,
  cancelPreview: nothing,
  openGradientPanel: nothing,
  openAsText: nothing,
  showLog: nothing,
  reload: nothing,
  stopMeasuring: nothing,
  resumeMeasuring: nothing,
};

function readSchemeWithOptions(fields: Readonly<Record<string, unknown>> | null): { readonly scheme: SchemeId; readonly options: SchemeOptions } | null {
  const scheme = readScheme(fields?.scheme);
  const options = scheme && readOptions(describeScheme(scheme).options, fields?.options);
  return scheme && options && { scheme, options };
}

export const panelReaders: Readers<PanelMethods> = {
  ...trainingReaders,
  ...pretrainingReaders,
  ready: nothing,
  simulate: (value) => {
    const options = readSimulationOptions(fieldsOf(value, ['options'])?.options);
    return options && { options };
  },
  cancel: nothing,
  pickData: (value) => {
    const of = fieldsOf(value, ['of'])?.of;
    return isOneOf(['file', 'folder'], of) ? { of } : null;
  },
  pickParameters: (value) => readSchemeWithOptions(fieldsOf(value, ['scheme', 'options'])),
  apply: (value) => {
    const fields = fieldsOf(value, ['scheme', 'options', 'seed']);
    const asked = readSchemeWithOptions(fields);
    return asked && isWhole(fields?.seed, 0) ? { ...asked, seed: fields.seed } : null;
  },
  foretell: (value) => {
    const fields = fieldsOf(value, ['whatIf', 'parameters']);
    const [whatIf, parameters] = [readWhatIf(fields?.whatIf), readParameters(fields?.parameters)];
    return whatIf && parameters && { whatIf, parameters };
  },
  phase: (value) => {
    const fields = fieldsOf(value, ['layers', 'reach']);
    const [layers, reach] = [readNames(fields?.layers), fieldsOf(fields?.reach, ['weights', 'biases'])];
    if (!layers || !isFinite(reach?.weights) || !isFinite(reach.biases)) return null;
    return { layers, reach: { weights: reach.weights, biases: reach.biases } };
  },
  reveal: readLayer,
  point: (value) => (fieldsOf(value, ['layer'])?.layer === null ? { layer: null } : readLayer(value)),
  select: readLayer,
  layerGraph: nothing,
  saveFigure: (value) => {
    const fields = fieldsOf(value, ['name', 'format', 'content']);
    const [name, format, content] = [fields?.name, fields?.format, fields?.content];
    return isName(name) && isOneOf(figureFormats, format) && typeof content === 'string' && content.length <= longestFigure ? { name, format, content } : null;
  },
  copied: (value) => {
    const fields = fieldsOf(value, ['what', 'problem']);
    const [what, problem] = [fields?.what, fields?.problem];
    return isName(what) && (problem === null || isName(problem)) ? { what, problem } : null;
  },
  pickEarlier: nothing,
  pickExperiment: nothing,
  closeLecture: nothing,
  pickModel: nothing,
  pickSample: nothing,
  showLog: nothing,
};
