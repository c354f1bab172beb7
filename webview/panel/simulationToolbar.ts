import { mostSeeds } from '../../src/protocol/limits';
import type { Conditions, PanelStatus } from '../../src/protocol/panel';
import type { SchemeDescription, SchemeId } from '../../src/protocol/schemes';
import { defaultOptions, type LossKind, type SimulationOptions } from '../../src/protocol/simulation';
import { say } from '../../src/protocol/words';
import { baseName, shortened } from '../format';
import { element, icon, type Child } from '../ui/element';
import { button, select } from '../ui/kit';
import { field, numberField } from './numberField';
import type { Picture } from './comparison';
import { pictureSwitch } from './pictureSwitch';
import { schemeChips } from './schemeChips';
import { replaceKeepingFocus, segment } from './toolbarParts';

const losses: readonly { readonly value: LossKind; readonly title: string }[] = [
  { value: 'noise', title: say('noise') }, { value: 'cross-entropy', title: say('cross-entropy') }, { value: 'mse', title: 'MSE' },
];
/** Fields for symbolic dimensions; a model that leaves more of them open is run from the command line. */
const mostDimensions = 6;
const dropoutModes = [{ value: 'off', title: say('off') }, { value: 'on', title: say('on') }] as const;
const normModes = [{ value: 'training', title: say('training') }, { value: 'inference', title: say('inference') }] as const;

export interface ToolbarContext {
  readonly file: string;
  readonly schemes: readonly SchemeDescription[];
  readonly options: SimulationOptions;
  readonly dimensions: readonly string[];
  readonly conditions: Conditions;
  readonly inputs: readonly string[];
  /** Why no scheme can be applied. */
  readonly readOnly: string | null;
}

export interface ToolbarActions {
  readonly onOptions: (options: SimulationOptions) => void;
  readonly onParameters: (scheme: SchemeId) => void;
  readonly onApply: (scheme: SchemeId) => void;
  readonly onPickData: (of: 'file' | 'folder') => void;
  readonly onRun: () => void;
  readonly onStop: () => void;
  readonly onTable: () => void;
  readonly onGraph: () => void;
  readonly onSweep: () => void;
  readonly onEarlier: () => void;
  readonly onWhatIf: () => void;
  readonly onPicture: (picture: Picture) => void;
}

export interface SimulationToolbar {
  readonly root: HTMLElement;
  show(context: ToolbarContext): void;
  /** Lists show what is chosen, also where they show what was asked for and given up. */
  settle(): void;
  showStatus(status: PanelStatus): void;
  showTable(isShown: boolean): void;
  showPicture(picture: Picture): void;
  showWhatIf(isShown: boolean): void;
  /** What is there beside the charts. */
  showParts(parts: { readonly graph: boolean; readonly sweep: boolean }): void;
  /** Gives the focus to what opens a sweep, when that has been closed from within. */
  focusSweep(): void;
}

/** What is compared and under which conditions, and the buttons that start and stop it. */
export function createSimulationToolbar(actions: ToolbarActions): SimulationToolbar {
  const file = element('span', { class: 'file cut', testid: 'file' });
  const conditions = element('div', { class: 'conditions' });
  const run = button({ label: say('Run'), icon: 'play', kind: 'icon', testid: 'run', onClick: actions.onRun });
  const stop = button({ label: say('Stop'), icon: 'debug-stop', kind: 'icon', testid: 'stop', onClick: actions.onStop });
  const asTable = element('button', {
    class: 'segment', testid: 'show-table', title: say('Show as table'), label: say('Show as table'), attributes: { type: 'button' },
  }, [icon('table')]);
  asTable.addEventListener('click', actions.onTable);
  const pictures = pictureSwitch(actions.onPicture);
  const whatIf = element('button', {
    class: 'segment', testid: 'show-what-if', title: say('What if kernels were wider or narrower'), label: say('What if kernels were wider or narrower'),
    attributes: { type: 'button' },
  }, [icon('symbol-ruler')]);
  whatIf.addEventListener('click', actions.onWhatIf);
  const asGraph = segment('type-hierarchy', say('Show the network as a graph'), 'show-graph', actions.onGraph);
  const asSweep = segment('play-circle', say('Sweep forward and back through the layers'), 'show-sweep', actions.onSweep);
  const earlier = element('button', {
    class: 'segment', testid: 'earlier', title: say('Lay an earlier run over these'), label: say('Lay an earlier run over these'),
      attributes: { type: 'button' },
  }, [icon('history')]);
  earlier.addEventListener('click', actions.onEarlier);
  // Seen where the panel is low: the conditions then wait behind it, so that the charts are seen first.
  const settings = element('button', {
    class: 'segment settings', testid: 'show-conditions', title: say('Conditions of the run'), label: say('Conditions of the run'),
    attributes: { 'type': 'button', 'aria-expanded': 'false' },
  }, [icon('settings')]);
  const root = element('div', { class: 'toolbar', role: 'toolbar', label: say('Simulation') });
  settings.addEventListener('click', () => {
    const isShown = root.classList.toggle('with-conditions');
    settings.setAttribute('aria-expanded', String(isShown));
  });
  const more = element('button', {
    class: 'segment', testid: 'more-conditions', label: say('More conditions'),
    attributes: { 'type': 'button', 'aria-expanded': 'false' },
  }, [icon('ellipsis')]);
  let isOpen = false;
  let drawn = '';
  let shown: ToolbarContext | null = null;
  more.addEventListener('click', () => {
    isOpen = !isOpen;
    more.setAttribute('aria-expanded', String(isOpen));
    drawn = '';
    if (shown) show(shown);
  });

  function show(context: ToolbarContext): void {
    shown = context;
    // Rebuilding would take the focus away while results stream in.
    const wanted = JSON.stringify(context);
    if (wanted === drawn) return;
    drawn = wanted;
    file.textContent = baseName(context.file);
    file.title = context.file;
    const isUsual = rareOnes(context.options) === rareOnes(defaultOptions);
    const others = conditionNames(context.conditions);
    more.hidden = !isUsual || others.length === 0;
    more.title = say('More conditions: {0}', others.join(', '));
    // What is not as usual is seen.
    replaceKeepingFocus(conditions, controls(context, actions, isOpen || !isUsual, more));
  }

  root.append(
    file, conditions, settings, pictures.root, whatIf, earlier, asSweep, asGraph, asTable, element('div', { class: 'run-buttons' }, [run, stop]),
  );
  return {
    root,
    show,
    settle: () => { drawn = ''; },
    showStatus(status) {
      const isRunning = status.kind === 'running';
      run.hidden = isRunning;
      stop.hidden = !isRunning;
    },
    showWhatIf: (isShown) => whatIf.setAttribute('aria-pressed', String(isShown)),
    showPicture(picture) {
      pictures.show(picture);
      // Its place stays, so that nothing moves under the pointer.
      asTable.disabled = picture !== 'variance' && picture !== 'blocks';
    },
    showTable: (isShown) => asTable.setAttribute('aria-pressed', String(isShown)),
    focusSweep: () => asSweep.focus(),
    showParts(parts) {
      asGraph.setAttribute('aria-pressed', String(parts.graph));
      asSweep.setAttribute('aria-pressed', String(parts.sweep));
    },
  };
}

function controls(context: ToolbarContext, actions: ToolbarActions, isOpen: boolean, more: HTMLElement): readonly Child[] {
  const { options, dimensions, inputs } = context;
  const change = (part: Partial<SimulationOptions>): void => actions.onOptions({ ...options, ...part });
  const input = inputs.join(', ');
  return [
    element('div', { class: 'chips', role: 'group', label: say('Compare') }, schemeChips(
      options, context, { change: (ids) => change({ schemes: ids }), onParameters: actions.onParameters, onApply: actions.onApply },
    )),
    field(say('seeds'), numberField({
      label: say('Seeds per scheme'), value: options.seeds, least: 1, most: mostSeeds, testid: 'seeds', onChange: (seeds) => change({ seeds: seeds ?? 1 }),
    })),
    field(say('batch'), numberField({
      label: say('Samples per run; empty leaves it to the model'), value: options.batch, least: 1, testid: 'batch', onChange: (batch) => change({ batch }),
    })),
    ...dimensions.slice(0, mostDimensions).map((name) => field(shortened(name, 24), numberField({
      label: say('Size of the symbolic dimension {0}; empty leaves it to Initscope', name), value: options.dims[name] ?? null, least: 1, testid: `dim-${name}`,
      onChange: (size) => change({ dims: withSize(options.dims, name, size) }),
    }))),
    field(say('loss'), select({
      label: say('What starts the backward pass: unit-variance noise at the outputs, or a loss'), options: losses, value: options.loss, testid: 'loss',
      onChange: (value) => change({ loss: losses.find((loss) => loss.value === value)?.value ?? options.loss }),
    })),
    ...(isOpen ? rareControls(context.conditions, options, change, actions.onPickData) : []),
    more,
    input === '' ? null
      : element('span', { class: 'inputs muted cut', text: say('input {0}', input), title: say('What is fed\n{0}', inputs.join('\n')), testid: 'inputs' }),
  ];
}

const rareOnes = ({ batchNorm, dropout, data, input }: SimulationOptions): string => JSON.stringify({ batchNorm, dropout, data, input });

function conditionNames({ batchNorm, dropout, input }: Conditions): readonly string[] {
  return [...(batchNorm ? [say('batch normalization')] : []), ...(dropout ? [say('dropout')] : []), say('data'), ...(input ? [say('inputs')] : [])];
}

/** Conditions that are left as they are most of the time; what the network does not have makes no difference to it. */
function rareControls(
  { batchNorm, dropout, input }: Conditions, options: SimulationOptions, change: (part: Partial<SimulationOptions>) => void,
  onPickData: ToolbarActions['onPickData'],
): readonly Child[] {
  const isMadeUp = input && options.data === null;
  return [
    batchNorm ? field('BN', select({
      label: say('Batch normalization: statistics of the batch (training) or the stored ones (inference)'), options: normModes, value: options.batchNorm,
      testid: 'batch-norm', onChange: (value) => change({ batchNorm: value === 'inference' ? 'inference' : 'training' }),
    })) : null,
    dropout ? field(say('dropout'), select({
      label: say('Dropout: off, or on with masks drawn per seed'), options: dropoutModes, value: options.dropout ? 'on' : 'off', testid: 'dropout',
      onChange: (value) => change({ dropout: value === 'on' }),
    })) : null,
    field(say('data'), dataSelect(options.data, () => change({ data: null }), onPickData)),
    isMadeUp ? field(say('input mean'), numberField({
      label: say('Mean of the inputs that are made up'), value: options.input?.mean ?? null, least: -Infinity, isWhole: false, testid: 'input-mean',
      onChange: (mean) => change({ input: moments(mean, options.input?.variance ?? null) }),
    })) : null,
    isMadeUp ? field(say('input variance'), numberField({
      label: say('Variance of the inputs that are made up'), value: options.input?.variance ?? null, least: 0, isWhole: false, testid: 'input-variance',
      onChange: (variance) => change({ input: moments(options.input?.mean ?? null, variance) }),
    })) : null,
  ];
}

/** Samples of the user's, or inputs that are made up. */
function dataSelect(path: string | null, makeUp: () => void, onPickData: ToolbarActions['onPickData']): HTMLElement {
  return select({
    label: say('What is fed: inputs that are made up, or samples of your own'), testid: 'data', value: path === null ? 'made-up' : 'given',
    options: [
      { value: 'made-up', title: say('made up') }, ...(path === null ? [] : [{ value: 'given', title: shortened(baseName(path), 24) }]),
      { value: 'file', title: say('File (.npz, .csv)…') }, { value: 'folder', title: say('Folder of images…') },
    ],
    onChange(value) {
      if (value === 'file' || value === 'folder') onPickData(value);
      else if (value === 'made-up') makeUp();
    },
  });
}

/** Of the inputs that are made up; both left empty leaves it to the file. */
function moments(mean: number | null, variance: number | null): SimulationOptions['input'] {
  return mean === null && variance === null ? null : { mean: mean ?? 0, variance: variance ?? 1 };
}

function withSize(dims: SimulationOptions['dims'], name: string, size: number | null): SimulationOptions['dims'] {
  const others = Object.entries(dims).filter(([known]) => known !== name);
  return Object.fromEntries(size === null ? others : [...others, [name, size]]);
}
