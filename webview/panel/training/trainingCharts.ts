// The charts of a training: the cost over its steps, the layers at one of them, and what the range test found.

import type { TrainingPlan } from '../../../src/protocol/training';
import type { SchemeDescription, SimulatedScheme } from '../../../src/protocol/schemes';
import type { ShownRun } from '../../../src/protocol/trainingView';
import { say } from '../../../src/protocol/words';
import { grouped, significant } from '../../format';
import type { PanelMethods } from '../../../src/protocol/panel';
import type { Host } from '../../messaging/connection';
import { element } from '../../ui/element';
import { oncePerFrame } from '../../ui/frames';
import { select } from '../../ui/kit';
import { onThemeChange, readPalette } from '../../ui/theme';
import { createChartPane } from '../chartPane';
import { createFigureActions } from '../figure/printChoice';
import { lineStyle } from '../schemeStyle';
import { variance } from '../series';
import { linearScale, logarithmicScale, percent, type AxisScale } from './axisScale';
import type { CurveContent } from './curveChart';
import { createCurvePane } from './curvePane';
import { chanceOf, collectCurves, topOf, trialCurves, type Curve, type CurvePoint, type CurveQuantity } from './curves';
import { healthyUpdate, layerQuantities, layerSeries, observedSteps, type LayerQuantity } from './layerCurves';
import { createScrubber } from './scrubber';
import type { TrainingModel } from './trainingToolbar';

/** What the reader looks at; survives hiding the view. */
export interface TrainingViewing {
  readonly curve: CurveQuantity;
  readonly isLog: boolean;
  readonly layers: LayerQuantity;
  readonly isTable: boolean;
}

export interface TrainingCharts {
  readonly root: HTMLElement;
  show(model: TrainingModel, runs: readonly ShownRun[]): void;
  showTable(isShown: boolean): void;
}

const layerTitles: Readonly<Record<LayerQuantity, { readonly title: string; readonly axis: string }>> = {
  activation: { title: say('activation'), axis: variance },
  gradient: { title: say('gradient'), axis: variance },
  update: { title: say('update/weight'), axis: '‖ΔW‖ / ‖W‖' },
};
const quantityTitles: Readonly<Record<CurveQuantity, string>> = { cost: say('cost'), accuracy: say('accuracy') };
const stepPixels = 64;

export function createTrainingCharts(initial: TrainingViewing, host: Host<PanelMethods>, onView: (viewing: TrainingViewing) => void): TrainingCharts {
  let viewing = initial;
  let palette = readPalette();
  let model: TrainingModel | null = null;
  let runs: readonly ShownRun[] = [];
  let layer = 0;

  const figure = createFigureActions(host, (title) => ({
    title, axis: layerTitles[viewing.layers].axis, caption: model ? trainingCaption(model) : [],
  }));
  const log = element('button', {
    class: 'segment', testid: 'log-scale', text: say('log'), title: say('Logarithmic axis'),
      attributes: { 'type': 'button', 'aria-pressed': String(viewing.isLog) },
  });
  log.addEventListener('click', () => {
    view({ isLog: !viewing.isLog });
    log.setAttribute('aria-pressed', String(viewing.isLog));
  });
  const quantity = select({
    label: say('What is drawn'), value: viewing.curve, testid: 'curve-quantity',
    options: [{ value: 'cost', title: quantityTitles.cost }, { value: 'accuracy', title: quantityTitles.accuracy }],
    onChange: (value) => view({ curve: value === 'accuracy' ? 'accuracy' : 'cost' }),
  });
  const steps = createCurvePane({ testid: 'cost', title: say('Learning over steps'), short: say('Steps'), palette, controls: [quantity, log], figure });
  const layers = createChartPane({
    testid: 'layers', title: say('Layers as training moves'), short: say('Layers'), palette, figure,
    quantities: layerQuantities.map((value) => ({ value, title: layerTitles[value].title })), quantity: viewing.layers,
    onQuantity: (value) => view({ layers: layerQuantities.find((known) => known === value) ?? 'activation' }),
    onPoint: (index) => layers.point(index ?? layer),
    onSelect(index) {
      layer = index;
      layers.point(index);
    },
  });
  const scrubber = createScrubber(drawLayers);
  layers.root.append(scrubber.root);
  const trials = createCurvePane({ testid: 'range', title: say('Range test of the learning rate'), short: say('Range test'), palette, controls: [], figure });
  const root = element('div', { class: 'training-charts', testid: 'training-charts', role: 'group', label: say('Charts of the training') },
    [steps.root, layers.root, trials.root]);

  function view(change: Partial<TrainingViewing>): void {
    viewing = { ...viewing, ...change };
    onView(viewing);
    draw();
  }

  /** In the order in which the chips stand; those that ran may be others than those that are chosen now. */
  const shownSchemes = (): readonly SimulatedScheme[] => (model?.schemes ?? []).map(({ id }) => id).filter((id) => runs.some(({ scheme }) => scheme === id));

  function draw(): void {
    if (!model) return;
    const hasLabels = runs.some(({ accuracies }) => accuracies.length > 0);
    quantity.hidden = !hasLabels;
    const drawn = hasLabels ? viewing.curve : 'cost';
    log.hidden = drawn === 'accuracy';
    const schemes = shownSchemes();
    steps.draw(stepContent(collectCurves(runs, schemes, drawn), model, { ...viewing, curve: drawn }), palette);
    const found = trialCurves(model.trials, model.schemes.map(({ id }) => id));
    trials.root.hidden = found.length === 0;
    root.classList.toggle('with-trials', found.length > 0);
    if (found.length > 0) trials.draw(trialContent(found, model.schemes), palette);
    scrubber.show(observedSteps(runs));
    drawLayers();
  }

  function drawLayers(): void {
    if (!model) return;
    const names = layerNames(model.plan, runs);
    const step = scrubber.step;
    const series = step === null ? [] : layerSeries(runs, shownSchemes(), names, viewing.layers, step);
    layers.draw({
      layers: names, series, unsupported: model.plan?.unsupported ?? [], quantity: layerTitles[viewing.layers].axis,
      titleOf: ({ scheme }) => titleOf(model?.schemes ?? [], scheme), ...(viewing.layers === 'update' ? { healthy: healthyUpdate } : {}),
    }, palette, new Map());
  }

  const drawSoon = oncePerFrame(draw);
  onThemeChange(() => {
    palette = readPalette();
    drawSoon();
  });

  return {
    root,
    show(next, nextRuns) {
      model = next;
      runs = nextRuns;
      drawSoon();
    },
    showTable(isShown) {
      for (const pane of [steps, layers, trials]) pane.showTable(isShown);
    },
  };
}

/** Whose figure it is, and how it was trained. */
function trainingCaption({ file, options, plan }: TrainingModel): readonly string[] {
  const { seeds, seed, rate, optimizer } = options;
  const parts = [
    seeds === 1 ? say('seed {0}', seed) : say('seeds {0} to {1}', seed, seed + seeds - 1), plan?.optimizer ?? optimizer,
    rate === 'find' ? say('learning rates by a range test') : say('learning rate {0}', significant(rate)), plan ? say('batch {0}', plan.batch) : '',
    plan?.data ?? '',
  ];
  return [`${file}: ${parts.filter((part) => part !== '').join(', ')}.`, say('Lines: median over seeds; bands: from the least to the largest. Initscope.')];
}

const titleOf = (schemes: readonly SchemeDescription[], id: string): string => schemes.find((scheme) => scheme.id === id)?.title ?? id;

const styleOf = (schemes: readonly SchemeDescription[]): CurveContent['styleOf'] => ({ key }, palette) => (
  lineStyle(schemes.find(({ id }) => id === key)?.id ?? 'current', palette));

function layerNames(plan: TrainingPlan | null, runs: readonly ShownRun[]): readonly string[] {
  const planned = plan?.layers ?? [];
  return planned.length > 0 ? planned : runs.flatMap(({ snapshots }) => snapshots[0]?.layers ?? []).map(({ name }) => name);
}

/** "2.31 (2.30 to 2.45)" */
const spread = (write: (value: number) => string) => ({ median, low, high }: CurvePoint): string => (
  low === high ? write(median) : say('{0} ({1} to {2})', write(median), write(low), write(high)));

function stepContent(curves: readonly Curve[], { plan, schemes, options }: TrainingModel, { curve, isLog }: TrainingViewing): CurveContent {
  const reference = plan && chanceOf(plan, curve);
  const last = Math.max(1, (plan?.steps ?? options.steps) - 1, ...curves.map(({ points }) => points.at(-1)?.x ?? 0));
  const isCost = curve === 'cost';
  return {
    curves, reference, x: linearScale(0, last, { pixelsPerTick: stepPixels, isWhole: true }),
    y: isCost ? costScale(curves, reference, isLog) : linearScale(0, 1, { label: percent }),
    xTitle: say('step'), yTitle: quantityTitles[curve], titleOf: ({ key }) => titleOf(schemes, key), styleOf: styleOf(schemes),
      nameOf: (x) => say('step {0}', grouped(x)),
    valueOf: spread(isCost ? significant : percent),
  };
}

function costScale(curves: readonly Curve[], reference: CurveContent['reference'], isLog: boolean): AxisScale {
  if (!isLog) return linearScale(0, topOf(curves, reference) * 1.04);
  return logarithmicScale([...curves.flatMap(({ points }) => points.flatMap(({ low, high }) => [low, high])), ...(reference ? [reference.y] : [])]);
}

function trialContent(curves: readonly Curve[], schemes: readonly SchemeDescription[]): CurveContent {
  const found = curves.map((curve) => [curve.key, curve.marks[0]?.x] as const);
  const nameOfFound = (scheme: string): string => {
    const rate = found.find(([known]) => known === scheme)?.[1];
    return rate === undefined ? titleOf(schemes, scheme) : say('{0}, found {1}', titleOf(schemes, scheme), significant(rate));
  };
  return {
    curves, reference: null, x: logarithmicScale(curves.flatMap(({ points }) => points.map(({ x }) => x)), stepPixels),
    y: linearScale(0, topOf(curves, null) * 1.04), xTitle: say('learning rate'), yTitle: quantityTitles.cost, titleOf: ({ key }) => nameOfFound(key),
      styleOf: styleOf(schemes),
    nameOf: (x) => say('rate {0}', significant(x)), valueOf: spread(significant),
  };
}
