// The five experiments of the lecture, each of one click: a network, how it is run, and two sentences on what is seen.

import * as vscode from 'vscode';

import type { SimulationOptions } from '../protocol/simulation';
import { defaultOptions } from '../protocol/simulation';
import { say } from '../protocol/words';
import type { Lecture } from '../protocol/panel';
import type { TrainingWish } from './trainingMessages';

export interface Experiment {
  readonly id: string;
  readonly lecture: Lecture;
  readonly sample: string;
  readonly shows: { readonly run: SimulationOptions; readonly behind: { readonly sample: string; readonly run: SimulationOptions } | null }
    | { readonly training: TrainingWish['options'] };
}

const run = (schemes: SimulationOptions['schemes']): SimulationOptions => ({ ...defaultOptions, schemes, seeds: 3 });

export const experiments: readonly Experiment[] = [
  {
    id: 'zeros', sample: 'deep-sigmoid-mlp', shows: { run: run(['zeros', 'recommended']), behind: null },
    lecture: {
      title: say('Zero weights'),
      text: say('With weights of zero all units of a layer say the same, and what they are told back is multiplied by zero at every layer. '
        + 'The gradient of all layers but the last is exactly zero, on the floor marked 0: nothing below can ever learn.'),
    },
  },
  {
    id: 'random', sample: 'deep-tanh-mlp', shows: { training: { optimizer: 'adam', steps: 200, rate: 'find', schemes: ['pytorch'], seeds: 5,
      data: { kind: 'built-in', name: 'digits' } } },
    lecture: {
      title: say('Random weights, and the cost of each seed'),
      text: say('Five draws of the same scheme are trained on the same digits, and end at five costs. '
        + 'The band shows how far they lie apart: one draw is never a verdict.'),
    },
  },
  {
    id: 'xavier', sample: 'deep-tanh-mlp', shows: { run: run(['current', 'xavier-normal']), behind: null },
    lecture: {
      title: say('Xavier, before tanh'),
      text: say('The weights of this network are forty times too small, so signal and gradient shrink at every layer. '
        + 'A variance of 2 / (fan_in + fan_out) keeps both where the activation is all but straight (Glorot & Bengio 2010).'),
    },
  },
  {
    id: 'he', sample: 'deep-relu', shows: { run: run(['xavier-normal', 'he-normal']), behind: null },
    lecture: {
      title: say('He, before ReLU'),
      text: say('A ReLU takes half of the signal away, so behind Xavier the variance is halved at every layer. '
        + 'He gives the weights twice as much, 2 / fan_in, and twenty layers later the signal is as it was (He et al. 2015).'),
    },
  },
  {
    id: 'relu', sample: 'deep-relu', shows: { run: run(['he-normal']), behind: { sample: 'deep-sigmoid', run: run(['xavier-normal']) } },
    lecture: {
      title: say('ReLU against sigmoid'),
      text: say('Dashed, behind: ten layers of sigmoids from Xavier, whose slope of a quarter at most makes the gradient vanish. '
        + 'The slope of a ReLU is 1 where it is open, and from He its gradient passes through twenty layers.'),
    },
  },
];

export async function pickExperiment(): Promise<Experiment | undefined> {
  const items = experiments.map((experiment) => ({ label: experiment.lecture.title, detail: experiment.lecture.text, experiment }));
  const picked = await vscode.window.showQuickPick(items, {
    title: say('Lecture Experiment'), placeHolder: say('A copy of a sample is opened and run at once'), matchOnDetail: true,
  });
  return picked?.experiment;
}
