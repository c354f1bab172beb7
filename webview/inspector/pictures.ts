import type { ErrorData } from '../../src/protocol/rpc';
import { say } from '../../src/protocol/words';
import { baseName } from '../format';
import { element, icon } from '../ui/element';
import { button } from '../ui/kit';

export interface PictureActions {
  readonly showLog: () => void;
  readonly openAsText: () => void;
  readonly reload: () => void;
}

/** While the structure is read: rows in the shape of what comes. */
export function readingPicture(file: string): HTMLElement {
  const rows = Array.from({ length: 14 }, (_, index) => element('div', { class: 'skeleton-row', attributes: { 'aria-hidden': 'true' } }, [
    element('span', { class: 'bone mark' }),
    element('span', { class: `bone name length-${index % 4}` }),
    element('span', { class: 'bone medium' }),
    element('span', { class: 'bone medium optional' }),
    element('span', { class: 'bone short optional' }),
    element('span', { class: 'bone short optional' }),
    element('span', { class: 'bone medium' }),
  ]));
  return element('div', { class: 'reading', testid: 'reading', role: 'status' }, [
    element('div', { class: 'progress', attributes: { 'aria-hidden': 'true' } }, [element('div', { class: 'progress-bit' })]),
    element('p', { class: 'reading-line muted', text: say('Reading the structure of {0}…', baseName(file)), title: file }),
    ...rows,
  ]);
}

export function failedPicture(file: string, error: ErrorData, actions: PictureActions): HTMLElement {
  const glyph = icon('error');
  glyph.classList.add('severity-error');
  return element('div', { class: 'picture', testid: 'failed', role: 'alert' }, [
    glyph,
    element('h2', { text: say('{0} cannot be inspected', baseName(file)) }),
    element('p', { class: 'said copyable', text: error.message }),
    element('p', { class: 'mono copyable', text: file }),
    element('div', { class: 'actions' }, [
      button({ label: say('Reload'), kind: 'primary', testid: 'reload', onClick: actions.reload }),
      button({ label: say('Open as Text'), testid: 'open-as-text', onClick: actions.openAsText }),
      button({ label: say('Show Log'), testid: 'show-log', onClick: actions.showLog }),
    ]),
  ]);
}

/** A model that was read well and has nothing to initialize. */
export function emptyPicture(actions: PictureActions): HTMLElement {
  return element('div', { class: 'picture', testid: 'no-layers' }, [
    icon('circle-slash'),
    element('h2', { text: say('This model has no weights') }),
    element('p', {
      text: say('No operator of the graph takes a stored weight, so there is nothing to initialize. Weights may be fed as inputs, or the file may hold only '
        + 'preprocessing.'),
    }),
    element('div', { class: 'actions' }, [
      button({ label: say('Open as Text'), onClick: actions.openAsText }),
      button({ label: say('Show Log'), onClick: actions.showLog }),
    ]),
  ]);
}
