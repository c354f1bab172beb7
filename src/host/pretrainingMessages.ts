// What is asked of pre-training, by the panel's page and by commands, read field by field.

import { mostEpochs, mostGibbs, mostSamples, mostThreads } from '../protocol/limits';
import type { Readers } from '../protocol/rpc';
import { defaultPretraining, machineStarts, rateSchedules, visibleKinds } from '../protocol/pretraining';
import type { PretrainingOptions } from '../protocol/pretraining';
import type { PretrainingPageMethods } from '../protocol/pretrainingView';
import { fieldsOf, isFinite, isName, isOneOf, isWhole, nothing } from './fields';
import { readTrainingData } from './trainingMessages';

const isPositive = (value: unknown): value is number => isFinite(value) && value > 0;
const isShare = (value: unknown): value is number => isFinite(value) && value > 0 && value < 1;

function readPretrainingOptions(value: unknown): PretrainingOptions | null {
  const fields = fieldsOf(value, Object.keys(defaultPretraining));
  const data = fields && readTrainingData(fields.data);
  if (!fields || !data) return null;
  const { samples, layers, visible, start, gibbs, persistent, epochs, rate, schedule, batch, momentum, decay, sparsity, seed, threads } = fields;
  if (!isWhole(samples, 1, mostSamples) || (layers !== null && !isName(layers))) return null;
  if (!isOneOf(visibleKinds, visible) || !isOneOf(machineStarts, start)) return null;
  if (!isWhole(gibbs, 1, mostGibbs) || typeof persistent !== 'boolean' || !isOneOf(rateSchedules, schedule) || !isWhole(seed, 0)) return null;
  if ((epochs !== null && !isWhole(epochs, 1, mostEpochs)) || (batch !== null && !isWhole(batch, 1)) || (rate !== null && !isPositive(rate))) return null;
  if (!isFinite(momentum) || momentum < 0 || momentum >= 1 || !isFinite(decay) || decay < 0 || (sparsity !== null && !isShare(sparsity))) return null;
  if (threads !== null && !isWhole(threads, 1, mostThreads)) return null;
  return { data, samples, layers, visible, start, gibbs, persistent, epochs, rate, schedule, batch, momentum, decay, sparsity, seed, threads };
}

export const pretrainingReaders: Readers<PretrainingPageMethods> = {
  pretrain: (value) => {
    const options = readPretrainingOptions(fieldsOf(value, ['options'])?.options);
    return options && { options };
  },
  steerPretraining: (value) => {
    const to = fieldsOf(value, ['to'])?.to;
    return isOneOf(['hold', 'go', 'stop'], to) ? { to } : null;
  },
  applyPretrained: nothing,
  fineTune: nothing,
};

/** What a command asks for: a sample by its name, and some of the options in place of what is there. */
export interface PretrainingWish {
  readonly sample?: string;
  readonly options: Partial<PretrainingOptions>;
}

export function readPretrainingWish(value: unknown): PretrainingWish | null {
  const fields = fieldsOf(value, ['sample', 'options']) ?? fieldsOf(value, ['options']);
  if (!fields || typeof fields.options !== 'object' || fields.options === null) return null;
  const options = readPretrainingOptions({ ...defaultPretraining, ...fields.options });
  if (!options || options.data.kind === 'file' || (fields.sample !== undefined && !isName(fields.sample))) return null;
  const wanted = new Set(Object.keys(fields.options));
  return {
    options: Object.fromEntries(Object.entries(options).filter(([key]) => wanted.has(key))), ...(isName(fields.sample) ? { sample: fields.sample } : {}),
  };
}
