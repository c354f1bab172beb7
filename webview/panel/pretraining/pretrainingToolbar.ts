// What machines are trained on and how, and the buttons that start, hold and stop it.

import { mostEpochs } from '../../../src/protocol/limits';
import { machineStarts, visibleKinds, type MachineStart, type PretrainingOptions, type VisibleKind } from '../../../src/protocol/pretraining';
import type { BuiltInData } from '../../../src/protocol/training';
import type { PretrainingStatus, PretrainingView } from '../../../src/protocol/pretrainingView';
import { say } from '../../../src/protocol/words';
import { baseName, shortened } from '../../format';
import { element, type Child } from '../../ui/element';
import { button, select, textField } from '../../ui/kit';
import { field, numberField } from '../numberField';
import { replaceKeepingFocus, segment } from '../toolbarParts';

export type PretrainingModel = Extract<PretrainingView, { kind: 'model' }>;

export interface PretrainingToolbarActions {
  readonly onOptions: (options: PretrainingOptions) => void;
  readonly onStart: () => void;
  readonly onSteer: (to: 'hold' | 'go' | 'stop') => void;
  readonly onPick: (of: 'file' | 'folder') => void;
  readonly onTable: () => void;
}

export interface PretrainingToolbar {
  readonly root: HTMLElement;
  show(model: PretrainingModel, options: PretrainingOptions): void;
  /** The lists show what is chosen, also where they show what was asked for and given up. */
  settle(): void;
  showStatus(status: PretrainingStatus): void;
  showTable(isShown: boolean): void;
}

/** Those in which there is something that units which are on or off can learn. */
const datasets: readonly { readonly value: BuiltInData; readonly title: string }[] = [
  { value: 'digits', title: say('digits') }, { value: 'bars-and-stripes', title: say('bars and stripes') },
];
const kinds: Readonly<Record<VisibleKind, string>> = { bernoulli: say('on or off'), gaussian: say('Gaussian') };
const starts: Readonly<Record<MachineStart, string>> = { guide: 'N(0, 0.01²)', xavier: 'Xavier', zeros: say('zeros') };
/** The chains of CD-k that are offered, and the persistent one. */
const chains = [1, 3, 5, 10];

export function createPretrainingToolbar(actions: PretrainingToolbarActions): PretrainingToolbar {
  const file = element('span', { class: 'file cut' });
  const conditions = element('div', { class: 'conditions' });
  const start = button({ label: say('Pre-train'), icon: 'play', kind: 'icon', testid: 'pretrain', onClick: actions.onStart });
  const pause = button({ label: say('Pause'), icon: 'debug-pause', kind: 'icon', testid: 'pretrain-pause', onClick: () => actions.onSteer('hold') });
  const goOn = button({ label: say('Continue'), icon: 'debug-continue', kind: 'icon', testid: 'pretrain-go-on', onClick: () => actions.onSteer('go') });
  const stop = button({ label: say('Stop'), icon: 'debug-stop', kind: 'icon', testid: 'pretrain-stop', onClick: () => actions.onSteer('stop') });
  const asTable = segment('table', say('Show as table'), 'pretraining-table', actions.onTable);
  const root = element('div', { class: 'toolbar', role: 'toolbar', label: say('Pre-training') });
  const settings = segment('settings', say('Conditions of the pre-training'), 'pretraining-conditions', () => {
    settings.setAttribute('aria-expanded', String(root.classList.toggle('with-conditions')));
  });
  settings.classList.add('settings');
  settings.setAttribute('aria-expanded', 'false');
  let drawn = '';

  root.append(file, conditions, settings, asTable, element('div', { class: 'run-buttons' }, [start, pause, goOn, stop]));
  return {
    root,
    show(model, options) {
      const wanted = JSON.stringify([model.file, options, model.plan?.data]);
      if (wanted === drawn) return;
      drawn = wanted;
      file.textContent = baseName(model.file);
      file.title = model.file;
      replaceKeepingFocus(conditions, controls(model, options, actions));
    },
    settle: () => { drawn = ''; },
    showStatus({ kind }) {
      const isGoing = kind === 'running' || kind === 'held' || kind === 'planning';
      start.hidden = isGoing;
      pause.hidden = kind !== 'running';
      goOn.hidden = kind !== 'held';
      stop.hidden = !isGoing;
    },
    showTable: (isShown) => asTable.setAttribute('aria-pressed', String(isShown)),
  };
}

function controls({ plan, options: asked }: PretrainingModel, options: PretrainingOptions, { onOptions, onPick }: PretrainingToolbarActions): readonly Child[] {
  const change = (part: Partial<PretrainingOptions>): void => onOptions({ ...options, ...part });
  const { data, gibbs, persistent } = options;
  const said = plan && JSON.stringify(asked.data) === JSON.stringify(data) ? plan.data : null;
  const given = data.kind === 'file' ? [{ value: 'given', title: shortened(baseName(data.path), 24) }] : [];
  const chain = `${persistent ? 'P' : ''}CD-${gibbs}`;
  const chainNames = [...new Set([...chains.map((k) => `CD-${k}`), 'PCD-1', chain])];
  return [
    field(say('data'), select({
      label: say('Data to learn from'), testid: 'pretraining-data', value: data.kind === 'file' ? 'given' : data.name,
      options: [...datasets, ...given, { value: 'file', title: say('File (.npz, .csv)…') },
        { value: 'folder', title: say('Folder of images…') }],
      onChange(value) {
        const name = datasets.find((known) => known.value === value)?.value;
        if (value === 'file' || value === 'folder') onPick(value);
        else if (name !== undefined) change({ data: { kind: 'built-in', name } });
      },
    })),
    field(say('learn by'), select({
      label: say('Contrastive divergence with k Gibbs steps; PCD keeps its chains (Hinton 2002; Tieleman 2008)'), testid: 'chain', value: chain,
      options: chainNames.map((value) => ({ value, title: value })),
      onChange: (value) => change({ persistent: value.startsWith('P'), gibbs: Number(/\d+$/.exec(value)?.[0] ?? gibbs) }),
    })),
    field(say('epochs'), numberField({
      label: say('Epochs of each layer; empty leaves it to the number of samples'), value: options.epochs, least: 1, most: mostEpochs, testid: 'epochs',
      onChange: (epochs) => change({ epochs }),
    })),
    field(say('start'), select({
      label: say('Where weights start: as the Practical Guide has it (Hinton 2010, section 8), or elsewhere'), testid: 'machine-start', value: options.start,
      options: machineStarts.map((value) => ({ value, title: starts[value] })),
      onChange: (value) => change({ start: machineStarts.find((known) => known === value) ?? options.start }),
    })),
    field(say('inputs'), select({
      label: say('What the inputs are taken for'), testid: 'visible', value: options.visible,
        options: visibleKinds.map((value) => ({ value, title: kinds[value] })),
      onChange: (value) => change({ visible: visibleKinds.find((known) => known === value) ?? options.visible }),
    })),
    field(say('layers'), textField({
      label: say('Names of layers, with * and ?; empty is all hidden ones'), value: options.layers ?? '', placeholder: say('all hidden'), size: 8,
      testid: 'machine-layers', onChange: (text) => change({ layers: text.trim() === '' ? null : text.trim() }),
    }), true),
    ...rareNumbers(options, change),
    said === null ? null : element('span', { class: 'inputs muted cut', text: said, title: said, testid: 'pretraining-data-said' }),
  ];
}

/** Of what is to be less than one. */
const nearlyOne = 0.999;

function rareNumbers(options: PretrainingOptions, change: (part: Partial<PretrainingOptions>) => void): readonly Child[] {
  const part = { isWhole: false, least: 0 };
  return [
    field(say('rate'), numberField({
      ...part, label: say('Learning rate; empty leaves it to the kind of the inputs'), value: options.rate, testid: 'machine-rate',
      onChange: (rate) => change({ rate: rate === 0 ? null : rate }),
    }), true),
    field(say('momentum'), numberField({
      ...part, most: nearlyOne, label: say('Momentum behind the first epochs'), value: options.momentum, testid: 'momentum',
      onChange: (momentum) => change({ momentum: momentum ?? options.momentum }),
    }), true),
    field(say('decay'), numberField({
      ...part, label: say('Weight decay'), value: options.decay, testid: 'decay', onChange: (decay) => change({ decay: decay ?? 0 }),
    }), true),
    field(say('sparsity'), numberField({
      ...part, most: nearlyOne, label: say('Share of the samples for which a hidden unit is to be on; empty leaves it free'), value: options.sparsity,
      testid: 'sparsity', onChange: (sparsity) => change({ sparsity: sparsity === 0 ? null : sparsity }),
    }), true),
    field(say('seed'),
      numberField({ label: say('Seed'), value: options.seed, least: 0, testid: 'machine-seed', onChange: (seed) => change({ seed: seed ?? 0 }) }), true),
  ];
}
