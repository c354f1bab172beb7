// What is asked of training, by the panel's page and by commands, read field by field.

import { largestRate, leastRate, mostSamples, mostSeeds, mostSteps, mostThreads } from '../protocol/limits';
import type { Readers } from '../protocol/rpc';
import { builtInData, defaultTraining, optimizerKinds, trainingLosses } from '../protocol/training';
import type { TrainingData, TrainingOptions } from '../protocol/training';
import type { TrainingPageMethods } from '../protocol/trainingView';
import { fieldsOf, isFinite, isName, isOneOf, isSimulated, isWhole, readDimensions, readParameters } from './fields';

function readTrainingOptions(value: unknown): TrainingOptions | null {
  const fields = fieldsOf(value, ['schemes', 'parameters', 'seeds', 'seed', 'steps', 'batch', 'dims', 'optimizer', 'rate', 'loss', 'data', 'samples', 'dropout',
    'snapshots', 'threads']);
  const [dims, parameters] = [readDimensions(fields?.dims), readParameters(fields?.parameters)];
  const data = fields && readTrainingData(fields.data);
  if (!fields || !dims || !parameters || data === undefined) return null;
  const { schemes, seeds, seed, steps, batch, optimizer, rate, loss, samples, dropout, snapshots, threads } = fields;
  if (!Array.isArray(schemes) || schemes.length === 0 || !schemes.every(isSimulated) || new Set(schemes).size < schemes.length) return null;
  if (!isWhole(seeds, 1, mostSeeds) || !isWhole(seed, 0) || !isWhole(steps, 1, mostSteps) || !isWhole(samples, 1, mostSamples)) return null;
  if ((batch !== null && !isWhole(batch, 1)) || !isWhole(snapshots, 2, mostSteps) || typeof dropout !== 'boolean') return null;
  if (!isOneOf(optimizerKinds, optimizer) || (loss !== null && !isOneOf(trainingLosses, loss))) return null;
  if (rate !== 'find' && !(isFinite(rate) && rate >= leastRate && rate <= largestRate)) return null;
  if (threads !== null && !isWhole(threads, 1, mostThreads)) return null;
  return { schemes, parameters, seeds, seed, steps, batch, dims, optimizer, rate, loss, data, samples, dropout, snapshots, threads };
}

/** Undefined for what is neither null nor data. */
export function readTrainingData(value: unknown): TrainingData | null | undefined {
  if (value === null) return null;
  const [builtIn, file] = [fieldsOf(value, ['kind', 'name']), fieldsOf(value, ['kind', 'path'])];
  if (builtIn?.kind === 'built-in' && isOneOf(builtInData, builtIn.name)) return { kind: 'built-in', name: builtIn.name };
  return file?.kind === 'file' && isName(file.path) ? { kind: 'file', path: file.path } : undefined;
}

export const trainingReaders: Readers<TrainingPageMethods> = {
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

/** What a command asks for: a sample by its name, and some of the options in place of what is there. */
export interface TrainingWish {
  readonly sample?: string;
  readonly options: Partial<TrainingOptions>;
}

export function readTrainingWish(value: unknown): TrainingWish | null {
  const fields = fieldsOf(value, ['sample', 'options']) ?? fieldsOf(value, ['options']);
  if (!fields || typeof fields.options !== 'object' || fields.options === null) return null;
  const options = readTrainingOptions({ ...defaultTraining, ...fields.options });
  if (!options || options.data?.kind === 'file' || (fields.sample !== undefined && !isName(fields.sample))) return null;
  const wanted = new Set(Object.keys(fields.options));
  return {
    options: Object.fromEntries(Object.entries(options).filter(([key]) => wanted.has(key))), ...(isName(fields.sample) ? { sample: fields.sample } : {}),
  };
}
