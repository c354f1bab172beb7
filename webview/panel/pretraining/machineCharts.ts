// Machines while they learn: what is watched over their epochs, and, of one of them, its numbers, its filters and what it reconstructs.

import type { ShownMachine } from '../../../src/protocol/pretrainingView';
import { say } from '../../../src/protocol/words';
import { grouped, shortened, significant } from '../../format';
import type { PanelMethods } from '../../../src/protocol/panel';
import type { Host } from '../../messaging/connection';
import { element, replaceChildren } from '../../ui/element';
import { oncePerFrame } from '../../ui/frames';
import { select } from '../../ui/kit';
import { onThemeChange, readPalette, type Palette } from '../../ui/theme';
import { createFigureActions } from '../figure/printChoice';
import type { LineStyle } from '../schemeStyle';
import { linearScale, logarithmicScale, type AxisScale } from '../training/axisScale';
import type { CurveContent } from '../training/curveChart';
import { createCurvePane } from '../training/curvePane';
import type { Curve, CurvePoint } from '../training/curves';
import { factsOf, knownMonitors, monitorCurves, monitorTitles, type Monitor } from './monitors';
import { createPictureGrid } from './pictureGrid';
import type { PretrainingModel } from './pretrainingToolbar';

export interface MachineCharts {
  readonly root: HTMLElement;
  show(model: PretrainingModel): void;
  showTable(isShown: boolean): void;
}

const machineCaption = ({ file, plan }: PretrainingModel): string => `${[file, plan?.data ?? ''].filter((part) => part !== '').join(': ')}. Initscope.`;

const epochPixels = 48;
/** Layers are told apart by colour, then by dashes. */
const colours = ['blue', 'orange', 'green', 'purple', 'yellow', 'red'] as const;
const shapes = ['circle', 'rect', 'triangle', 'rectRot', 'cross', 'star'] as const;
const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [10, 3, 2, 3]];

export function createMachineCharts(initial: Monitor, host: Host<PanelMethods>, onMonitor: (monitor: Monitor) => void): MachineCharts {
  let monitor = initial;
  let palette = readPalette();
  let model: PretrainingModel | null = null;
  /** Null follows the machine that learns. */
  let layer: string | null = null;
  let drawnChoices = '';

  const choices = element('span');
  const figure = createFigureActions(host, (title) => ({ title, axis: '', caption: model ? [machineCaption(model)] : [] }));
  const pane = createCurvePane({ testid: 'epochs', title: say('Machines over epochs'), short: say('Epochs'), palette, controls: [choices], figure });
  const filters = createPictureGrid('filters', say('Filters: the weights of hidden units'), false);
  const reconstructions = createPictureGrid('reconstructions', say('Samples, each with its reconstruction'), true);
  /** Which line is whose, and which machine is looked at. */
  const layerChoice = element('div', { class: 'segments machine-layers', role: 'group', label: say('Machine of which layer') });
  const facts = element('dl', { class: 'machine-facts number copyable', testid: 'machine-facts' });
  const machinePane = element('section', { class: 'machine-pane', testid: 'machine-pane', label: say('One machine') }, [
    element('div', { class: 'pane-heading' }, [element('h2', { text: say('Machines') })]), layerChoice, facts, filters.root, reconstructions.root,
  ]);
  const root = element('div', { class: 'training-charts machines', testid: 'machine-charts', role: 'group', label: say('Charts of the pre-training') },
    [pane.root, machinePane]);

  function drawChoices({ machines }: PretrainingModel): Monitor {
    const known = knownMonitors(machines);
    const drawn = known.find((each) => each === monitor) ?? known[0] ?? 'error';
    const learning = machines.findLast(({ epochs }) => epochs.length > 0);
    const wanted = JSON.stringify([known, drawn, machines.map((machine) => machine.layer), layer, learning?.layer]);
    if (wanted === drawnChoices) return drawn;
    drawnChoices = wanted;
    replaceChildren(choices, [select({
      label: say('What is drawn'), options: known.map((value) => ({ value, title: monitorTitles[value].title })), value: drawn, testid: 'monitor',
      onChange(value) {
        monitor = known.find((each) => each === value) ?? monitor;
        onMonitor(monitor);
        draw();
      },
    })]);
    const isFocused = layerChoice.contains(document.activeElement);
    replaceChildren(layerChoice, machines.map((machine, at) => layerButton(machine, at, (layer ?? learning?.layer) === machine.layer, () => {
      layer = machine.layer;
      draw();
    })));
    if (isFocused) layerChoice.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus();
    return drawn;
  }

  function draw(): void {
    if (!model) return;
    const { machines, plan } = model;
    const drawn = drawChoices(model);
    pane.draw(contentOf(monitorCurves(machines, drawn), machines, drawn, plan?.epochs ?? 1), palette);
    const shown = machines.find((machine) => machine.layer === layer) ?? machines.findLast(({ epochs }) => epochs.length > 0);
    if (shown) drawMachine(shown);
  }

  function drawMachine(machine: ShownMachine): void {
    replaceChildren(facts, factsOf(machine).flatMap(({ term, value }) => [element('dt', { class: 'muted', text: term }), element('dd', { text: value })]));
    const epoch = grouped(machine.epochs.at(-1)?.epoch ?? 0);
    filters.show(machine.filters, say('{0} filters of {1} behind epoch {2}', machine.filters?.images.length ?? 0, machine.layer, epoch));
    reconstructions.show(machine.reconstructions, say('Samples and their reconstructions by {0} behind epoch {1}', machine.layer, epoch));
  }

  const drawSoon = oncePerFrame(draw);
  onThemeChange(() => {
    palette = readPalette();
    drawSoon();
  });

  return {
    root,
    show(next) {
      model = next;
      if (next.status.kind === 'planning' || !next.machines.some((machine) => machine.layer === layer)) layer = null;
      drawSoon();
    },
    showTable: (isShown) => pane.showTable(isShown),
  };
}

function layerButton({ layer }: ShownMachine, at: number, isShown: boolean, onClick: () => void): HTMLElement {
  const created = element('button', {
    class: 'segment', testid: `machine-${layer}`, title: layer, attributes: { 'type': 'button', 'aria-pressed': String(isShown) },
  }, [element('span', { class: `swatch ink-${colours[at % colours.length] ?? 'blue'}` }), element('span', { class: 'cut', text: shortened(layer, 24) })]);
  created.addEventListener('click', onClick);
  return created;
}

function contentOf(curves: readonly Curve[], machines: readonly ShownMachine[], monitor: Monitor, epochs: number): CurveContent {
  const indexOf = ({ key }: Curve): number => Math.max(0, machines.findIndex(({ layer }) => layer === key));
  return {
    curves, reference: null, x: linearScale(0, epochs, { pixelsPerTick: epochPixels, isWhole: true }), y: scaleOf(curves, monitor),
    xTitle: say('epoch'), yTitle: monitorTitles[monitor].axis, titleOf: ({ key }) => key, styleOf: (curve, palette) => styleOf(indexOf(curve), palette),
    nameOf: (x) => say('epoch {0}', grouped(x)), valueOf: withError,
  };
}

const withError = ({ median, high }: CurvePoint): string => (high > median ? `${significant(median)} ± ${significant(high - median)}` : significant(median));

function scaleOf(curves: readonly Curve[], monitor: Monitor): AxisScale {
  const values = curves.flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high]));
  if (monitor === 'update') return logarithmicScale(values);
  const [least, most] = [Math.min(0, ...values), Math.max(0, ...values)];
  return linearScale(least * 1.04, most * 1.04 || (least < 0 ? 0 : 1));
}

function styleOf(index: number, palette: Palette): LineStyle {
  const at = index % colours.length;
  return {
    colour: palette[colours[at] ?? 'blue'], shape: shapes[at] ?? 'circle', filled: true,
    dash: dashes[(Math.floor(index / colours.length) + (palette.highContrast ? at : 0)) % dashes.length] ?? [],
  };
}
