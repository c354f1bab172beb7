// The First Steps page: what is asked for, how far it has come, and what it shows.

import type { PanelMethods } from '../../../src/protocol/panel';
import type { SchemeId } from '../../../src/protocol/schemes';
import type { TrainingOptions } from '../../../src/protocol/training';
import type { ShownRun, TrainingGrowth, TrainingView } from '../../../src/protocol/trainingView';
import { say } from '../../../src/protocol/words';
import { recall, remember, type Host } from '../../messaging/connection';
import { element, replaceChildren } from '../../ui/element';
import { createProgressBar } from '../progressBar';
import { askForParameters } from '../schemeChips';
import { planNotices } from '../verdictLine';
import { grown } from './growth';
import { layerQuantities } from './layerCurves';
import { createTrainingCharts, type TrainingViewing } from './trainingCharts';
import { progressOf, spokenOf, trainingNote, waitingFor } from './progress';
import { endNotices, trainingLine } from './trainingLine';
import { failedTraining, failedTrainingBanner, idleTraining, stoppedTraining, waitingTraining } from './trainingPictures';
import { createTrainingToolbar, type TrainingModel } from './trainingToolbar';

export interface TrainingPage {
  show(view: TrainingView): void;
  grew(growth: TrainingGrowth): void;
}

interface Remembered {
  readonly trainingCurve: string;
  readonly trainingLog: boolean;
  readonly trainingLayers: string;
  readonly trainingTable: boolean;
}

export function createTrainingPage(page: HTMLElement, host: Host<PanelMethods>): TrainingPage {
  let viewing = viewingOf(recall<Remembered>({ trainingCurve: 'cost', trainingLog: false, trainingLayers: 'activation', trainingTable: false }));
  let model: TrainingModel | null = null;
  let runs: readonly ShownRun[] = [];
  /** Options changed here that no training has been asked for with. */
  let draft: { readonly file: string; readonly options: TrainingOptions } | null = null;

  const toolbar = createTrainingToolbar({
    onOptions: change, onTrain: train, onSteer: (to) => void host.call('steerTraining', { to }), onPick: (of) => void pick(of),
    onParameters: (scheme) => void ask(scheme),
    onApply(scheme) {
      const now = options();
      if (now) void host.call('apply', { scheme, options: now.parameters[scheme] ?? {}, seed: now.seed });
    },
    onTable() {
      look({ ...viewing, isTable: !viewing.isTable });
      showTable();
    },
  });
  const charts = createTrainingCharts(viewing, host, (next) => look({ ...next, isTable: viewing.isTable }));
  const progress = createProgressBar('training-progress', say('Progress of the training'));
  const line = element('div', { class: 'headline', testid: 'learning-verdict' });
  const note = element('span', { class: 'muted number progress-note', testid: 'training-note' });
  /** Read aloud where it is another: not how far a run is, ten times a second. */
  const spoken = element('div', { class: 'visually-hidden', role: 'status' });
  let said = '';
  const notices = element('div', { class: 'plan-notices' });
  const banner = element('div', { class: 'banner' });
  const stage = element('div', { class: 'stage' });
  const actions = { onTrain: train, onLog: () => void host.call('showLog', {}) };
  replaceChildren(page, [progress.root, toolbar.root, line, spoken, banner, notices, stage]);

  function look(next: TrainingViewing): void {
    viewing = next;
    remember({ trainingCurve: next.curve, trainingLog: next.isLog, trainingLayers: next.layers, trainingTable: next.isTable } satisfies Remembered);
  }

  const options = (): TrainingOptions | null => draft?.options ?? model?.options ?? null;

  function change(next: TrainingOptions): void {
    if (!model) return;
    draft = { file: model.file, options: next };
    draw();
  }

  async function pick(of: 'file' | 'folder'): Promise<void> {
    const { path } = await host.call('pickTrainingData', { of });
    const chosen = options();
    toolbar.settle();
    if (chosen) change(path === null ? chosen : { ...chosen, data: { kind: 'file', path } });
  }

  async function ask(scheme: SchemeId): Promise<void> {
    const asked = options();
    const compared = asked && await askForParameters(host, asked, scheme);
    const now = options();
    if (now && compared) change({ ...now, parameters: compared.parameters });
  }

  function train(): void {
    const wanted = options();
    if (wanted) void host.call('train', { options: wanted });
  }

  function showTable(): void {
    charts.showTable(viewing.isTable);
    toolbar.showTable(viewing.isTable);
  }

  function drawStatus(shown: TrainingModel, chosen: TrainingOptions): void {
    document.body.dataset.training = shown.status.kind;
    toolbar.showStatus(shown.status);
    progress.show(progressOf(shown.status));
    note.textContent = trainingNote(shown.status);
    note.hidden = note.textContent === '';
    const ends = runs.map(({ scheme, seed, end, isKept }) => [scheme, seed, end, isKept]);
    const wanted = JSON.stringify([shown.verdict, shown.status.kind, shown.isPast, chosen.steps, ends]);
    if (wanted !== said) {
      said = wanted;
      drawLine(shown, chosen);
    }
    line.hidden = shown.status.kind === 'idle';
  }

  function drawLine(shown: TrainingModel, chosen: TrainingOptions): void {
    replaceChildren(line, trainingLine(shown, runs, chosen.steps, note, {
      onApply: ({ scheme, seed }) => void host.call('applyTrained', { scheme, seed }),
      onMore: () => void host.call('continueTraining', { steps: chosen.steps }),
    }));
    if (shown.verdict) line.dataset.severity = shown.verdict.severity;
    else delete line.dataset.severity;
    spoken.textContent = shown.verdict?.text ?? spokenOf(shown.status);
  }

  function drawStage(shown: TrainingModel, chosen: TrainingOptions): void {
    const { status } = shown;
    const hasCurves = runs.some(({ losses }) => losses.length > 0) || shown.trials.length > 0;
    const isKept = runs.some((run) => run.isKept);
    replaceChildren(banner, hasCurves && status.kind === 'failed' ? [failedTrainingBanner(status.error, isKept, actions)] : []);
    if (!hasCurves) {
      replaceChildren(stage, [pictureOf(shown, chosen)]);
      return;
    }
    if (!charts.root.isConnected) replaceChildren(stage, [charts.root]);
    charts.show(shown, runs);
  }

  function pictureOf({ status, file, plan }: TrainingModel, chosen: TrainingOptions): HTMLElement {
    switch (status.kind) {
      case 'idle': return idleTraining(file, chosen, actions);
      case 'planning':
        return waitingTraining(status.behind === null ? say('Preparing the graph, its backward pass and its data…') : waitingFor(status.behind));
      case 'running': case 'held': return waitingTraining(plan && chosen.rate === 'find' ? say('Finding learning rates…') : say('Taking the first step…'));
      case 'failed': return failedTraining(status.error, actions);
      case 'stopped': case 'finished': return stoppedTraining(actions);
    }
  }

  function draw(): void {
    const chosen = options();
    if (!model || !chosen) return;
    toolbar.show(model, chosen);
    drawStatus(model, chosen);
    replaceChildren(notices, [...endNotices(model, runs), ...planNotices(model.plan)]);
    drawStage(model, chosen);
    showTable();
  }

  return {
    show(view) {
      page.classList.toggle('is-empty', view.kind === 'none');
      if (view.kind === 'none') {
        model = null;
        return;
      }
      model = view;
      runs = view.runs;
      if (draft && (draft.file !== view.file || JSON.stringify(draft.options) === JSON.stringify(view.options))) draft = null;
      draw();
    },
    grew(growth) {
      const chosen = options();
      if (!model || !chosen) return;
      model = { ...model, status: growth.status };
      runs = grown(runs, growth);
      drawStatus(model, chosen);
      drawStage(model, chosen);
    },
  };
}

function viewingOf({ trainingCurve, trainingLog, trainingLayers, trainingTable }: Remembered): TrainingViewing {
  return {
    curve: trainingCurve === 'accuracy' ? 'accuracy' : 'cost', isLog: trainingLog, isTable: trainingTable,
    layers: layerQuantities.find((known) => known === trainingLayers) ?? 'activation',
  };
}
