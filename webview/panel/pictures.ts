import type { PanelStatus } from '../../src/protocol/panel';
import type { ErrorData } from '../../src/protocol/rpc';
import type { SimulationOptions } from '../../src/protocol/simulation';
import { baseName, plural } from '../format';
import { element, icon } from '../ui/element';
import { button, spinner } from '../ui/kit';

export function emptyPicture({ onPick, onSample }: Pick<PictureActions, 'onPick' | 'onSample'>): HTMLElement {
  return element('div', { class: 'picture', testid: 'panel-empty' }, [
    icon('graph-line'),
    element('h2', { text: 'No model is open' }),
    element('p', { text: 'Open a model, or a sample, to see how the variance of its activations and gradients travels through its depth.' }),
    element('div', { class: 'actions' }, [
      button({ label: 'Open Model…', kind: 'primary', testid: 'pick-model', onClick: onPick }),
      button({ label: 'Open Sample…', testid: 'pick-sample', onClick: onSample }),
    ]),
  ]);
}

export interface PictureActions {
  readonly onLog: () => void;
  readonly onPick: () => void;
  readonly onSample: () => void;
  readonly onRun: () => void;
}

export function unavailablePicture(file: string, error: ErrorData, actions: PictureActions): HTMLElement {
  return element('div', { class: 'picture', testid: 'panel-unavailable', role: 'alert' }, [
    icon('circle-slash'),
    element('h2', { text: `${baseName(file)} cannot be run here` }),
    element('p', { class: 'said copyable', text: error.message }),
    element('div', { class: 'actions' }, [
      button({ label: 'Show Log', testid: 'show-log', onClick: actions.onLog }),
      button({ label: 'Open Another Model…', testid: 'pick-model', onClick: actions.onPick }),
    ]),
  ]);
}

/** Nothing has been run yet. */
export function idlePicture(file: string, options: SimulationOptions, onRun: () => void): HTMLElement {
  const runs = options.schemes.length * options.seeds;
  return element('div', { class: 'picture', testid: 'panel-idle' }, [
    element('h2', { text: `Where does the signal of ${baseName(file)} go?` }),
    element('p', {
      text: 'A real forward and backward pass measures the variance of activations and gradients at every layer, with the weights as they are and '
        + `as they could be: ${plural(options.schemes.length, 'scheme')}, ${plural(options.seeds, 'seed')} each.`,
    }),
    element('div', { class: 'actions' }, [
      button({ label: `Run ${runs === 1 ? '1 Pass' : `${runs} Passes`}`, kind: 'primary', icon: 'play', testid: 'run-first', onClick: onRun }),
    ]),
  ]);
}

/** Running, and no result has come yet. */
export function waitingPicture(status: Extract<PanelStatus, { kind: 'running' }>): HTMLElement {
  const text = status.stage === 'planning' ? 'Preparing the graph and its backward pass…' : `Running 1 of ${status.total}…`;
  return element('div', { class: 'picture', testid: 'panel-waiting', role: 'status' }, [spinner(text), element('p', { text })]);
}

export function stoppedPicture(onRun: () => void): HTMLElement {
  return element('div', { class: 'picture', testid: 'panel-stopped' }, [
    icon('debug-stop'),
    element('h2', { text: 'Stopped before the first result' }),
    element('div', { class: 'actions' }, [button({ label: 'Run Again', kind: 'primary', testid: 'run-again', onClick: onRun })]),
  ]);
}

/** A run that finished and has nothing to draw. */
export function nothingMeasuredPicture(): HTMLElement {
  return element('div', { class: 'picture', testid: 'panel-nothing' }, [
    icon('circle-slash'),
    element('h2', { text: 'No layer could be measured' }),
    element('p', { text: 'The model has no layers with weights, or an unsupported operator hides all of them.' }),
  ]);
}

export function failedPicture(error: ErrorData, actions: PictureActions): HTMLElement {
  const glyph = icon('error');
  glyph.classList.add('severity-error');
  return element('div', { class: 'picture', testid: 'panel-failed', role: 'alert' }, [
    glyph,
    element('h2', { text: 'The run failed' }),
    element('p', { class: 'said copyable', text: error.message }),
    element('div', { class: 'actions' }, [
      button({ label: 'Run Again', kind: 'primary', testid: 'run-again', onClick: actions.onRun }),
      button({ label: 'Show Log', testid: 'show-log', onClick: actions.onLog }),
    ]),
  ]);
}

/** The same over results that came before the failure. */
export function failedBanner(error: ErrorData, actions: PictureActions): HTMLElement {
  const glyph = icon('error', 'failed');
  glyph.classList.add('severity-error');
  return element('div', { class: 'notice', testid: 'panel-failed', role: 'alert' }, [
    glyph,
    element('span', { class: 'said copyable', text: error.message }),
    element('span', { class: 'spacer' }),
    button({ label: 'Run Again', testid: 'run-again', onClick: actions.onRun }),
    button({ label: 'Show Log', testid: 'show-log', onClick: actions.onLog }),
  ]);
}
