// The Pre-training page: machines that learn layer by layer, what is watched of them, and what they see.

import type { PanelMethods } from '../../../src/protocol/panel';
import type { PretrainingOptions } from '../../../src/protocol/pretraining';
import type { PretrainingView } from '../../../src/protocol/pretrainingView';
import { say, sayOf } from '../../../src/protocol/words';
import { baseName, duration, grouped } from '../../format';
import { recall, remember, type Host } from '../../messaging/connection';
import { element, icon, replaceChildren, type Child } from '../../ui/element';
import { button } from '../../ui/kit';
import { severityWord } from '../../ui/severityWord';
import { createProgressBar } from '../progressBar';
import { progressOf, waitingFor } from '../training/progress';
import { failedTraining, failedTrainingBanner, waitingTraining } from '../training/trainingPictures';
import { disclosure } from '../verdictLine';
import { createMachineCharts } from './machineCharts';
import { monitors, type Monitor } from './monitors';
import { createPretrainingToolbar, type PretrainingModel } from './pretrainingToolbar';

export interface PretrainingPage {
  show(view: PretrainingView): void;
}

interface Remembered {
  readonly monitor: string;
  readonly pretrainingTable: boolean;
}

export function createPretrainingPage(page: HTMLElement, host: Host<PanelMethods>): PretrainingPage {
  const stored = recall<Remembered>({ monitor: 'error', pretrainingTable: false });
  let monitor: Monitor = monitors.find((known) => known === stored.monitor) ?? 'error';
  let isTable = stored.pretrainingTable;
  let model: PretrainingModel | null = null;
  let draft: { readonly file: string; readonly options: PretrainingOptions } | null = null;

  const toolbar = createPretrainingToolbar({
    onOptions: change, onStart: start, onSteer: (to) => void host.call('steerPretraining', { to }), onPick: (of) => void pick(of),
    onTable() {
      isTable = !isTable;
      keep();
      showTable();
    },
  });
  const charts = createMachineCharts(monitor, host, (next) => {
    monitor = next;
    keep();
  });
  const progress = createProgressBar('pretraining-progress', say('Progress of the pre-training'));
  const line = element('div', { class: 'headline', testid: 'pretraining-line' });
  const spoken = element('div', { class: 'visually-hidden', role: 'status' });
  const notices = element('div', { class: 'plan-notices' });
  const banner = element('div', { class: 'banner' });
  const stage = element('div', { class: 'stage' });
  const actions = { onTrain: start, onLog: () => void host.call('showLog', {}) };
  replaceChildren(page, [progress.root, toolbar.root, line, spoken, banner, notices, stage]);

  const keep = (): void => remember({ monitor, pretrainingTable: isTable } satisfies Remembered);
  const options = (): PretrainingOptions | null => draft?.options ?? model?.options ?? null;

  function change(next: PretrainingOptions): void {
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

  function start(): void {
    const wanted = options();
    if (wanted) void host.call('pretrain', { options: wanted });
  }

  function showTable(): void {
    charts.showTable(isTable);
    toolbar.showTable(isTable);
  }

  function drawStatus(shown: PretrainingModel): void {
    const { status } = shown;
    document.body.dataset.pretraining = status.kind;
    toolbar.showStatus(status);
    const said = noteOf(shown);
    progress.show(progressOf(status));
    replaceChildren(line, lineOf(shown, said, host));
    line.hidden = status.kind === 'idle' || status.kind === 'failed';
    if (status.kind !== 'running') spoken.textContent = said;
  }

  function drawStage(shown: PretrainingModel): void {
    const { status, machines, learned } = shown;
    const hasCurves = machines.some(({ epochs }) => epochs.length > 0);
    replaceChildren(banner, hasCurves && status.kind === 'failed' ? [failedTrainingBanner(status.error, learned.length > 0, actions)] : []);
    if (!hasCurves) {
      replaceChildren(stage, [pictureOf(shown)]);
      return;
    }
    if (!charts.root.isConnected) replaceChildren(stage, [charts.root]);
    charts.show(shown);
  }

  function pictureOf({ status, file }: PretrainingModel): HTMLElement {
    if (status.kind === 'failed') return failedTraining(status.error, actions);
    if (status.kind === 'planning' && status.behind !== null) return waitingTraining(waitingFor(status.behind));
    if (status.kind === 'planning' || status.kind === 'running' || status.kind === 'held') return waitingTraining(say('Looking at the layers and their data…'));
    return element('div', { class: 'picture', testid: 'pretraining-idle' }, [
      element('h2', { text: say('Pre-train {0}', baseName(file)) }),
      element('p', {
        text: say('Restricted Boltzmann machines learn the layers from the front, one on what the other hands on: a deep belief net (Hinton, Osindero & Teh '
          + '2006). What they learn can become the weights that training starts from. The theory is of units that are on or off; '
          + 'other activations start from it all the same.'),
      }),
      element('div', { class: 'actions' }, [button({ label: say('Pre-train'), kind: 'primary', icon: 'play', testid: 'pretrain-first', onClick: start })]),
    ]);
  }

  function draw(): void {
    const chosen = options();
    if (!model || !chosen) return;
    toolbar.show(model, chosen);
    drawStatus(model);
    replaceChildren(notices, noticesOf(model));
    drawStage(model);
    showTable();
  }

  return {
    show(view) {
      page.classList.toggle('is-empty', view.kind === 'none');
      model = view.kind === 'none' ? null : view;
      if (!model) return;
      if (draft && (draft.file !== model.file || JSON.stringify(draft.options) === JSON.stringify(model.options))) draft = null;
      draw();
    },
  };
}

/** How far it is, or what came of it. */
function noteOf({ status, ended, plan, learned }: PretrainingModel): string {
  switch (status.kind) {
    case 'idle': case 'failed': return '';
    case 'planning': return status.behind === null ? say('Looking at the layers and their data…') : waitingFor(status.behind);
    case 'running': return sayOf(status.total, '{1} of {0} epoch', '{1} of {0} epochs', grouped(status.done));
    case 'held': return sayOf(status.total, 'Paused at {1} of {0} epoch', 'Paused at {1} of {0} epochs', grouped(status.done));
    case 'stopped': return ended ?? sayOf(status.total, 'Stopped after {1} of {0} epoch.', 'Stopped after {1} of {0} epochs.', grouped(status.done));
    case 'finished': return sayOf(learned.length, '{0} layer learned from {1} samples in {2}.', '{0} layers learned from {1} samples in {2}.',
      grouped(plan?.samples ?? 0), duration(status.elapsedMs));
  }
}

function lineOf({ status, learned, readOnly }: PretrainingModel, said: string, host: Host<PanelMethods>): readonly Child[] {
  const isOver = status.kind === 'finished' || status.kind === 'stopped' || status.kind === 'failed';
  const mark = status.kind === 'finished' ? icon('pass', say('all well')) : status.kind === 'stopped' ? icon('info', severityWord('info')) : null;
  mark?.classList.add(status.kind === 'finished' ? 'severity-ok' : 'severity-info');
  return [
    mark, element('span', { class: isOver ? 'sentence copyable' : 'muted number progress-note', text: said, testid: 'pretraining-note' }),
    isOver && learned.length > 0 ? button({
      label: say('Apply Pre-trained Weights'), kind: 'primary', testid: 'apply-pretrained', disabled: readOnly !== null,
      title: readOnly ?? say('Make what was learned the weights of the model'), onClick: () => void host.call('applyPretrained', {}),
    }) : null,
    isOver && learned.length > 0 ? button({
      label: say('Fine-tune'), testid: 'fine-tune',
        title: say('First steps of training from the weights as they are now, beside Xavier and He, on the same data'),
      onClick: () => void host.call('fineTune', {}),
    }) : null,
  ];
}

function noticesOf({ plan }: PretrainingModel): readonly Child[] {
  if (!plan) return [];
  const count = plan.left.length;
  return [
    count === 0 ? null : disclosure('info', sayOf(count, '{0} layer left as it is', '{0} layers left as they are'), 'layers-left',
      plan.left.map(({ layer, reason }) => `${layer}: ${reason}.`)),
    plan.notes.length === 0 ? null : disclosure('info', sayOf(plan.notes.length, '{0} note', '{0} notes'), 'pretraining-notes', plan.notes),
  ];
}
