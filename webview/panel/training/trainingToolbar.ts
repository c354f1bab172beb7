// What is trained, on what and how, and the buttons that start, hold and stop it.

import { largestRate, leastRate, mostSeeds, mostSteps } from '../../../src/protocol/limits';
import {
  builtInData, optimizerKinds, trainingLosses, type BuiltInData, type OptimizerKind, type TrainingLoss, type TrainingOptions,
} from '../../../src/protocol/training';
import type { TrainingStatus, TrainingView } from '../../../src/protocol/trainingView';
import type { SchemeId } from '../../../src/protocol/schemes';
import { say } from '../../../src/protocol/words';
import { baseName, shortened } from '../../format';
import { element, type Child } from '../../ui/element';
import { button, select, textField } from '../../ui/kit';
import { field, numberField } from '../numberField';
import { schemeChips } from '../schemeChips';
import { replaceKeepingFocus, segment } from '../toolbarParts';

export type TrainingModel = Extract<TrainingView, { kind: 'model' }>;

export interface TrainingToolbarActions {
  readonly onOptions: (options: TrainingOptions) => void;
  readonly onParameters: (scheme: SchemeId) => void;
  readonly onApply: (scheme: SchemeId) => void;
  readonly onTrain: () => void;
  readonly onSteer: (to: 'hold' | 'go' | 'stop') => void;
  readonly onPick: (of: 'file' | 'folder') => void;
  readonly onTable: () => void;
}

export interface TrainingToolbar {
  readonly root: HTMLElement;
  show(model: TrainingModel, options: TrainingOptions): void;
  /** The lists show what is chosen, also where they show what was asked for and given up. */
  settle(): void;
  showStatus(status: TrainingStatus): void;
  showTable(isShown: boolean): void;
}

const optimizers: Readonly<Record<OptimizerKind, string>> = { sgd: 'SGD', momentum: say('SGD, momentum'), adam: 'Adam', adamw: 'AdamW' };
const losses: Readonly<Record<TrainingLoss,
  string>> = { 'cross-entropy': say('cross-entropy'), 'binary-cross-entropy': say('binary cross-entropy'), 'mse': 'MSE' };
const datasets: Readonly<Record<BuiltInData, { readonly title: string; readonly hint: string }>> = {
  'teacher': { title: say('teacher'), hint: say('answers of a network of the same architecture, with other weights') },
  'spirals': { title: say('two spirals'), hint: say('two classes, wound around each other') },
  'bars-and-stripes': { title: say('bars and stripes'), hint: say('small images of either rows or columns') },
  'digits': { title: say('digits'), hint: say('small images of strokes, ten classes') },
  'next-token': { title: say('next token'), hint: say('sequences whose next token follows from those before') },
};
const auto = 'auto';
/** Fields for symbolic dimensions; a model that leaves more of them open is trained from the command line. */
const mostDimensions = 4;

export function createTrainingToolbar(actions: TrainingToolbarActions): TrainingToolbar {
  const file = element('span', { class: 'file cut' });
  const conditions = element('div', { class: 'conditions' });
  const train = button({ label: say('Train'), icon: 'play', kind: 'icon', testid: 'train', onClick: actions.onTrain });
  const pause = button({ label: say('Pause'), icon: 'debug-pause', kind: 'icon', testid: 'pause', onClick: () => actions.onSteer('hold') });
  const goOn = button({ label: say('Continue'), icon: 'debug-continue', kind: 'icon', testid: 'go-on', onClick: () => actions.onSteer('go') });
  const stop = button({ label: say('Stop'), icon: 'debug-stop', kind: 'icon', testid: 'stop-training', onClick: () => actions.onSteer('stop') });
  const asTable = segment('table', say('Show as table'), 'training-table', actions.onTable);
  const root = element('div', { class: 'toolbar', role: 'toolbar', label: say('First steps of training') });
  const settings = segment('settings', say('Conditions of the training'), 'training-conditions', () => {
    settings.setAttribute('aria-expanded', String(root.classList.toggle('with-conditions')));
  });
  settings.classList.add('settings');
  settings.setAttribute('aria-expanded', 'false');
  let drawn = '';

  root.append(file, conditions, settings, asTable, element('div', { class: 'run-buttons' }, [train, pause, goOn, stop]));
  return {
    root,
    show(model, options) {
      // Rebuilding would take the focus away while steps stream in.
      const wanted = JSON.stringify([model.file, options, model.dimensions, model.conditions, model.plan?.data, model.readOnly]);
      if (wanted === drawn) return;
      drawn = wanted;
      file.textContent = baseName(model.file);
      file.title = model.file;
      replaceKeepingFocus(conditions, controls(model, options, actions));
    },
    settle: () => { drawn = ''; },
    showStatus({ kind }) {
      const isGoing = kind === 'running' || kind === 'held' || kind === 'planning';
      train.hidden = isGoing;
      pause.hidden = kind !== 'running';
      goOn.hidden = kind !== 'held';
      stop.hidden = !isGoing;
    },
    showTable: (isShown) => asTable.setAttribute('aria-pressed', String(isShown)),
  };
}

function controls(model: TrainingModel, options: TrainingOptions, actions: TrainingToolbarActions): readonly Child[] {
  const { dimensions, conditions, plan } = model;
  const change = (part: Partial<TrainingOptions>): void => actions.onOptions({ ...options, ...part });
  const isOfPlan = JSON.stringify(model.options.data) === JSON.stringify(options.data);
  const said = plan && isOfPlan ? plan.data : hintOf(options);
  return [
    element('div', { class: 'chips', role: 'group', label: say('Compare') }, schemeChips(
      options, model, { change: (ids) => change({ schemes: ids }), onParameters: actions.onParameters, onApply: actions.onApply },
    )),
    whole('seeds', say('seeds'), say('Seeds per scheme'), options.seeds, mostSeeds, (seeds) => change({ seeds })),
    whole('steps', say('steps'), say('Steps of each run'), options.steps, mostSteps, (steps) => change({ steps })),
    field(say('batch'), numberField({
      label: say('Samples per step; empty leaves it to Initscope'), value: options.batch, least: 1, testid: 'training-batch',
        onChange: (batch) => change({ batch }),
    }), true),
    ...dimensions.slice(0, mostDimensions).map((name) => field(shortened(name, 24), numberField({
      label: say('Size of the symbolic dimension {0}; empty leaves it to Initscope', name), value: options.dims[name] ?? null, least: 1,
      testid: `training-dim-${name}`, onChange: (size) => change({ dims: withSize(options.dims, name, size) }),
    }), true)),
    field(say('optimizer'), select({
      label: say('Optimizer'), options: optimizerKinds.map((value) => ({ value, title: optimizers[value] })), value: options.optimizer, testid: 'optimizer',
      onChange: (value) => change({ optimizer: optimizerKinds.find((kind) => kind === value) ?? options.optimizer }),
    }), true),
    field(say('rate'), rateField(options.rate, (rate) => change({ rate }))),
    field(say('data'), dataSelect(options, change, actions.onPick)),
    field(say('loss'), select({
      label: say('Loss; auto leaves it to the output layer'), value: options.loss ?? auto, testid: 'training-loss',
      options: [{ value: auto, title: say('auto') }, ...trainingLosses.map((value) => ({ value, title: losses[value] }))],
      onChange: (value) => change({ loss: trainingLosses.find((loss) => loss === value) ?? null }),
    }), true),
    conditions.dropout ? field(say('dropout'), select({
      label: say('Dropout while training: off, or on with masks drawn at every step'),
        options: [{ value: 'off', title: say('off') }, { value: 'on', title: say('on') }],
      value: options.dropout ? 'on' : 'off', testid: 'training-dropout', onChange: (value) => change({ dropout: value === 'on' }),
    }), true) : null,
    said === null ? null : element('span', { class: 'inputs muted cut', text: said, title: said, testid: 'training-data-said' }),
  ];
}

function whole(id: string, name: string, label: string, value: number, most: number, change: (value: number) => void): HTMLElement {
  return field(name, numberField({ label, value, least: 1, most, testid: `training-${id}`, onChange: (next) => change(next ?? value) }));
}

function refusalOfRate(said: string): string | null {
  const rate = Number(said);
  if (said.trim() === '' || said.trim() === 'find' || (rate >= leastRate && rate <= largestRate)) return null;
  return rate > 0 ? say('This takes a number from {0} to {1}, or nothing.', leastRate, largestRate) : say('This takes a number above 0, or nothing.');
}

/** A learning rate, or nothing: then a range test finds one for each scheme. */
function rateField(rate: TrainingOptions['rate'], change: (rate: TrainingOptions['rate']) => void): HTMLElement {
  const message = element('span', { class: 'field-message', role: 'alert', testid: 'rate-message' });
  message.hidden = true;
  const text = textField({
    label: say('Learning rate; empty finds one for each scheme by a range test'), value: rate === 'find' ? '' : String(rate), placeholder: say('find'), size: 5,
    testid: 'rate',
    title: say('Learning rate; empty finds one for each scheme by a range test (Smith 2017)'),
    refuse: refusalOfRate,
    onRefused(reason) {
      message.hidden = reason === null;
      message.textContent = reason ?? '';
    },
    onChange(said) {
      const next = said.trim() === '' || said.trim() === 'find' ? 'find' : Number(said);
      if (next !== rate) change(next);
    },
  });
  return element('span', { class: 'number-field wide' }, [text, message]);
}

function dataSelect(options: TrainingOptions, change: (part: Partial<TrainingOptions>) => void, pick: (of: 'file' | 'folder') => void): HTMLElement {
  const { data } = options;
  const given = data?.kind === 'file' ? [{ value: 'given', title: shortened(baseName(data.path), 24) }] : [];
  return select({
    label: say('Data to train on; auto leaves it to the inputs'), testid: 'training-data',
    value: data === null ? auto : data.kind === 'file' ? 'given' : data.name,
    options: [
      { value: auto, title: say('auto') }, ...builtInData.map((value) => ({ value, title: datasets[value].title })), ...given,
      { value: 'file', title: say('File (.npz, .csv)…') }, { value: 'folder', title: say('Folder of images…') },
    ],
    onChange(value) {
      const name = builtInData.find((known) => known === value);
      if (value === 'file' || value === 'folder') pick(value);
      else if (value !== 'given') change({ data: name === undefined ? null : { kind: 'built-in', name } });
    },
  });
}

function hintOf({ data }: TrainingOptions): string | null {
  if (data === null) return null;
  return data.kind === 'file' ? data.path : datasets[data.name].hint;
}

function withSize(dims: TrainingOptions['dims'], name: string, size: number | null): TrainingOptions['dims'] {
  const others = Object.entries(dims).filter(([known]) => known !== name);
  return Object.fromEntries(size === null ? others : [...others, [name, size]]);
}
