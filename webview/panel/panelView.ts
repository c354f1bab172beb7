import type { PanelMethods, PanelState, PanelStatus } from '../../src/protocol/panel';
import type { Verdict } from '../../src/protocol/verdict';
import type { SchemeId } from '../../src/protocol/schemes';
import type { SimulationOptions, SimulationRun } from '../../src/protocol/simulation';
import { say } from '../../src/protocol/words';
import { recall, remember, type Host } from '../messaging/connection';
import { element, replaceChildren } from '../ui/element';
import { comparisonPictures, layersOf, type Viewing } from './comparison';
import {
  emptyPicture, failedBanner, failedPicture, idlePicture, nothingMeasuredPicture, stoppedPicture, unavailablePicture, waitingPicture,
} from './pictures';
import type { ModelState } from './modelState';
import { createProgressBar, type Progress } from './progressBar';
import { askForParameters } from './schemeChips';
import { backwardQuantities, forwardQuantities } from './series';
import { createSimulationToolbar } from './simulationToolbar';
import { createWhatIfBar } from './whatIfBar';
import { planNotices, progressNote, verdictLine } from './verdictLine';
import { createWorkspace } from './workspace';

export interface Panel {
  show(state: PanelState): void;
  /** Puts the cursor at a layer. */
  select(layer: string): void;
  ran(run: SimulationRun, verdict: Verdict | null, status: PanelStatus): void;
}

interface Remembered {
  readonly layer: string;
  readonly forward: string;
  readonly backward: string;
  readonly isTable: boolean;
  readonly isWhatIf: boolean;
  readonly picture: string;
  readonly ridgeScale: string;
  readonly isLinear: boolean;
}

/** Whoever changes one control often changes the next. */
const pauseMs = 250;

/** The page of signal and gradient. */
export function createPanel(page: HTMLElement, host: Host<PanelMethods>): Panel {
  let viewing = viewingOf(recall<Remembered>({
    layer: '', forward: 'activation', backward: 'gradient-activation', isTable: false, isWhatIf: false, picture: 'variance', ridgeScale: 'common',
    isLinear: false }));
  let state: ModelState | null = null;
  let runs: SimulationRun[] = [];
  /** Options changed here that the host has not answered yet. */
  let draft: { readonly file: string; readonly options: SimulationOptions } | null = null;

  /** Behind the last of several changes. */
  let changing = 0;
  /** Questions of what theory would say: of the last one the answer is wanted. */
  let foretelling = 0;

  const toolbar = createSimulationToolbar({
    onOptions: changeOptions,
    onParameters(scheme) {
      const asked = options();
      if (!asked) return;
      void askForParameters(host, asked, scheme).then((compared) => {
        const now = options();
        if (now && compared) changeOptions({ ...now, parameters: compared.parameters });
      }, () => undefined);
    },
    onApply: apply,
    onPickData(of) {
      void host.call('pickData', { of }).then(({ path }) => {
        const now = options();
        toolbar.settle();
        if (now) changeOptions(path === null ? now : { ...now, data: path });
      }, () => undefined);
    },
    onRun: simulate,
    onStop: () => void host.call('cancel', {}),
    onWhatIf() {
      viewing = { ...viewing, isWhatIf: !viewing.isWhatIf };
      remember(viewing);
      const now = options();
      if (!viewing.isWhatIf && now && (now.whatIf ?? now.deepen > 0)) changeOptions({ ...now, whatIf: null, deepen: 0 });
      showTable();
    },
    onPicture(picture) {
      viewing = { ...viewing, picture };
      remember(viewing);
      showTable();
    },
    onEarlier: () => void host.call('pickEarlier', {}),
    onTable() {
      viewing = { ...viewing, isTable: !viewing.isTable };
      remember(viewing);
      showTable();
    },
    onGraph: () => workspace.toggleGraph(),
    onSweep: () => workspace.toggleSweep(),
  });
  const workspace = createWorkspace(viewing, host, {
    onLayer: (layer) => whatIf.point(layer),
    onParts: () => toolbar.showParts(workspace.parts),
    onSweepClosed: () => toolbar.focusSweep(),
    onView(next) {
      viewing = { ...next, isTable: viewing.isTable, picture: viewing.picture, isWhatIf: viewing.isWhatIf };
      remember(viewing);
    },
  });
  const whatIf = createWhatIfBar({
    onDrag(asked) {
      const number = ++foretelling;
      if (!asked) return;
      void host.call('foretell', { whatIf: asked, parameters: options()?.parameters ?? {} }).then((theory) => {
        if (number === foretelling && theory) workspace.foretell(theory);
      }, () => undefined);
    },
    onRest(asked) {
      const now = options();
      if (now) changeOptions({ ...now, whatIf: asked });
    },
    onDepth(deepen) {
      const now = options();
      if (now) changeOptions({ ...now, deepen });
    },
  });
  const progress = createProgressBar('progress', say('Progress of the run'));
  const verdict = element('div', { class: 'headline', testid: 'verdict', role: 'status' });
  const notices = element('div', { class: 'plan-notices' });
  const banner = element('div', { class: 'banner' });
  const stage = element('div', { class: 'stage' });
  const actions = {
    onLog: () => void host.call('showLog', {}), onPick: () => void host.call('pickModel', {}), onRun: simulate,
    onSample: () => void host.call('pickSample', {}), onExperiment: () => void host.call('pickExperiment', {}),
  };

  function options(): SimulationOptions | null {
    return draft?.options ?? state?.options ?? null;
  }

  function apply(scheme: SchemeId): void {
    const now = options();
    if (now) void host.call('apply', { scheme, options: now.parameters[scheme] ?? {}, seed: now.seed });
  }

  function simulate(): void {
    clearTimeout(changing);
    const wanted = options();
    if (wanted) void host.call('simulate', { options: wanted });
  }

  /** Once there are results, a change asks for the ones it needs; before that it waits for Run. */
  function changeOptions(next: SimulationOptions): void {
    const previous = options();
    if (!state || !previous) return;
    draft = { file: state.file, options: next };
    draw();
    const isFewer = JSON.stringify({ ...next, schemes: [] }) === JSON.stringify({ ...previous, schemes: [] });
    const isCovered = isFewer && next.schemes.every((id) => previous.schemes.includes(id) || runs.some((run) => run.scheme === id));
    clearTimeout(changing);
    if (state.status.kind !== 'idle' && !isCovered) changing = window.setTimeout(simulate, pauseMs);
  }

  function showTable(): void {
    workspace.showPicture(viewing.picture);
    workspace.showTable(viewing.isTable);
    toolbar.showTable(viewing.isTable);
    toolbar.showPicture(viewing.picture);
    toolbar.showWhatIf(viewing.isWhatIf);
    whatIf.root.hidden = !viewing.isWhatIf;
  }

  function drawStatus(model: ModelState): void {
    const { status } = model;
    document.body.dataset.status = status.kind;
    toolbar.showStatus(status);
    progress.show(progressOf(status));
    replaceChildren(verdict, verdictLine(model, apply));
    if (model.verdict) verdict.dataset.severity = model.verdict.severity;
    else delete verdict.dataset.severity;
    verdict.hidden = verdict.childElementCount === 0 || (runs.length === 0 && model.verdict === null);
  }

  function drawStage(model: ModelState, chosen: SimulationOptions): void {
    const { status } = model;
    const hasResults = (runs.length > 0 || model.earlier !== null) && layersOf(model, runs).length > 0;
    replaceChildren(banner, hasResults && status.kind === 'failed' ? [failedBanner(status.error, actions)] : []);
    if (hasResults) {
      if (!workspace.root.isConnected) replaceChildren(stage, [workspace.root]);
      workspace.show({ ...model, options: chosen }, runs);
      return;
    }
    replaceChildren(stage, [pictureOf(model, chosen)]);
  }

  function pictureOf(model: ModelState, chosen: SimulationOptions): HTMLElement {
    const { status } = model;
    switch (status.kind) {
      case 'idle': return idlePicture(model.file, chosen, simulate);
      case 'running': return waitingPicture(status, model.behind);
      case 'cancelled': return stoppedPicture(simulate);
      case 'failed': return failedPicture(status.error, actions);
      case 'finished': return nothingMeasuredPicture();
    }
  }

  function draw(): void {
    const chosen = options();
    if (!state || !chosen) return;
    document.body.dataset.state = 'model';
    const { file, schemes, dimensions, conditions, plan, readOnly } = state;
    toolbar.show({ file, schemes, options: chosen, dimensions, conditions, inputs: plan?.inputs ?? [], readOnly });
    whatIf.show(file, schemes.filter(({ id }) => chosen.schemes.includes(id)), chosen, conditions.block);
    drawStatus(state);
    replaceChildren(notices, planNotices(state.plan));
    drawStage(state, chosen);
    if (!stage.isConnected) replaceChildren(page, [progress.root, toolbar.root, whatIf.root, verdict, banner, notices, stage]);
    showTable();
    toolbar.showParts(workspace.parts);
  }

  return {
    show(next) {
      if (next.kind !== 'model') {
        state = null;
        delete document.body.dataset.status;
        document.body.dataset.state = next.kind;
        replaceChildren(page, [next.kind === 'empty' ? emptyPicture(actions) : unavailablePicture(next.file, next.error, actions)]);
        return;
      }
      const isBegun = state?.status.kind === 'idle' && next.status.kind === 'running';
      const isOther = state?.file !== next.file;
      if (isOther) {
        clearTimeout(changing);
        foretelling += 1;
      }
      state = next;
      runs = [...next.runs];
      // What the run says of itself has come, or what was foretold is of another network.
      if (isOther || next.status.kind !== 'running' || next.status.stage === 'running') workspace.foretell(null);
      if (draft && (draft.file !== next.file || JSON.stringify(draft.options) === JSON.stringify(next.options))) draft = null;
      // A run that somebody else began is not of what was chosen here before it.
      if (draft && isBegun) changing = window.setTimeout(simulate, pauseMs);
      draw();
    },
    select: (layer) => workspace.select(layer),
    ran(run, nextVerdict, status) {
      if (!state) return;
      state = { ...state, verdict: nextVerdict, status };
      runs.push(run);
      const chosen = options();
      drawStatus(state);
      if (chosen) drawStage(state, chosen);
    },
  };
}

function progressOf(status: PanelStatus): Progress | null {
  if (status.kind !== 'running') return null;
  return { share: status.total === 0 ? 0 : status.done / status.total, isPlanning: status.stage === 'planning', text: progressNote(status) };
}

function viewingOf({ layer, forward, backward, isTable, isWhatIf, picture, ridgeScale, isLinear }: Remembered): Viewing {
  return {
    layer, isTable, isWhatIf, isLinear, ridgeScale: ridgeScale === 'own' ? 'own' : 'common',
    picture: comparisonPictures.find((known) => known === picture) ?? 'variance',
    forward: forwardQuantities.find((known) => known === forward) ?? 'activation',
    backward: backwardQuantities.find((known) => known === backward) ?? 'gradient-activation',
  };
}
