import type { PanelStatus } from '../../src/protocol/panel';
import type { ErrorData } from '../../src/protocol/rpc';
import type { SimulationOptions } from '../../src/protocol/simulation';
import { say, sayOf } from '../../src/protocol/words';
import { baseName } from '../format';
import { element, icon } from '../ui/element';
import { button, spinner } from '../ui/kit';

export function emptyPicture({ onPick, onSample, onExperiment }: Pick<PictureActions, 'onPick' | 'onSample' | 'onExperiment'>): HTMLElement {
  return element('div', { class: 'picture', testid: 'panel-empty' }, [
    icon('graph-line'),
    element('h2', { text: say('No model is open') }),
    element('p', { text: say('Open a model, or a sample, to see how the variance of its activations and gradients travels through its depth.') }),
    element('div', { class: 'actions' }, [
      button({ label: say('Open Model…'), kind: 'primary', testid: 'pick-model', onClick: onPick }),
      button({ label: say('Open Sample…'), testid: 'pick-sample', onClick: onSample }),
      button({ label: say('Lecture Experiment…'), testid: 'pick-experiment', onClick: onExperiment }),
    ]),
  ]);
}

export interface PictureActions {
  readonly onLog: () => void;
  readonly onPick: () => void;
  readonly onSample: () => void;
  readonly onRun: () => void;
  readonly onExperiment: () => void;
}

export function unavailablePicture(file: string, error: ErrorData, actions: PictureActions): HTMLElement {
  return element('div', { class: 'picture', testid: 'panel-unavailable', role: 'alert' }, [
    icon('circle-slash'),
    element('h2', { text: say('{0} cannot be run here', baseName(file)) }),
    element('p', { class: 'said copyable', text: error.message }),
    element('div', { class: 'actions' }, [
      button({ label: say('Show Log'), testid: 'show-log', onClick: actions.onLog }),
      button({ label: say('Open Another Model…'), testid: 'pick-model', onClick: actions.onPick }),
    ]),
  ]);
}

/** Nothing has been run yet. */
export function idlePicture(file: string, options: SimulationOptions, onRun: () => void): HTMLElement {
  const runs = options.schemes.length * options.seeds;
  return element('div', { class: 'picture', testid: 'panel-idle' }, [
    element('h2', { text: say('Where does the signal of {0} go?', baseName(file)) }),
    element('p', {
      text: say('A real forward and backward pass measures the variance of activations and gradients at every layer, with the weights as they are and '
        + 'as they could be: {0}, {1} each.', sayOf(options.schemes.length, '{0} scheme', '{0} schemes'), sayOf(options.seeds, '{0} seed', '{0} seeds')),
    }),
    element('div', { class: 'actions' }, [
      button({ label: runs === 1 ? say('Run 1 Pass') : say('Run {0} Passes', runs), kind: 'primary', icon: 'play', testid: 'run-first', onClick: onRun }),
    ]),
  ]);
}

/** Running, and no result has come yet. */
export function waitingPicture(status: Extract<PanelStatus, { kind: 'running' }>, behind: string | null): HTMLElement {
  const text = behind !== null ? say('Waiting until the run of {0} ends or is stopped…', baseName(behind))
    : status.stage === 'planning' ? say('Preparing the graph and its backward pass…') : say('Running 1 of {0}…', status.total);
  return element('div', { class: 'picture', testid: 'panel-waiting', role: 'status' }, [spinner(text), element('p', { text })]);
}

export function stoppedPicture(onRun: () => void): HTMLElement {
  return element('div', { class: 'picture', testid: 'panel-stopped' }, [
    icon('debug-stop'),
    element('h2', { text: say('Stopped before the first result') }),
    element('div', { class: 'actions' }, [button({ label: say('Run Again'), kind: 'primary', testid: 'run-again', onClick: onRun })]),
  ]);
}

/** A run that finished and has nothing to draw. */
export function nothingMeasuredPicture(): HTMLElement {
  return element('div', { class: 'picture', testid: 'panel-nothing' }, [
    icon('circle-slash'),
    element('h2', { text: say('No layer could be measured') }),
    element('p', { text: say('The model has no layers with weights, or an unsupported operator hides all of them.') }),
  ]);
}

export function failedPicture(error: ErrorData, actions: PictureActions): HTMLElement {
  const glyph = icon('error');
  glyph.classList.add('severity-error');
  return element('div', { class: 'picture', testid: 'panel-failed', role: 'alert' }, [
    glyph,
    element('h2', { text: say('The run failed') }),
    element('p', { class: 'said copyable', text: error.message }),
    element('div', { class: 'actions' }, [
      button({ label: say('Run Again'), kind: 'primary', testid: 'run-again', onClick: actions.onRun }),
      button({ label: say('Show Log'), testid: 'show-log', onClick: actions.onLog }),
    ]),
  ]);
}

/** The same over results that came before the failure. */
export function failedBanner(error: ErrorData, actions: PictureActions): HTMLElement {
  const glyph = icon('error', say('failed'));
  glyph.classList.add('severity-error');
  return element('div', { class: 'notice', testid: 'panel-failed', role: 'alert' }, [
    glyph,
    element('span', { class: 'said copyable', text: error.message }),
    element('span', { class: 'spacer' }),
    button({ label: say('Run Again'), testid: 'run-again', onClick: actions.onRun }),
    button({ label: say('Show Log'), testid: 'show-log', onClick: actions.onLog }),
  ]);
}
