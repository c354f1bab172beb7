// Where trained weights come from, in one line: what was done, on which data, and from which start.

import { basename } from 'node:path';

import { describeScheme, titleWith } from '../core/initializers/schemes';
import type { TrainingOptions, TrainingPlan } from '../protocol/training';
import { trainedOrigin } from '../protocol/training';
import type { ShownRun } from '../protocol/trainingView';

const optimizers = { sgd: 'SGD', momentum: 'momentum', adam: 'Adam', adamw: 'AdamW' } as const;

/** "Trained 200 steps, Adam 0.003, digits, from He normal, seed 0" */
export function trainedTitle(
  { scheme, seed, rate, steps }: Pick<ShownRun, 'scheme' | 'seed' | 'rate'> & { readonly steps: number },
  { optimizer, data, parameters }: Pick<TrainingOptions, 'optimizer' | 'data' | 'parameters'>, plan: Pick<TrainingPlan, 'data'> | null,
): string {
  // Written into the model's file, which speaks English.
  const from = scheme === 'current' ? 'the weights before'
    : scheme === 'recommended' ? 'Recommended' : titleWith(describeScheme(scheme).title, parameters[scheme]);
  const on = data === null ? plan?.data : data.kind === 'file' ? basename(data.path) : data.name;
  const how = rate === null ? optimizers[optimizer] : `${optimizers[optimizer]} ${Number(rate.toPrecision(3))}`;
  return [`${trainedOrigin}${steps} ${steps === 1 ? 'step' : 'steps'}`, how, ...(on === undefined ? [] : [on]), `from ${from}`, `seed ${seed}`].join(', ');
}
