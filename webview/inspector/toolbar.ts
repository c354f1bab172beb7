import type { MeasuringProgress } from '../../src/protocol/inspector';
import { say } from '../../src/protocol/words';
import { grouped } from '../format';
import { element, replaceChildren } from '../ui/element';
import { button, setText, textField } from '../ui/kit';
import { segments, type Browsing, type Segment } from './browsing';
import { createMeasuring } from './measuring';
import type { Ready } from './overview';

const segmentTitles: Readonly<Record<Segment, string>> = {
  all: say('All'), attention: say('Needs attention'), kernels: say('Kernels'), frozen: say('Frozen'),
  differs: say('Differs'),
};

export interface ToolbarOptions {
  readonly browsing: Browsing;
  readonly filterText: () => string;
  readonly onBrowse: (change: Partial<Browsing>) => void;
  readonly onReinitialize: () => void;
  readonly onOpenPanel: () => void;
  readonly onStopMeasuring: () => void;
  readonly onResumeMeasuring: () => void;
  /** From the filter down to what it found. */
  readonly onLeaveFilter: () => void;
}

export interface Toolbar {
  readonly root: HTMLElement;
  /** How far measuring has come, along the lower edge. */
  readonly progressBar: HTMLElement;
  showState(state: Ready): void;
  showCounts(counts: Readonly<Record<Segment, number>>, segment: Segment, shown: number): void;
  showProgress(progress: MeasuringProgress): void;
  /** Whether there is another side to differ from. */
  showComparing(isComparing: boolean): void;
  clearFilter(): void;
  focusFilter(): void;
}

export function createToolbar(options: ToolbarOptions): Toolbar {
  const filter = textField({
    label: say('Filter layers'), placeholder: say('Filter'), icon: 'filter', value: options.browsing.text, testid: 'filter',
    onInput: (text) => options.onBrowse({ text }),
  });
  filter.classList.add('filter');
  filter.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && options.filterText() !== '') {
      setText(filter, '');
      options.onBrowse({ text: '' });
    } else if (event.key === 'Escape' || event.key === 'ArrowDown' || event.key === 'Enter') options.onLeaveFilter();
    else return;
    event.preventDefault();
  });
  const group = element('div', { class: 'segments', role: 'radiogroup', label: say('Show') });
  const found = element('span', { class: 'muted number visually-hidden', role: 'status', testid: 'found' });
  const measuring = createMeasuring({ onStop: options.onStopMeasuring, onResume: options.onResumeMeasuring });
  const actions = element('div', { class: 'actions' });

  const buttons = segments.map((segment) => {
    const choice = element('button', { class: 'segment', role: 'radio', testid: `segment-${segment}`, attributes: { type: 'button' } });
    choice.addEventListener('click', () => options.onBrowse({ segment }));
    choice.hidden = segment === 'differs';
    group.append(choice);
    return { segment, choice };
  });
  group.addEventListener('keydown', (event) => {
    const step = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const shown = buttons.filter(({ choice }) => !choice.hidden);
    const at = shown.findIndex(({ choice }) => choice.getAttribute('aria-checked') === 'true');
    const next = shown[(at + step + shown.length) % shown.length];
    next?.choice.focus();
    next?.choice.click();
  });

  return {
    root: element('div', { class: 'toolbar', role: 'toolbar', label: say('Layers') }, [
      filter, group, found, measuring.root, element('span', { class: 'spacer' }), actions,
    ]),
    progressBar: measuring.bar,
    showState(state) {
      replaceChildren(actions, [
        button({
          label: say('Reinitialize Weights…'), testid: 'reinitialize', disabled: state.readOnly !== null,
          title: state.readOnly ?? say('Choose a scheme for all weights, with a preview'), onClick: options.onReinitialize,
        }),
        button({
          label: say('Gradient Panel'), testid: 'open-panel', title: state.notRunnable ?? say('Show how variance travels through the depth of this network'),
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
      found.textContent = say('{0} of {1} layers', grouped(shown), grouped(counts.all));
    },
    showProgress: (progress) => measuring.show(progress),
    showComparing(isComparing) {
      for (const { segment, choice } of buttons) if (segment === 'differs') choice.hidden = !isComparing;
    },
    clearFilter: () => setText(filter, ''),
    focusFilter: () => filter.focus(),
  };
}
