// What the page shows before there is a curve to draw.

import type { ErrorData } from '../../../src/protocol/rpc';
import type { TrainingOptions } from '../../../src/protocol/training';
import { say, sayOf } from '../../../src/protocol/words';
import { baseName } from '../../format';
import { element, icon } from '../../ui/element';
import { button, spinner } from '../../ui/kit';

export interface TrainingPictureActions {
  readonly onTrain: () => void;
  readonly onLog: () => void;
}

export function idleTraining(file: string, { schemes, seeds, steps }: TrainingOptions, { onTrain }: TrainingPictureActions): HTMLElement {
  return element('div', { class: 'picture', testid: 'training-idle' }, [
    element('h2', { text: say('Does {0} learn from here?', baseName(file)) }),
    element('p', {
      text: say('It is trained for {0} from {1}, {2} each, beside each other. The model stays as it is.',
        sayOf(steps, '{0} step', '{0} steps'), sayOf(schemes.length, '{0} start', '{0} starts'), sayOf(seeds, '{0} seed', '{0} seeds')),
    }),
    element('div', { class: 'actions' }, [button({ label: say('Train'), kind: 'primary', icon: 'play', testid: 'train-first', onClick: onTrain })]),
  ]);
}

/** Running, and no step has come yet. */
export function waitingTraining(text: string): HTMLElement {
  return element('div', { class: 'picture', testid: 'training-waiting', role: 'status' }, [spinner(text), element('p', { text })]);
}

export function stoppedTraining({ onTrain }: TrainingPictureActions): HTMLElement {
  return element('div', { class: 'picture', testid: 'training-stopped' }, [
    icon('debug-stop'),
    element('h2', { text: say('Stopped before the first step') }),
    element('div', { class: 'actions' }, [button({ label: say('Train Again'), kind: 'primary', testid: 'train-again', onClick: onTrain })]),
  ]);
}

export function failedTraining(error: ErrorData, { onTrain, onLog }: TrainingPictureActions): HTMLElement {
  const glyph = icon('error');
  glyph.classList.add('severity-error');
  return element('div', { class: 'picture', testid: 'training-failed', role: 'alert' }, [
    glyph,
    element('h2', { text: say('The training failed') }),
    element('p', { class: 'said copyable', text: error.message }),
    element('div', { class: 'actions' }, [
      button({ label: say('Train Again'), kind: 'primary', testid: 'train-again', onClick: onTrain }),
      button({ label: say('Show Log'), testid: 'training-log', onClick: onLog }),
    ]),
  ]);
}

/** The same over curves that came before the failure. */
export function failedTrainingBanner(error: ErrorData, isKept: boolean, { onTrain, onLog }: TrainingPictureActions): HTMLElement {
  const glyph = icon('error', say('failed'));
  glyph.classList.add('severity-error');
  const text = isKept ? `${error.message} ${say('What was learned up to there is kept, and can be applied.')}` : error.message;
  return element('div', { class: 'notice', testid: 'training-failed', role: 'alert' }, [
    glyph,
    element('span', { class: 'said copyable', text }),
    element('span', { class: 'spacer' }),
    button({ label: say('Train Again'), testid: 'train-again', onClick: onTrain }),
    button({ label: say('Show Log'), testid: 'training-log', onClick: onLog }),
  ]);
}
