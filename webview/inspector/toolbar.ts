import { grouped } from '../format';
import { element, replaceChildren } from '../ui/element';
import { button, setText, textField } from '../ui/kit';
import { segments, type Browsing, type Segment } from './browsing';
import type { Ready } from './overview';

const segmentTitles: Readonly<Record<Segment, string>> = { all: 'All', attention: 'Needs attention', kernels: 'Kernels', frozen: 'Frozen' };

export interface ToolbarOptions {
  readonly browsing: Browsing;
  readonly onBrowse: (change: Partial<Browsing>) => void;
  readonly onReinitialize: () => void;
  readonly onOpenPanel: () => void;
}

export interface Toolbar {
  readonly root: HTMLElement;
  showState(state: Ready): void;
  showCounts(counts: Readonly<Record<Segment, number>>, segment: Segment, shown: number): void;
  showRemaining(remaining: number): void;
  clearFilter(): void;
}

export function createToolbar(options: ToolbarOptions): Toolbar {
  const filter = textField({
    label: 'Filter layers', placeholder: 'Filter', icon: 'filter', value: options.browsing.text, testid: 'filter',
    onInput: (text) => options.onBrowse({ text }),
  });
  filter.classList.add('filter');
  const group = element('div', { class: 'segments', role: 'radiogroup', label: 'Show' });
  const found = element('span', { class: 'muted number visually-hidden', role: 'status', testid: 'found' });
  const measuring = element('span', { class: 'muted number measuring', testid: 'measuring', role: 'status' });
  const actions = element('div', { class: 'actions' });

  const buttons = segments.map((segment) => {
    const choice = element('button', { class: 'segment', role: 'radio', testid: `segment-${segment}`, attributes: { type: 'button' } });
    choice.addEventListener('click', () => options.onBrowse({ segment }));
    group.append(choice);
    return { segment, choice };
  });
  group.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = buttons.findIndex(({ choice }) => choice.getAttribute('aria-checked') === 'true');
    const next = buttons[(at + step + buttons.length) % buttons.length];
    next?.choice.focus();
    next?.choice.click();
  });

  return {
    root: element('div', { class: 'toolbar', role: 'toolbar', label: 'Layers' }, [
      filter, group, found, measuring, element('span', { class: 'spacer' }), actions,
    ]),
    showState(state) {
      replaceChildren(actions, [
        button({
          label: 'Reinitialize Weights…', testid: 'reinitialize', disabled: state.readOnly !== null,
          title: state.readOnly ?? 'Choose a scheme for all weights, with a preview', onClick: options.onReinitialize,
        }),
        button({
          label: 'Gradient Panel', testid: 'open-panel', title: state.notRunnable ?? 'Show how variance travels through the depth of this network',
          disabled: state.notRunnable !== null, onClick: options.onOpenPanel,
        }),
      ]);
    },
    showCounts(counts, active, shown) {
      for (const { segment, choice } of buttons) {
        const isActive = segment === active;
        choice.setAttribute('aria-checked', String(isActive));
        choice.tabIndex = isActive ? 0 : -1;
        replaceChildren(choice, [segmentTitles[segment], element('span', { class: 'count number', text: grouped(counts[segment]) })]);
      }
      found.textContent = `${grouped(shown)} of ${grouped(counts.all)} layers`;
    },
    showRemaining(remaining) {
      measuring.textContent = remaining > 0 ? `measuring… ${grouped(remaining)} left` : '';
    },
    clearFilter: () => setText(filter, ''),
  };
}
