import type { Preview, Spread, WeightPreview } from '../../src/protocol/preview';
import { roleWord } from '../../src/protocol/weightWords';
import { say, sayOf } from '../../src/protocol/words';
import { allOf, compact, exact, grouped, shape, shortened } from '../format';
import { element, icon, replaceChildren, type Child } from '../ui/element';
import { button } from '../ui/kit';
import { severityWord } from '../ui/severityWord';
import { previewPlot } from './previewPlot';

export interface PreviewViewOptions {
  readonly onApply: () => void;
  readonly onCancel: () => void;
}

export interface PreviewView {
  readonly root: HTMLElement;
  /** Null hides it. */
  show(preview: Preview | null): void;
}

/** Rows that a page draws without a pause; what is beyond is counted. */
const mostRows = 1000;
const mostUnties = 2;

/** What an edit would do, tensor by tensor, with the choice to make it or not. */
export function createPreviewView(options: PreviewViewOptions): PreviewView {
  const root = element('section', { class: 'preview', testid: 'preview', label: say('Preview of the new weights') });
  root.hidden = true;
  root.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    options.onCancel();
  });
  return {
    root,
    show(preview) {
      root.hidden = preview === null;
      if (!preview) {
        replaceChildren(root, []);
        return;
      }
      const changed = preview.weights.filter(({ after }) => after !== null);
      const left = preview.weights.filter(({ after }) => after === null);
      const apply = button({
        label: say('Apply'), kind: 'primary', testid: 'apply-preview', disabled: changed.length === 0, title: say('Make this one edit; undo takes it back'),
        onClick: options.onApply,
      });
      const cancel = button({ label: say('Cancel'), testid: 'cancel-preview', title: say('Leave everything as it is (Escape)'), onClick: options.onCancel });
      replaceChildren(root, [
        heading(preview, changed.length, left.length, [apply, cancel]),
        element('div', { class: 'preview-body', attributes: { tabindex: '0' } }, [
          preview.notes.length === 0 ? null : element('ul', { class: 'diagnostics', testid: 'preview-notes' }, preview.notes.map(note)),
          changed.length === 0 ? null : changes(changed),
          left.length === 0 ? null : leftAlone(left),
        ]),
      ]);
      (changed.length === 0 ? cancel : apply).focus();
    },
  };
}

function heading({ title, scope }: Preview, changed: number, left: number, actions: readonly HTMLElement[]): HTMLElement {
  const counts = [sayOf(changed, '{0} tensor changes', '{0} tensors change'), left === 0 ? '' : say('{0} left alone', grouped(left))];
  return element('div', { class: 'preview-heading' }, [
    element('div', { class: 'detail-title' }, [
      element('h2', { class: 'cut', text: say('Preview: {0}', title), title }),
      element('span', { class: 'muted', testid: 'preview-counts', text: [shortened(scope, 80), ...counts].filter((part) => part !== '').join(' · ') }),
    ]),
    element('div', { class: 'actions' }, actions),
  ]);
}

function note(text: string): HTMLElement {
  const mark = icon('info', severityWord('info'));
  mark.classList.add('severity-info');
  return element('li', { class: 'diagnostic' }, [mark, element('span', { text })]);
}

function changes(weights: readonly WeightPreview[]): HTMLElement {
  const header = (children: readonly Child[], kind = ''): HTMLElement => element('span', { class: `muted ${kind}`, role: 'columnheader' }, children);
  const more = weights.length - mostRows;
  return element('div', { class: 'preview-table', role: 'table', label: say('Tensors that change') }, [
    element('div', { class: 'preview-row header', role: 'row' }, [
      header([say('Tensor')]), header([say('Drawn as')]), header([say('σ now')], 'end'), header([say('σ then')], 'end'),
      header([element('span', { class: 'key present', text: say('now') }), element('span', { class: 'key then', text: say('then') })], 'legend'),
    ]),
    ...weights.slice(0, mostRows).map(row),
    more > 0 ? element('p', { class: 'muted', text: say('and {0} more, drawn in the same way', grouped(more)) }) : null,
  ]);
}

function row(weight: WeightPreview): HTMLElement {
  const { id, name, layer, role, shape: sizes, before, after } = weight;
  const cell = (kind: string, children: readonly Child[], title?: string): HTMLElement => (
    element('div', { class: kind, role: 'cell', ...(title === undefined ? {} : { title }) }, children));
  const std = exact(after?.std ?? null);
  const then = after?.sampled == null ? std : say('{0} (of {1} elements drawn for this preview)', std, grouped(after.sampled));
  return element('div', { class: 'preview-row', role: 'row', testid: 'preview-row', attributes: { 'data-weight': id } }, [
    cell('tensor', [
      element('span', { class: 'name cut', text: shortened(name, 200) }),
      element('span', { class: 'muted cut', text: `${roleWord(role)} ${shape(sizes)}` }),
    ], say('{0}\nin {1}', name, layer)),
    cell('drawn', [
      element('span', { text: after?.title ?? '' }),
      after?.kept === true ? element('span', { class: 'tag', testid: 'kept', text: say('Picked'), title: say('This layer keeps to the scheme picked for it') })
        : null,
      untied(weight),
    ]),
    cell('number end', [before ? spread(before) : '…'], before ? exact(before.std) : say('Not measured yet')),
    cell('number end', [after ? spread(after) : '–'], then),
    cell('plots', [after?.histogram ? previewPlot(before?.histogram ?? null, after.histogram) : null]),
  ]);
}

/** ".0150"; "all 1" where nothing varies. */
function spread({ std, constant }: Spread): string {
  return constant === null ? compact(std) : allOf(constant);
}

function untied({ unties }: WeightPreview): HTMLElement | null {
  if (unties.length === 0) return null;
  const others = unties.slice(0, mostUnties).map((name) => shortened(name, 60)).join(', ');
  const all = unties.length > mostUnties ? say('{0} and {1} more', others, grouped(unties.length - mostUnties)) : others;
  return element('span', { class: 'muted', testid: 'unties', text: say('no longer equal to {0}', all) });
}

function leftAlone(weights: readonly WeightPreview[]): HTMLElement {
  const shown = weights.slice(0, mostRows);
  return element('div', { class: 'preview-left', testid: 'preview-left' }, [
    element('h3', { text: say('Left alone') }),
    element('dl', { class: 'facts-list' }, shown.flatMap(({ name, left }) => [
      element('dt', { class: 'cut', text: shortened(name, 200), title: name }), element('dd', { class: 'muted', text: left ?? '' }),
    ])),
    weights.length > mostRows ? element('p', { class: 'muted', text: say('and {0} more', grouped(weights.length - mostRows)) }) : null,
  ]);
}
